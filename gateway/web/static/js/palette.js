// Search and commands on Ctrl/Cmd-K. Without this script the button is a link to /search.

const dialog = document.getElementById("palette");
const list = document.getElementById("palette-list");
const input = dialog?.querySelector(".palette-input");
const commands = JSON.parse(document.getElementById("palette-commands")?.textContent || "[]");
let options = [];
let chosen = 0;

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const actions = {
  language: () => document.querySelector("[data-language-form]")?.requestSubmit(document.querySelector("[data-language-form] button")),
  theme: () => document.dispatchEvent(new CustomEvent("cercle:toggle-theme")),
  "sign-out": () => document.querySelector("form[data-forget]")?.requestSubmit(),
};

function run(option) {
  dialog.close();
  if (option.href) location.assign(option.href);
  else actions[option.run]?.();
}

function iconNode(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${list.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

function optionNode(option, index) {
  const node = document.createElement("div");
  node.id = `palette-option-${index}`;
  node.className = "palette-option";
  node.setAttribute("role", "option");
  const text = Object.assign(document.createElement("span"), { textContent: option.text });
  const group = Object.assign(document.createElement("span"), { className: "palette-group", textContent: option.group || "" });
  node.append(iconNode(option.icon), text, group);
  node.addEventListener("click", () => run(option));
  node.addEventListener("mousemove", () => choose(index));
  return node;
}

function choose(index) {
  chosen = Math.max(0, Math.min(index, options.length - 1));
  [...list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === chosen)));
  const node = list.children[chosen];
  if (node) input.setAttribute("aria-activedescendant", node.id);
  node?.scrollIntoView({ block: "nearest" });
}

function draw() {
  const words = fold(input.value.trim());
  const text = input.value.trim();
  options = commands.filter((command) => fold(command.text).includes(words));
  if (text) options.push({ text: list.dataset.search.replace("{text}", text), icon: "search", href: `/search?q=${encodeURIComponent(text)}` });
  list.replaceChildren(...options.map(optionNode));
  choose(0);
}

function open(event) {
  event.preventDefault();
  if (dialog.open) return dialog.close();
  input.value = "";
  draw();
  dialog.showModal();
  input.focus();
}

if (dialog) {
  document.addEventListener("click", (event) => {
    const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
    if (plain && event.target.closest?.("[data-palette-open]")) open(event);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") open(event);
  });
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 };
    if (event.key in steps) {
      event.preventDefault();
      choose(steps[event.key]);
    }
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (options[chosen]) run(options[chosen]);
  });
}
