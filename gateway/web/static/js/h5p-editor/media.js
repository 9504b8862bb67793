// Pictures, sounds, films and files: chosen or dropped, sent as they are, described by the fields beside them.

import { announce, button, config, el, icon, w } from "./dom.js";
import { idOf } from "./fields.js";

const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

export function mediaField(form, field, path) {
  const many = field.type === "video" || field.type === "audio";
  const id = idOf(path);
  const value = form.get(path);
  const files = many ? value || [] : value?.path ? [value] : [];
  const box = el("div", { class: "hp-media" });
  files.forEach((file, index) => box.append(shown(form, field, many ? [...path, index] : path, file)));
  const status = el("p", { class: "muted small", role: "status" });
  const bar = el("progress", { max: 1, value: 0, hidden: true, "aria-label": w("media.progress") });
  const input = el("input", { type: "file", class: "input", ...form.ties(field, path), accept: config.media[field.type].map((one) => `.${one}`).join(","),
    onchange: () => input.files[0] && take(input.files[0]) });

  async function take(file) {
    bar.hidden = false;
    input.disabled = true;
    status.textContent = w("media.sending", { name: file.name });
    try {
      const made = await form.app.upload(field.type, file, (share) => { bar.value = share; });
      const about = { path: made.path, mime: made.mime, copyright: { license: "U" }, ...(field.type === "image" ? await measured(file) : {}) };
      form.model.set(many ? [...path, files.length] : path, about);
      form.refresh(path)?.querySelector("button")?.focus();
      announce(w("media.done", { name: file.name }));
    } catch (problem) {
      status.textContent = "";
      form.app.fail(path, problem.text || problem.message || w("failed"));
      bar.hidden = true;
      input.disabled = false;
      input.value = "";
    }
  }

  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  const label = files.length ? w(many ? "media.another" : "media.replace") : null;
  box.append(el("div", { class: "hp-media-add" }, label ? el("span", { class: "small muted", id: `${id}-again` }, label) : null, input, bar, status),
    el("p", { class: "help" }, w("media.help", { types: config.media[field.type].join(", "), limit: size.format(config.limit / 1048576) })));
  return form.frame(field, path, box);
}

function shown(form, field, path, file) {
  const name = file.path.split("/").at(-1);
  const url = /^https?:/.test(file.path) ? null : `/studio/h5p/files/${config.draft.id}/${file.path.replace("#tmp", "")}`;
  const look = field.type === "image" && url ? el("img", { class: "hp-thumb", src: url, alt: w("media.preview"), loading: "lazy" })
    : field.type === "audio" && url ? el("audio", { class: "hp-sound", controls: true, preload: "none", src: url })
      : field.type === "video" && url ? el("video", { class: "hp-thumb", controls: true, preload: "metadata", src: url })
        : el("span", { class: "row-mark" }, icon("file"));
  const about = [file.width && file.height ? `${file.width} × ${file.height}` : null, file.mime].filter(Boolean).join(", ");
  return el("div", { class: "hp-file" }, look,
    el("div", { class: "hp-file-text" }, el("span", { class: "hp-file-name" }, url ? name : file.path), el("span", { class: "muted small" }, about),
      button(w("media.remove"), { kind: "quiet", picture: "trash", onclick: () => {
        const parent = typeof path.at(-1) === "number" ? path.slice(0, -1) : path;
        form.model.set(path, undefined);
        form.refresh(parent)?.querySelector("input[type=file]")?.focus();
        announce(w("media.removed"));
      } }),
      rights(form, [...path, "copyright"])));
}

const LICENCES = ["U", "CC BY", "CC BY-SA", "CC BY-ND", "CC BY-NC", "CC BY-NC-SA", "CC BY-NC-ND", "CC0 1.0", "PD", "C"];

/** Who made a medium, and under which licence. */
function rights(form, path) {
  const part = (name, make) => {
    const id = `${idOf(path)}-${name}`;
    return el("div", { class: "field" }, el("label", { class: "label", for: id }, w(`rights.${name}`)), make(id));
  };
  const words = (name) => part(name, (id) => {
    const input = el("input", { class: "input", id, value: form.get([...path, name]) ?? "",
      oninput: () => form.model.set([...path, name], input.value || undefined, { merge: true }) });
    return input;
  });
  const body = () => el("div", { class: "hp-fields" }, words("title"), words("author"), words("source"), part("license", (id) => {
    const input = el("select", { class: "input input--fit", id, onchange: () => form.model.set([...path, "license"], input.value) },
      LICENCES.map((code) => el("option", { value: code, selected: (form.get([...path, "license"]) ?? "U") === code }, w(`licence.${code}`))));
    return input;
  }));
  return form.fold([...path, "$rights"], w("rights"), false, body, { kind: "rights" });
}

async function measured(file) {
  try {
    const picture = await createImageBitmap(file);
    const found = { width: picture.width, height: picture.height };
    picture.close();
    return found;
  } catch {
    return {};
  }
}
