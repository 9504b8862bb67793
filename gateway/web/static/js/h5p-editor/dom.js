// Small helpers: elements, icons, words.

export const config = JSON.parse(document.getElementById("h5p-editor-config")?.textContent || "{}");

/** A word of the page's language, with {name} replaced. */
export function w(key, values = {}) {
  const text = config.words?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** An element. Attributes: `class`, `on…` (listeners), `data` (object), booleans, anything else as it is. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A picture of the sprite; decoration. */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon${size ? ` icon--${size}` : ""}`);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${config.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows words, or only a picture whose words are read. */
export function button(text, { kind = "", picture, onclick, only = false, ...more } = {}) {
  const shown = only ? el("span", { class: "visually-hidden" }, text) : el("span", {}, text);
  const kinds = only ? "button button--icon" : `button${kind ? ` button--${kind}` : ""}`;
  return el("button", { type: "button", class: kinds, title: only ? text : null, onclick, ...more },
    picture ? icon(picture) : null, shown);
}

let live;

/** Say something to who cannot see it happen. */
export function announce(text) {
  live ??= document.querySelector("[data-said]");
  if (live) live.textContent = text;
}

export function later(run, milliseconds) {
  let timer;
  const wrapped = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), milliseconds);
  };
  wrapped.cancel = () => clearTimeout(timer);
  return wrapped;
}

const holder = document.createElement("textarea");

/** H5P stores plain text with its markup escaped: what a person reads, and back. */
export function decode(text) {
  if (typeof text !== "string" || !text.includes("&")) return text ?? "";
  holder.innerHTML = text.replaceAll("<", "&lt;");
  return holder.value;
}

export function encode(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
    .replaceAll("'", "&#039;");
}

/** The words of HTML, in one line. */
export function wordsOf(html) {
  if (typeof html !== "string") return "";
  const text = html.includes("<") ? new DOMParser().parseFromString(html, "text/html").body.textContent : decode(html);
  return text.replace(/\s+/g, " ").trim();
}

export async function api(method, path, body, { version, keepalive, raw } = {}) {
  const headers = { "X-CSRF-Token": document.body.dataset.csrf, Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
  if (version) headers["If-Match"] = `"${version}"`;
  const response = await fetch(`/api/v1${path}`, {
    method, headers, keepalive, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok || raw) return raw ? { response, answer } : answer;
  throw new Refused(response.status, answer);
}

/** A problem document. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.problem = problem;
  }

  get text() {
    return [this.problem.title, this.problem.detail].filter(Boolean).join(" ") || w("failed");
  }
}
