// Parts of contents, from one place of the editor to another, also to another content.

import { config, w } from "./dom.js";
import { copied } from "./model.js";
import { shapeOf } from "./fields.js";

const KEY = "cercle.h5p.clipboard";

export function copy(what) {
  try {
    localStorage.setItem(KEY, JSON.stringify(what));
  } catch { /* too large to be kept: then there is nothing to paste */ }
}

export function clipboard() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export const fitsItem = (held, field) => held?.kind === "item" && held.of === shapeOf(field);

/** What was copied, with ids of its own. Files of another draft are brought along. */
export async function pasted(app, field) {
  const held = clipboard();
  const value = copied(held.value, field);
  if (held.draft !== config.draft.id) {
    for (const file of mediaIn(value)) await bring(app, held.draft, file);
  }
  return value;
}

function mediaIn(value, found = []) {
  if (!value || typeof value !== "object") return found;
  if (typeof value.path === "string" && typeof value.mime === "string" && !/^https?:/.test(value.path)) found.push(value);
  Object.values(value).forEach((one) => mediaIn(one, found));
  return found;
}

async function bring(app, draft, file) {
  try {
    const response = await fetch(`/studio/h5p/files/${draft}/${file.path.replace("#tmp", "")}`);
    if (!response.ok) throw new Error(String(response.status));
    const kind = file.mime.split("/")[0];
    const blob = new File([await response.blob()], file.path.split("/").at(-1), { type: file.mime });
    const made = await app.upload(["image", "audio", "video"].includes(kind) ? kind : "file", blob, () => undefined);
    file.path = made.path;
  } catch {
    delete file.path;
    app.say(w("paste.file"));
  }
}
