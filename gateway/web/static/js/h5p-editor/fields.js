// The form: one function per type of field. What is folded is built when it is opened.

import { announce, button, decode, el, encode, icon, w, wordsOf } from "./dom.js";
import { blank, copied, emptyOf, isFlat, isPlace, isShown } from "./model.js";
import { clipboard, copy, fitsItem, pasted } from "./clipboard.js";
import { mediaField } from "./media.js";
import { filtered, richText } from "./rich.js";

const CANVAS = new Set(["dragQuestion", "interactiveVideo", "coursepresentation", "imageMultipleHotspotQuestion", "imageHotspotQuestion",
  "imageHotspots", "imageCoordinateSelector", "imageMultipleHotspot", "branchingScenario", "threeImage", "virtualTour"]);
const HELP_TAGS = new Set(["p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "code"]);
const LONG = 120;

/** "answers.0.text": how problems and addresses name a field. */
export const placeOf = (path) => (path[0] === "params" ? path.slice(1) : path).join(".");
export const idOf = (path) => `f-${placeOf(path)}`;

export class Form {
  /** app: { model, formOf(library), loadForm(library), draftId, media(kind, file, progress), language } */
  constructor(app) {
    this.app = app;
    this.model = app.model;
    this.builders = new Map();
    this.folds = new Map();
    this.live = [];
  }

  // --- the whole

  /** All fields of a library, its common texts folded at the end. */
  library(form, path) {
    const own = form.semantics.filter((field) => !field.common);
    const common = commons(form.semantics);
    return el("div", { class: "hp-fields", lang: form.label_language !== this.app.language ? form.label_language : null },
      path.length > 1 ? this.fields(own, path) : this.cards(own, path), common.length ? this.texts(common, form, path) : null);
  }

  /** At the first level, each structure has a card of its own; plain fields beside one another share one. */
  cards(fields, path) {
    const cards = [];
    let open = null;
    for (const field of fields.filter((one) => this.isOffered(one))) {
      const node = this.field(field, [...path, field.name], fields);
      if (["group", "list", "library"].includes(field.type)) open = null;
      else if (!open) cards.push(open = el("div", { class: "hp-card hp-fields" }));
      if (open) open.append(node);
      else cards.push(el("div", { class: "hp-card" }, node));
    }
    return cards;
  }

  /** Fields beside one another. */
  fields(fields, path) {
    return fields.filter((field) => this.isOffered(field)).map((field) => this.field(field, [...path, field.name], fields));
  }

  isOffered(field) {
    return !field.deprecated && !field.common && (field.widget !== "none" || isPlace(field));
  }

  texts(common, form, path) {
    const title = w("texts");
    return this.fold([...path, "$texts"], title, false, () => el("div", { class: "hp-fields" },
      el("p", { class: "help" }, w("texts.help")),
      button(w("texts.reset"), { kind: "quiet", picture: "undo", onclick: () => this.resetTexts(common, form, path) }),
      common.flatMap(([steps, field, siblings]) => this.field({ ...field, common: false }, [...path, ...steps], siblings))));
  }

  resetTexts(common, form, path) {
    this.model.change(path, () => {
      for (const [steps, field] of common) this.model.put([...path, ...steps], blank({ ...field, optional: false }));
    });
    this.refresh([...path, "$texts"]);
    announce(w("texts.done"));
  }

  // --- one field

  /** The field in its frame, which can be built again alone. */
  field(field, path, siblings) {
    const key = path.join(".");
    const build = () => {
      const node = this.build(field, path);
      node.dataset.path = placeOf(path);
      if (!node.id) node.id = idOf(path);
      if (field.importance) node.dataset.importance = field.importance;
      return node;
    };
    this.builders.set(key, build);
    const node = build();
    if (field.widget === "showWhen" || siblings?.some((one) => one.widget === "selectToggleFields")) {
      this.watch(node, () => isShown(field, siblings, path.slice(0, -1), this.model), key);
    }
    return node;
  }

  watch(node, shows, key) {
    const entry = { key, update: () => {
      const place = document.querySelector(`[data-path="${CSS.escape(placeOf(key.split(".")))}"]`) || node;
      place.hidden = !shows() && !place.querySelector("[aria-invalid=true]");
    } };
    node.hidden = !shows();
    this.live = this.live.filter((one) => one.key !== key);
    this.live.push(entry);
  }

  /** Conditions and summaries, after a change. */
  update() {
    this.live.forEach((one) => one.update());
  }

  refresh(path) {
    const build = this.builders.get(path.join("."));
    const node = document.querySelector(`[data-path="${CSS.escape(placeOf(path))}"]`);
    if (!build || !node) return null;
    const fresh = build();
    fresh.hidden = node.hidden;
    node.replaceWith(fresh);
    this.update();
    return fresh;
  }

  build(field, path) {
    switch (field.type) {
      case "text": return this.text(field, path);
      case "number": return this.number(field, path);
      case "boolean": return this.boolean(field, path);
      case "select": return this.select(field, path);
      case "list": return this.list(field, path);
      case "group": return this.group(field, path);
      case "library": return this.sub(field, path);
      case "image": case "video": case "audio": case "file": return mediaField(this, field, path);
      default: return el("div", { hidden: true });
    }
  }

  get(path) {
    return this.model.get(path);
  }

  // --- frames

  /** Label, help, place of the error, control. */
  frame(field, path, control, { label, group = false } = {}) {
    const id = idOf(path);
    const text = label ?? labelOf(field);
    const optional = field.optional && text ? el("span", { class: "label-optional" }, ` (${w("optional")})`) : null;
    const head = group
      ? el("legend", { class: "label", id: `${id}-label` }, text, optional)
      : el("label", { class: "label", for: `${id}-input`, id: `${id}-label` }, text, optional);
    return el(group ? "fieldset" : "div", { class: `field hp-field hp-field--${field.type}`, id }, head, ...this.helps(field, id),
      el("div", { class: "hp-control" }, control), el("p", { class: "error", id: `${id}-error`, hidden: true }));
  }

  helps(field, id) {
    const parts = [];
    if (field.description) parts.push(el("p", { class: "help", id: `${id}-help` }, wordsOf(field.description)));
    if (field.important?.description) parts.push(this.important(field.important));
    return parts;
  }

  important(given) {
    const body = el("div", { class: "help hp-important" });
    body.append(filtered(given.description, HELP_TAGS));
    if (given.example) body.append(el("p", {}, el("strong", {}, `${w("example")} `), wordsOf(given.example)));
    return el("details", { class: "disclosure hp-how" }, el("summary", {}, icon("info", "s"), el("span", {}, w("how"))), body);
  }

  ties(field, path) {
    const id = idOf(path);
    return { id: `${id}-input`, "aria-describedby": [field.description ? `${id}-help` : null, `${id}-error`].filter(Boolean).join(" ") };
  }

  /** A part that folds. Its body is built at the first opening. */
  fold(path, title, open, body, { summary, kind = "group", tools } = {}) {
    const key = path.join(".");
    const state = this.folds.get(key) ?? open;
    const line = summary ? el("span", { class: "hp-sum" }) : null;
    const head = el("summary", { class: "hp-fold-head" }, icon("chevron", "s"), el("span", { class: "hp-fold-title" }, title), line);
    const inside = el("div", { class: "hp-fold-body" });
    const details = el("details", { class: `hp-fold hp-fold--${kind}`, open: state, data: { fold: key } }, head, inside);
    const make = () => { if (!inside.childNodes.length) inside.append(...[body()].flat()); };
    details.make = make;
    if (state) make();
    details.addEventListener("toggle", () => {
      this.folds.set(key, details.open);
      if (details.open) { make(); this.update(); }
    });
    if (summary) {
      const say = () => { line.textContent = summary(); };
      say();
      this.live = this.live.filter((one) => one.key !== `sum:${key}`);
      this.live.push({ key: `sum:${key}`, update: say });
    }
    const whole = el("div", { class: `hp-part hp-part--${kind}` }, details, tools || null);
    if (key.endsWith("$texts")) {
      whole.dataset.path = placeOf(path);
      this.builders.set(key, () => this.fold(path, title, true, body, { summary, kind, tools }));
    }
    return whole;
  }

  // --- simple values

  text(field, path) {
    if (field.widget === "html" || field.tags) return this.rich(field, path);
    if (field.widget === "colorSelector") return this.colour(field, path);
    const long = field.widget === "textarea" || (field.maxLength ?? 255) > 255 || decode(this.get(path)).length > LONG;
    const input = el(long ? "textarea" : "input", {
      class: "input", ...this.ties(field, path), maxlength: field.maxLength || null, rows: long ? 3 : null,
      placeholder: decode(field.placeholder) || null, lang: this.app.contentLanguage(), value: decode(this.get(path)),
      oninput: () => this.model.set(path, input.value === "" ? undefined : encode(input.value), { merge: true }),
    });
    if (field.widget === "timecode") input.placeholder = "0:00";
    return this.frame(field, path, input);
  }

  rich(field, path) {
    const id = idOf(path);
    const place = el("div", { class: "hp-rich" });
    const { box } = richText(place, {
      field, html: this.get(path), labelId: `${id}-label`, lang: this.app.contentLanguage(),
      describedBy: this.ties(field, path)["aria-describedby"],
      onchange: (html) => {
        if ((this.get(path) ?? "") !== html) this.model.set(path, html === "" ? undefined : html, { merge: true });
      },
    });
    box.id = `${id}-input`;
    const frame = this.frame(field, path, place);
    frame.querySelector("label").addEventListener("click", () => box.focus());
    return frame;
  }

  colour(field, path) {
    const set = (value) => this.model.set(path, value || undefined, { merge: true });
    const words = el("input", { class: "input input--short", ...this.ties(field, path), value: decode(this.get(path)),
      oninput: () => { set(encode(words.value.trim())); if (/^#[0-9a-f]{6}$/i.test(words.value)) picker.value = words.value; } });
    const picker = el("input", { type: "color", class: "hp-colour", "aria-label": `${labelOf(field)}: ${w("colour")}`,
      value: hexOf(words.value),
      oninput: () => { words.value = picker.value; set(picker.value); } });
    return this.frame(field, path, el("div", { class: "cluster" }, picker, words));
  }

  number(field, path) {
    if (field.widget === "timecode") return this.time(field, path);
    const input = el("input", {
      class: "input input--number", type: "number", ...this.ties(field, path), min: field.min, max: field.max,
      step: field.step ?? (field.decimals ? "any" : field.decimals === 0 ? 1 : "any"), value: this.get(path) ?? "", inputmode: "decimal",
      oninput: () => this.model.set(path, input.value === "" ? undefined : Number(input.value), { merge: true }),
    });
    const unit = field.unit ? el("span", { class: "muted" }, field.unit) : null;
    const range = field.min !== undefined && field.max !== undefined ? el("span", { class: "muted small" }, w("range", { min: field.min, max: field.max })) : null;
    return this.frame(field, path, el("div", { class: "cluster" }, input, unit, range));
  }

  time(field, path) {
    const input = el("input", { class: "input input--number", ...this.ties(field, path), placeholder: "0:00", value: clockOf(this.get(path)),
      oninput: () => this.model.set(path, secondsOf(input.value), { merge: true }) });
    return this.frame(field, path, input);
  }

  boolean(field, path) {
    const id = idOf(path);
    const input = el("input", { type: "checkbox", ...this.ties(field, path), checked: Boolean(this.get(path)),
      onchange: () => this.model.set(path, input.checked) });
    return el("div", { class: "field hp-field hp-field--boolean", id },
      el("div", { class: "choice" }, input, el("label", { class: "choice-text", for: `${id}-input` }, labelOf(field),
        field.description ? el("span", { class: "choice-help", id: `${id}-help` }, wordsOf(field.description)) : null)),
      el("p", { class: "error", id: `${id}-error`, hidden: true }));
  }

  select(field, path) {
    const options = this.optionsOf(field, path);
    if (field.multiple || field.widget === "dynamicCheckboxes") return this.boxes(field, path, options);
    if (field.widget === "radioGroup") return this.radios(field, path, options);
    const value = this.get(path);
    const known = options.some((option) => same(option.value, value));
    const input = el("select", { class: "input input--fit", ...this.ties(field, path),
      onchange: () => this.model.set(path, options.find((option) => String(option.value) === input.value)?.value) });
    if (field.optional || !known) input.append(el("option", { value: "" }, field.optional ? w("none") : w("choose")));
    let group = null;
    for (const option of options) {
      if (option.group !== group) {
        group = option.group;
        if (group) input.append(el("optgroup", { label: group }));
      }
      (group ? input.lastElementChild : input).append(el("option", { value: String(option.value), selected: same(option.value, value) }, option.label));
    }
    return this.frame(field, path, input);
  }

  radios(field, path, options) {
    const id = idOf(path);
    const value = this.get(path);
    const items = options.map((option, index) => el("div", { class: "choice" },
      el("input", { type: "radio", id: index ? `${id}-${index}` : `${id}-input`, name: id, checked: same(option.value, value),
        onchange: () => this.model.set(path, option.value) }),
      el("label", { class: "choice-text", for: index ? `${id}-${index}` : `${id}-input` }, option.label)));
    return this.frame(field, path, el("div", { class: "choices" }, items), { group: true });
  }

  boxes(field, path, options) {
    const id = idOf(path);
    const chosen = () => [this.get(path) ?? []].flat().map(String);
    const items = options.map((option, index) => {
      const input = el("input", { type: "checkbox", id: index ? `${id}-${index}` : `${id}-input`, checked: chosen().includes(String(option.value)),
        onchange: () => {
          const now = options.filter((one) => (one === option ? input.checked : chosen().includes(String(one.value)))).map((one) => one.value);
          this.model.set(path, now);
        } });
      return el("div", { class: "choice" }, input, el("label", { class: "choice-text", for: input.id }, option.label));
    });
    const none = options.length ? null : el("p", { class: "muted small" }, w("nothing.yet"));
    return this.frame(field, path, el("div", { class: "choices" }, items, none), { group: true });
  }

  /** The options of a select; those that a canvas would offer come from the lists beside it. */
  optionsOf(field, path) {
    const flat = [];
    for (const option of field.options || []) {
      if (option.type === "optgroup") (option.options || []).forEach((one) => flat.push({ ...one, label: decode(one.label), group: decode(option.label) }));
      else flat.push({ value: option.value, label: decode(option.label ?? String(option.value)), group: null });
    }
    if (flat.length || field.widget !== "dynamicCheckboxes") return flat;
    const names = { correctElements: "elements" };
    for (let up = path.length - 1; up > 0; up -= 1) {
      const list = this.get([...path.slice(0, up), names[field.name] || field.name]);
      if (Array.isArray(list) && list.some((item) => item && typeof item === "object")) {
        return list.map((item, index) => ({ value: String(index), label: summaryOf(item) || String(index + 1), group: null }));
      }
    }
    return flat;
  }

  // --- structures

  group(field, path) {
    if (isFlat(field)) {
      const inner = field.fields[0];
      const named = { ...inner, label: inner.label || field.label, description: inner.description || field.description, optional: inner.optional ?? field.optional };
      return this.isOffered(inner) ? this.build(named, path) : el("div", { hidden: true });
    }
    const timed = field.widget === "duration";
    const fields = (field.fields || []).map((one) => (timed && one.type === "number" ? { ...one, widget: "timecode" } : one));
    const body = () => [
      CANVAS.has(field.widget) ? el("p", { class: "help hp-canvas" }, icon("info", "s"), el("span", {}, w("canvas"))) : null,
      field.description ? el("p", { class: "help" }, wordsOf(field.description)) : null,
      el("div", { class: "hp-fields" }, this.fields(fields, path)),
    ].filter(Boolean);
    const asked = fields.some((one) => this.isOffered(one));
    if (!asked) return el("div", { hidden: true });
    const open = field.expanded === true || field.importance === "high" || field.widget === "wizard" || CANVAS.has(field.widget)
      || (field.importance !== "low" && !field.optional);
    const whole = this.fold(path, labelOf(field), open, body, { summary: () => "" });
    whole.append(el("p", { class: "error", id: `${idOf(path)}-error`, hidden: true }));
    return whole;
  }

  list(field, path) {
    const items = this.get(path) || [];
    const inner = { ...field.field, label: field.field?.label };
    const box = el("div", { class: "hp-list" });
    const rows = el("ol", { class: "hp-items" });
    const simple = isSimple(inner);
    items.forEach((_, index) => rows.append(this.item(field, inner, path, index, items.length, simple)));
    const full = field.max !== undefined && items.length >= field.max;
    const add = full ? el("p", { class: "muted small" }, w("list.full", { max: field.max }))
      : button(w("list.add", { entity: entityOf(field) }), { picture: "plus", onclick: () => this.add(field, inner, path), data: { add: placeOf(path) } });
    const held = clipboard();
    const paste = !full && fitsItem(held, inner) ? button(w("paste"), { kind: "quiet", onclick: () => this.pasteItem(inner, path) }) : null;
    box.append(rows, el("div", { class: "actions" }, add, paste));
    const id = idOf(path);
    return el("section", { class: "hp-field hp-field--list", id, "aria-labelledby": `${id}-label` },
      el("h3", { class: "hp-list-title", id: `${id}-label` }, labelOf(field), field.optional ? el("span", { class: "label-optional" }, ` (${w("optional")})`) : null),
      ...this.helps(field, id), CANVAS.has(field.widget) ? el("p", { class: "help hp-canvas" }, icon("info", "s"), el("span", {}, w("canvas"))) : null,
      el("p", { class: "error", id: `${id}-error`, hidden: true, tabindex: "-1" }), box);
  }

  item(field, inner, path, index, count, simple) {
    const here = [...path, index];
    const name = `${capital(entityOf(field))} ${index + 1}`;
    const tools = this.tools(field, inner, path, index, count, name);
    if (simple) {
      const node = this.field({ ...inner, label: name, optional: false }, here, []);
      return el("li", { class: "hp-item hp-item--simple" }, node, tools);
    }
    const body = () => (inner.type === "group" && !isFlat(inner)
      ? el("div", { class: "hp-fields" }, this.fields(inner.fields || [], here))
      : this.field({ ...inner, label: inner.label || name }, here, []));
    const open = count <= 3;
    const part = this.fold(here, name, open, body, { summary: () => this.said(inner, here), kind: "item", tools });
    if (inner.type === "group" && !isFlat(inner)) Object.assign(part, { id: idOf(here) }).dataset.path = placeOf(here);
    return el("li", { class: "hp-item" }, part);
  }

  said(inner, path) {
    const value = this.get(path);
    if (inner.type === "library") return value?.library ? `${this.app.titleOf(value.library)} ${summaryOf(value.params)}` : "";
    return summaryOf(value);
  }

  tools(field, inner, path, index, count, name) {
    const move = (step) => {
      this.model.change(path, () => {
        const items = this.get(path);
        items.splice(index + step, 0, items.splice(index, 1)[0]);
        this.swapFolds(path, index, index + step);
      });
      this.refresh(path);
      const list = document.getElementById(idOf(path));
      list.querySelectorAll(":scope > .hp-list > .hp-items > .hp-item")[index + step]
        ?.querySelector(`[data-move="${step}"]:not([disabled]), [data-move]:not([disabled])`)?.focus();
      announce(w("list.moved", { entity: name, place: index + step + 1 }));
    };
    const tool = (text, picture, onclick, more = {}) => button(`${text}: ${name}`, { only: true, picture, onclick, ...more });
    const entry = (text, picture, onclick) => el("button", { type: "button", class: "menu-item", onclick: (event) => { event.target.closest("details").open = false; onclick(); } }, icon(picture), text);
    const full = field.max !== undefined && count >= field.max;
    return el("div", { class: "hp-tools" },
      tool(w("up"), "up", () => move(-1), { disabled: index === 0, data: { move: -1 } }),
      tool(w("down"), "down", () => move(1), { disabled: index === count - 1, data: { move: 1 } }),
      el("details", { class: "menu", data: { menu: "" } },
        el("summary", { class: "button button--icon", title: w("more") }, icon("more"), el("span", { class: "visually-hidden" }, `${w("more")}: ${name}`)),
        el("div", { class: "menu-panel" },
          full ? null : entry(w("duplicate"), "plus", () => this.duplicate(inner, path, index)),
          entry(w("copy"), "file", () => { copy({ kind: "item", draft: this.app.draftId, of: shapeOf(inner), value: this.get([...path, index]) }); announce(w("copied")); this.app.copied(); }),
          entry(w("remove"), "trash", () => this.remove(field, path, index, name)))));
  }

  swapFolds(path, one, other) {
    const moved = new Map();
    const from = [[...path, one].join("."), [...path, other].join(".")];
    for (const [key, open] of this.folds) {
      const at = from.findIndex((prefix) => key === prefix || key.startsWith(`${prefix}.`));
      moved.set(at < 0 ? key : from[1 - at] + key.slice(from[at].length), open);
    }
    this.folds = moved;
  }

  add(field, inner, path) {
    const index = (this.get(path) || []).length;
    this.folds.set([...path, index].join("."), true);
    this.model.set([...path, index], blank(inner) ?? emptyOf(inner));
    this.shown(path, index);
    announce(w("list.added", { entity: `${capital(entityOf(field))} ${index + 1}` }));
  }

  duplicate(inner, path, index) {
    this.folds.set([...path, index + 1].join("."), true);
    this.model.change(path, () => this.get(path).splice(index + 1, 0, copied(this.get([...path, index]), inner)));
    this.shown(path, index + 1);
  }

  async pasteItem(inner, path) {
    const index = (this.get(path) || []).length;
    const value = await pasted(this.app, inner);
    this.folds.set([...path, index].join("."), true);
    this.model.set([...path, index], value);
    this.shown(path, index);
  }

  remove(field, path, index, name) {
    this.model.set([...path, index], undefined);
    const list = this.refresh(path);
    const items = list.querySelectorAll(":scope > .hp-list > .hp-items > .hp-item");
    (items[Math.min(index, items.length - 1)]?.querySelector("summary, input, [data-move]") || list.querySelector("[data-add]"))?.focus();
    announce(w("list.removed", { entity: name }));
    this.app.removed(name);
  }

  /** Build the list again and put the focus into one of its items. */
  shown(path, index) {
    const list = this.refresh(path);
    const item = list?.querySelectorAll(":scope > .hp-list > .hp-items > .hp-item")[index];
    item?.querySelector(".hp-fold-body :is(input, textarea, select, [role=textbox]), input, textarea, select")?.focus();
    item?.scrollIntoView({ block: "nearest" });
  }

  // --- content within content

  sub(field, path) {
    const offered = this.offers(field);
    const value = this.get(path);
    const chosen = value?.library;
    const id = idOf(path);
    const input = el("select", { class: "input input--fit", ...this.ties(field, path), onchange: () => this.choose(path, input.value) },
      el("option", { value: "" }, field.optional ? w("none") : w("choose")),
      offered.map((one) => el("option", { value: one.library, selected: one.library === chosen }, one.title)));
    if (chosen && !offered.some((one) => one.library === chosen)) {
      input.append(el("option", { value: chosen, selected: true }, `${this.app.titleOf(chosen)} (${chosen.split(" ").at(-1)})`));
    }
    const held = clipboard();
    const fits = held?.kind === "library" && offered.some((one) => one.library.split(" ")[0] === held.value.library.split(" ")[0]);
    const tools = el("div", { class: "cluster" }, input,
      chosen ? button(w("copy"), { kind: "quiet", onclick: () => { copy({ kind: "library", draft: this.app.draftId, value: this.get(path) }); announce(w("copied")); this.app.copied(); } }) : null,
      fits ? button(w("paste"), { kind: "quiet", onclick: () => this.pasteInto(path) }) : null);
    const form = chosen ? this.app.formOf(chosen) : null;
    const frame = this.frame(field, path, tools);
    if (!offered.length && !chosen) frame.append(el("p", { class: "muted small" }, w("sub.none")));
    if (chosen && !form) frame.append(el("p", { class: "muted small" }, w("sub.unknown")));
    if (form) {
      frame.append(el("div", { class: "hp-sub" }, this.subTitle(path, chosen), this.library(form, [...path, "params"])));
    } else if (!chosen && !field.optional && offered.length === 1) {
      queueMicrotask(() => this.choose(path, offered[0].library, true));
    }
    frame.id = id;
    return frame;
  }

  subTitle(path, library) {
    const id = `${idOf(path)}-title`;
    const where = [...path, "metadata", "title"];
    const input = el("input", { class: "input", id, maxlength: 255, lang: this.app.contentLanguage(), value: decode(this.get(where)),
      placeholder: this.app.titleOf(library), oninput: () => this.model.set(where, encode(input.value), { merge: true }) });
    return el("div", { class: "field" }, el("label", { class: "label", for: id }, w("sub.title"), el("span", { class: "label-optional" }, ` (${w("optional")})`)), input);
  }

  /** Libraries that a field offers, as far as they are installed. */
  offers(field) {
    const names = (field.options || []).map((one) => (typeof one === "string" ? one : one?.name)).filter(Boolean);
    return names.map((name) => this.app.offer(name)).filter(Boolean);
  }

  async choose(path, library, quiet = false) {
    if (!library) {
      this.model.set(path, undefined);
    } else {
      const form = await this.app.loadForm(library);
      const made = blank({ type: "group", isSubContent: true, fields: form.semantics });
      const value = { library, params: made, subContentId: crypto.randomUUID(), metadata: { contentType: form.title, license: "U", title: "" } };
      if (quiet) this.model.put(path, value);
      else this.model.set(path, value);
    }
    const fresh = this.refresh(path);
    if (!quiet) fresh?.querySelector("select")?.focus();
  }

  async pasteInto(path) {
    const value = await pasted(this.app);
    await this.app.loadForms(value);
    this.model.set(path, value);
    this.refresh(path)?.querySelector("select")?.focus();
  }

  // --- problems

  /** Open everything around a field; the field's element, or the nearest that there is. */
  reveal(place) {
    const steps = place.split(".");
    for (let count = 1; count <= steps.length; count += 1) {
      const key = ["params", ...steps.slice(0, count)].join(".");
      document.querySelectorAll(`details[data-fold="${CSS.escape(key)}"]`).forEach((one) => { one.make(); one.open = true; });
    }
    for (let count = steps.length; count > 0; count -= 1) {
      const near = document.querySelector(`[data-path="${CSS.escape(steps.slice(0, count).join("."))}"]`);
      if (near) return this.unfolded(near);
    }
    return null;
  }

  unfolded(node) {
    for (let one = node.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    node.hidden = false;
    return node;
  }
}

// --- small things

/** Texts that are common, however deep they are: [steps, field, siblings]. */
function commons(fields, steps = [], all = false) {
  return fields.flatMap((field) => {
    const here = [...steps, field.name];
    const common = all || field.common;
    if (field.deprecated || field.widget === "none") return [];
    if (field.type === "group" && !isFlat(field)) return commons(field.fields || [], here, common);
    return common && field.type !== "list" ? [[here, field, fields]] : [];
  });
}

// Fields that a canvas sets have no label in semantics.json.
const UNNAMED = ["from", "to", "x", "y", "width", "height"];
export const labelOf = (field) => decode(field.label) || (UNNAMED.includes(field.name) ? w(`field.${field.name}`) : spaced(field.name || ""));
const spaced = (name) => capital(name.replace(/([a-z0-9])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`));
export const capital = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
export const entityOf = (field) => decode(field.entity) || decode(field.field?.label) || spaced(field.field?.name || "").toLowerCase() || w("item");
const same = (one, other) => other !== undefined && other !== null && String(one) === String(other);
const isSimple = (field) => (field.type === "text" && !field.tags && field.widget !== "html") || ["number", "select", "boolean"].includes(field.type);
export const shapeOf = (field) => `${field.type}:${(field.fields || []).map((one) => one.name).join(",")}:${(field.options || []).length}`;

/** The first words in a value. */
export function summaryOf(value, depth = 0) {
  if (typeof value === "string") return wordsOf(value).slice(0, 80);
  if (!value || typeof value !== "object" || depth > 4) return "";
  for (const [key, inner] of Object.entries(value)) {
    if (["subContentId", "library", "path", "mime", "id", "license", "contentType", "metadata", "copyright"].includes(key)) continue;
    const found = summaryOf(inner, depth + 1);
    if (found) return found;
  }
  return "";
}

/** A colour for the picker, which knows hexadecimal only. */
function hexOf(text) {
  if (/^#[0-9a-f]{6}$/i.test(text)) return text;
  const parts = /^rgba?\((\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})/.exec(text);
  return parts ? `#${parts.slice(1, 4).map((part) => Math.min(255, Number(part)).toString(16).padStart(2, "0")).join("")}` : "#000000";
}

function clockOf(seconds) {
  if (typeof seconds !== "number") return "";
  const whole = Math.floor(seconds / 60);
  return `${whole}:${String(Math.round((seconds - whole * 60) * 10) / 10).padStart(2, "0")}`;
}

function secondsOf(text) {
  const parts = text.trim().split(":").map((part) => Number(part.replace(",", ".")));
  if (!text.trim() || parts.some(Number.isNaN)) return undefined;
  return parts.reduce((total, part) => total * 60 + part, 0);
}
