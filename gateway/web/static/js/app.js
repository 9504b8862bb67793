// Theme, menus, dialogs, toasts. Everything is delegated from the document, so that swapped-in parts work too.

const root = document.documentElement;

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function labelTheme() {
  for (const label of document.querySelectorAll("[data-theme-toggle] [data-dark]")) {
    label.textContent = isDark() ? label.dataset.light : label.dataset.dark;
  }
  for (const use of document.querySelectorAll("[data-theme-toggle] use")) {
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, isDark() ? "#sun" : "#moon"));
  }
}

// Answers that a page before could not send (see outgoing.js) go out from whichever page comes next.
const { owner, csrf } = document.body.dataset;
try {
  if (owner && Object.keys(localStorage).some((key) => key.startsWith(`cercle-out:${owner}:`))) {
    import("./outgoing.js").then(({ sendLeftovers }) => sendLeftovers(owner, csrf));
  }
} catch {
  // Storage refused: there is nothing left over.
}

export function toggleTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem("cercle.theme", root.dataset.theme);
  } catch {
    // Storage refused: the choice holds for this page.
  }
  labelTheme();
  document.dispatchEvent(new CustomEvent("cercle:theme"));
}

export function toast(text, href, linkText) {
  const place = document.querySelector("[data-toasts]");
  const template = document.getElementById("toast-template");
  if (!place || !template) return;
  const node = template.content.firstElementChild.cloneNode(true);
  const words = node.querySelector("[data-toast-text]");
  words.textContent = text;
  if (href && href.startsWith("/") && !href.startsWith("//")) {
    const link = Object.assign(document.createElement("a"), { href, textContent: linkText || text });
    words.replaceChildren(...(linkText ? [`${text} `, link] : [link]));
  }
  place.append(node);
  while (place.children.length > 3) place.firstElementChild.remove();
  dismissLater(node);
}

function dismissLater(node) {
  let timer = setTimeout(() => node.remove(), 10000);
  for (const hold of ["mouseenter", "focusin"]) node.addEventListener(hold, () => clearTimeout(timer));
  for (const free of ["mouseleave", "focusout"]) {
    node.addEventListener(free, () => (timer = setTimeout(() => node.remove(), 4000)));
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-theme-toggle], [data-dialog], [data-close]");
  closeMenus(event.target.closest?.("details[data-menu]"));
  if (!target) {
    if (event.target.matches?.("dialog[open]")) event.target.close(); // a click on the backdrop
    return;
  }
  if ("themeToggle" in target.dataset) toggleTheme();
  if (target.dataset.close) target.closest(target.dataset.close === "toast" ? ".toast" : "dialog")?.[target.dataset.close === "toast" ? "remove" : "close"]();
  const dialog = target.dataset.dialog && document.getElementById(target.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Signing out leaves nothing of a survey in this browser (js/survey/answer.js keeps answers while there is no network).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-forget]")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("cercle.survey.")) localStorage.removeItem(key);
  } catch {
    // Storage refused: nothing was kept.
  }
});

document.addEventListener("cercle:toggle-theme", toggleTheme);
document.addEventListener("cercle:toast", (event) => toast(event.detail.text, event.detail.href, event.detail.link));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", labelTheme);
labelTheme();
