// The parts of the content at a glance: what has items or content of its own, three levels deep.

import { el, w } from "./dom.js";
import { isFlat } from "./model.js";
import { capital, entityOf, labelOf, placeOf, summaryOf } from "./fields.js";

export function outline(place, app) {
  if (!place) return;
  const form = app.formOf(app.draft.library);
  const tree = parts(form.semantics, ["params"], app, 1);
  const start = entry({ label: w("about"), path: ["metadata", "title"] }, app);
  place.replaceChildren(el("ol", { class: "hp-toc" }, start, tree));
}

function entry({ label, path, below = [], muted }, app) {
  const place = placeOf(path);
  return el("li", {},
    el("a", { href: `#f-${place}`, onclick: (event) => { event.preventDefault(); app.reveal(place); } }, el("span", { class: muted ? "muted" : null }, label)),
    below.length ? el("ol", {}, below) : null);
}

function parts(fields, path, app, depth) {
  return fields.flatMap((field) => {
    if (field.common || field.deprecated || field.widget === "none") return [];
    const here = [...path, field.name];
    const node = document.querySelector(`[data-path="${CSS.escape(placeOf(here))}"]`);
    if (node?.hidden) return [];
    if (depth === 1 && ["text", "image", "video", "audio"].includes(field.type) && field.importance !== "low") return entry({ label: labelOf(field), path: here }, app);
    return part(field, here, app, depth);
  });
}

function part(field, path, app, depth) {
  if (field.type === "group") {
    if (isFlat(field)) return part({ ...field.fields[0], label: field.fields[0].label || field.label }, path, app, depth);
    const below = depth < 3 ? parts(field.fields || [], path, app, depth + 1) : [];
    return depth === 1 || below.length ? entry({ label: labelOf(field), path, below }, app) : [];
  }
  if (field.type === "list") {
    const items = app.model.get(path) || [];
    const below = depth < 3 && field.field && ["group", "library"].includes(field.field.type)
      ? items.slice(0, 60).map((_, index) => item(field, [...path, index], app, depth + 1)) : [];
    return entry({ label: `${labelOf(field)} (${items.length})`, path, below }, app);
  }
  if (field.type === "library") {
    const library = app.model.get(path)?.library;
    return library ? content(app.titleOf(library), path, app, depth) : [];
  }
  return [];
}

function content(label, path, app, depth) {
  const form = app.formOf(app.model.get(path)?.library);
  const below = form && depth < 3 ? parts(form.semantics, [...path, "params"], app, depth + 1) : [];
  return entry({ label, path, below }, app);
}

function item(field, path, app, depth) {
  const value = app.model.get(path);
  const number = path.at(-1) + 1;
  const words = summaryOf(value?.params ?? value);
  const label = `${number}. ${words || (value?.library ? app.titleOf(value.library) : capital(entityOf(field)))}`;
  return entry({ label: label.length > 60 ? `${label.slice(0, 58)}…` : label, path, muted: !words }, app);
}

