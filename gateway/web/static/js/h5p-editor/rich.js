// A text with a few styles: only what the field's semantics allow, in, while pasting, and out.

import Squire from "../../vendor/squire.mjs";
import { el, later, w } from "./dom.js";

const BASE = ["div", "span", "p", "br"];
const BRINGS = {
  table: ["tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup", "col", "figure", "figcaption"],
  ul: ["li"], ol: ["li"], b: ["strong"], strong: ["b"], i: ["em"], em: ["i"], del: ["s"], strike: ["s", "del"], s: ["del"],
};
const GONE = new Set(["script", "style", "textarea", "option", "select", "iframe", "object", "embed", "template", "svg",
  "math", "noscript", "title", "head", "meta", "link", "form", "input", "button"]);
const KEPT = { a: ["href", "target"], td: ["colspan", "rowspan"], th: ["colspan", "rowspan", "scope"], ol: ["start"], img: ["alt"] };
const SAFE = /^(https?:|mailto:|tel:|[#/]|[^:]*$)/i;

export function tagsOf(listed) {
  const named = (listed || []).map((tag) => String(tag).toLowerCase());
  return new Set([...BASE, ...named, ...named.flatMap((tag) => BRINGS[tag] || [])].filter((tag) => !GONE.has(tag)));
}

/** Parsed in a document that loads and runs nothing. A style is set aside, so that this page never applies it. */
export function filtered(html, tags) {
  const source = new DOMParser().parseFromString(html, "text/html").body;
  const fragment = document.createDocumentFragment();
  source.childNodes.forEach((node) => append(fragment, node, tags));
  return fragment;
}

function append(place, node, tags) {
  if (node.nodeType === Node.TEXT_NODE) place.append(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const tag = node.localName;
  if (GONE.has(tag)) return;
  const into = tags.has(tag) ? place.appendChild(copyOf(node, tag)) : place;
  node.childNodes.forEach((child) => append(into, child, tags));
}

function copyOf(node, tag) {
  const copy = document.createElement(tag);
  const style = node.getAttribute("style") ?? node.dataset?.style;
  if (style) copy.dataset.style = style;
  for (const name of [...(KEPT[tag] || []), "class", "lang", "dir"]) {
    const value = node.getAttribute(name);
    if (value !== null && (name !== "href" || SAFE.test(value.trim()))) copy.setAttribute(name, value);
  }
  return copy;
}

/** The editor's HTML as H5P stores it. */
function stored(html, tags, listed) {
  const fragment = filtered(html, tags);
  const rename = (from, to) => fragment.querySelectorAll(from).forEach((node) => {
    const other = el(to);
    other.append(...node.childNodes);
    node.replaceWith(other);
  });
  if (listed.includes("strong")) rename("b", "strong");
  if (listed.includes("em")) rename("i", "em");
  fragment.querySelectorAll("br:last-child").forEach((br) => {
    if (br.parentNode !== fragment && br.previousSibling) br.remove();
  });
  if (!fragment.textContent.trim() && !fragment.querySelector("img, hr, table")) return "";
  const holder = el("div");
  holder.append(fragment);
  return holder.innerHTML.replace(/ data-style="/g, ' style="').replaceAll("<div><br></div>", "").replaceAll("<p><br></p>", "");
}

const INLINE = {
  strong: ["B", "bold", "removeBold"], em: ["I", "italic", "removeItalic"], u: ["U", "underline", "removeUnderline"],
  s: ["S", "strikethrough", "removeStrikethrough"], sub: ["SUB", "subscript", "removeSubscript"],
  sup: ["SUP", "superscript", "removeSuperscript"],
};
const LOOKS = { strong: "B", em: "I", u: "U", s: "S", sub: "x₂", sup: "x²", code: "</>", ul: "•", ol: "1.", a: "↗", blockquote: "”", hr: "―" };

/** Put an editor into `place`; `onchange(html)` when something is typed. Returns { focus, destroy }. */
export function richText(place, { field, html, labelId, describedBy, lang, onchange }) {
  const listed = (field.tags || []).map((tag) => String(tag).toLowerCase());
  const tags = tagsOf(listed);
  const box = el("div", {
    class: "input hp-rich-box", role: "textbox", "aria-multiline": "true", "aria-labelledby": labelId,
    "aria-describedby": describedBy, lang, spellcheck: "true",
  });
  const editor = new Squire(box, {
    blockTag: field.enterMode === "p" || listed.includes("p") ? "P" : "DIV",
    addLinks: tags.has("a"),
    sanitizeToDOMFragment: (given) => filtered(given, tags),
  });
  editor.setHTML(html || "");
  const bar = toolbar(editor, tags, field, labelId);
  place.append(bar, box);
  let last = stored(editor.getHTML(), tags, listed); // opening a text is no change, though it is written anew
  const compare = () => {
    const now = stored(editor.getHTML(), tags, listed);
    if (now !== last) onchange(last = now);
  };
  const tell = later(compare, 250);
  editor.addEventListener("input", tell);
  box.addEventListener("blur", () => {
    tell.cancel();
    compare();
  });
  return { focus: () => editor.focus(), box };
}

function toolbar(editor, tags, field, labelId) {
  const bar = el("div", { class: "hp-rich-bar", role: "toolbar", "aria-labelledby": labelId });
  const marks = [];
  const tool = (name, run, format) => {
    const text = w(`rich.${name}`);
    const node = el("button", {
      type: "button", class: `hp-rich-tool hp-rich-tool--${name}`, title: text, "aria-label": text,
      "aria-pressed": format ? "false" : null, tabindex: "-1",
      onmousedown: (event) => event.preventDefault(), onclick: () => { run(); mark(); },
    }, LOOKS[name] || name.toUpperCase());
    if (format) marks.push([node, format]);
    bar.append(node);
  };
  const mark = () => marks.forEach(([node, format]) => node.setAttribute("aria-pressed", String(format())));
  for (const [name, [format, on, off]] of Object.entries(INLINE)) {
    if (!tags.has(name) && !(name === "s" && tags.has("del"))) continue;
    tool(name, () => (editor.hasFormat(format) ? editor[off]() : editor[on]()), () => editor.hasFormat(format));
  }
  if (tags.has("code")) {
    tool("code", () => editor.changeFormat(...(editor.hasFormat("CODE") ? [null, { tag: "CODE" }] : [{ tag: "CODE" }, null])),
      () => editor.hasFormat("CODE"));
  }
  for (const level of ["h2", "h3", "h4"]) {
    if (tags.has(level)) tool(level, () => block(editor, level), () => editor.hasFormat(level.toUpperCase()));
  }
  if (tags.has("ul")) tool("ul", () => (editor.hasFormat("UL") ? editor.removeList() : editor.makeUnorderedList()), () => editor.hasFormat("UL"));
  if (tags.has("ol")) tool("ol", () => (editor.hasFormat("OL") ? editor.removeList() : editor.makeOrderedList()), () => editor.hasFormat("OL"));
  if (tags.has("blockquote")) tool("blockquote", () => (editor.hasFormat("BLOCKQUOTE") ? editor.decreaseQuoteLevel() : editor.increaseQuoteLevel()), () => editor.hasFormat("BLOCKQUOTE"));
  if (tags.has("a")) tool("a", () => link(editor), () => editor.hasFormat("A"));
  if (tags.has("hr")) tool("hr", () => editor.insertHTML("<hr>"));
  bar.firstElementChild?.setAttribute("tabindex", "0");
  bar.addEventListener("keydown", walk);
  editor.addEventListener("pathChange", mark);
  editor.addEventListener("select", mark);
  editor.addEventListener("cursor", mark);
  return bar;
}

/** Arrow keys go through the tools; one of them is in the tab order. */
function walk(event) {
  const tools = [...event.currentTarget.children];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = tools.at((tools.indexOf(event.target) + step) % tools.length);
  tools.forEach((one) => one.setAttribute("tabindex", one === next ? "0" : "-1"));
  next.focus();
}

function block(editor, level) {
  const plain = editor.hasFormat(level.toUpperCase());
  editor.modifyBlocks((fragment) => {
    fragment.querySelectorAll("p, div, h2, h3, h4, h5, h6").forEach((node) => {
      const other = plain ? editor.createDefaultBlock([...node.childNodes]) : el(level, {}, ...node.childNodes);
      node.replaceWith(other);
    });
    return fragment;
  });
  editor.focus();
}

function link(editor) {
  if (editor.hasFormat("A")) return editor.removeLink();
  const range = editor.getSelection();
  const place = document.querySelector("[data-link-dialog]");
  const input = place.querySelector("input");
  input.value = "https://";
  place.showModal();
  input.select();
  place.addEventListener("close", () => {
    editor.focus();
    editor.setSelection(range);
    const address = input.value.trim();
    if (place.returnValue === "ok" && /^(https?:\/\/.|mailto:.)/i.test(address)) editor.makeLink(address);
    place.returnValue = "";
  }, { once: true });
  return undefined;
}
