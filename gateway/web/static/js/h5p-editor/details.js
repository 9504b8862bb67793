// Title, language, licence, authors and display of the content.

import { button, el, w } from "./dom.js";

const LICENCES = ["U", "CC BY", "CC BY-SA", "CC BY-ND", "CC BY-NC", "CC BY-NC-SA", "CC BY-NC-ND", "CC0 1.0", "PD", "C"];
const VERSIONED = new Set(["CC BY", "CC BY-SA", "CC BY-ND", "CC BY-NC", "CC BY-NC-SA", "CC BY-NC-ND"]);
const ROLES = ["Author", "Editor", "Licensee", "Originator"];
const DISPLAY = ["frame", "download", "embed", "copyright", "about"];

export function details(app) {
  const { model, form } = app;
  const at = (name) => ["metadata", name];
  const field = (name, control, help) => el("div", { class: "field hp-field", id: `f-metadata.${name}`, data: { path: `metadata.${name}` } },
    el("label", { class: "label", for: `f-metadata.${name}-input` }, w(name)), help ? el("p", { class: "help", id: `f-metadata.${name}-help` }, help) : null,
    control, el("p", { class: "error", id: `f-metadata.${name}-error`, hidden: true }));
  const words = (name, help, more = {}) => {
    const input = el(more.rows ? "textarea" : "input", { class: "input", id: `f-metadata.${name}-input`, maxlength: 255,
      "aria-describedby": [help ? `f-metadata.${name}-help` : null, `f-metadata.${name}-error`].filter(Boolean).join(" "), value: model.get(at(name)) ?? "", ...more,
      oninput: () => model.set(at(name), input.value, { merge: true }) });
    return field(name, input, help);
  };
  const choice = (name, options, change, help) => {
    const input = el("select", { class: "input input--fit", id: `f-metadata.${name}-input`, onchange: () => change(input.value) },
      options.map(([value, text]) => el("option", { value, selected: (model.get(at(name)) ?? options[0][0]) === value }, text)));
    return field(name, input, help);
  };
  const language = choice("language", [["fr", w("language.fr")], ["en", w("language.en")], ["und", w("language.und")]], (value) => app.setLanguage(value), w("language.help"));
  const more = () => el("div", { class: "hp-fields" },
    el("p", { class: "muted small" }, w("type.is", { name: app.titleOf(app.draft.library), version: app.draft.library.split(" ").at(-1) })),
    words("a11yTitle", w("a11yTitle.help")),
    choice("license", LICENCES.map((code) => [code, w(`licence.${code}`)]), (value) => {
      model.change(at("license"), () => {
        model.put(at("license"), value);
        model.put(at("licenseVersion"), VERSIONED.has(value) ? "4.0" : undefined);
      });
    }),
    authors(app), words("source", w("source.help"), { type: "url", maxlength: 500 }), display(app));
  return el("div", { class: "hp-about" }, words("title", null, { lang: app.contentLanguage(), required: true }), language,
    form.fold(["metadata", "$more"], w("details"), false, more, { kind: "group" }));
}

function authors(app) {
  const { model } = app;
  const path = ["metadata", "authors"];
  const box = el("fieldset", { class: "field hp-authors" });
  const draw = () => {
    const list = model.get(path) || [];
    box.replaceChildren(el("legend", { class: "label" }, w("authors")), ...list.map((author, index) => {
      const name = el("input", { class: "input", "aria-label": w("author.name", { n: index + 1 }), value: author.name, maxlength: 255,
        oninput: () => model.set([...path, index, "name"], name.value, { merge: true }) });
      const role = el("select", { class: "input input--fit", "aria-label": w("author.role", { n: index + 1 }), onchange: () => model.set([...path, index, "role"], role.value) },
        ROLES.map((one) => el("option", { value: one, selected: author.role === one }, w(`role.${one}`))));
      return el("div", { class: "hp-author" }, name, role, button(w("author.remove", { n: index + 1 }), { only: true, picture: "trash", onclick: () => { model.set([...path, index], undefined); draw(); box.querySelector("[data-add]").focus(); } }));
    }), button(w("author.add"), { kind: "quiet", picture: "plus", data: { add: "" }, onclick: () => {
      model.set([...path, list.length], { name: "", role: "Author" });
      draw();
      [...box.querySelectorAll("input")].at(-1).focus();
    } }));
  };
  draw();
  return box;
}

function display(app) {
  const { model } = app;
  return el("fieldset", { class: "field" }, el("legend", { class: "label" }, w("display")), el("p", { class: "help" }, w("display.help")),
    el("div", { class: "choices" }, DISPLAY.map((name) => {
      const id = `hp-display-${name}`;
      const input = el("input", { type: "checkbox", id, checked: Boolean(model.get(["metadata", "display", name])),
        onchange: () => model.set(["metadata", "display", name], input.checked) });
      return el("div", { class: "choice" }, input, el("label", { class: "choice-text", for: id }, w(`display.${name}`)));
    })));
}
