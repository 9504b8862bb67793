// The builder without waiting: what is typed is saved at once, buttons change only what they concern, drag does what the
// arrows do, and every change of the questions can be undone and redone. Without this script each button is a plain form.

import { drag } from "../quiz-drag.js";

const form = document.getElementById("builder");
const place = `cercle.builder.${form.dataset.builder}`;
const MOST = 40;
const status = form.querySelector("[data-autosave-status]");
const state = { busy: Promise.resolve(), dirty: false, timer: 0, typed: 0 };

// --- what the questions were and will be again

const elements = () => form.querySelector("[data-elements]").value;
const trail = { past: [], future: [], now: elements() };
try {
  const kept = JSON.parse(sessionStorage.getItem(place) || "null");
  if (kept?.now === trail.now) Object.assign(trail, kept);
} catch {
  // Storage refused: the trail begins here.
}

function remember(moved) {
  const now = elements();
  if (now !== trail.now) {
    if (!moved) {
      trail.past = [...trail.past, trail.now].slice(-MOST);
      trail.future = [];
    }
    trail.now = now;
  }
  try {
    sessionStorage.setItem(place, JSON.stringify(trail));
  } catch {
    // Storage full or refused: the trail lasts as long as the page.
  }
  form.querySelector("[data-undo]").disabled = !trail.past.length;
  form.querySelector("[data-redo]").disabled = !trail.future.length;
}

async function travel(from, to, said) {
  if (!trail[from].length) return;
  clearTimeout(state.timer);
  const target = trail[from].at(-1);
  const leaving = trail.now;
  const done = await send({ do: "undo", before: target }, true);
  if (!done) return;
  trail[from].pop();
  trail[to].push(leaving);
  trail.now = elements();
  remember(true);
  show("said", said);
}

form.querySelector("[data-undo]").addEventListener("click", () => travel("past", "future", form.dataset.undone));
form.querySelector("[data-redo]").addEventListener("click", () => travel("future", "past", form.dataset.redone));
form.addEventListener("keydown", (event) => {
  // In a field these keys take back letters, as everywhere.
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  form.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]").click();
});

// --- sending: one after the other, so that each has the version that the one before it made

function show(kind, text) {
  status.dataset.state = kind;
  status.textContent = kind === "said" ? text : (status.dataset[kind] || "").replace("{time}", text || "");
}

function clock() {
  return new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format(new Date());
}

// more: fields beside those of the form; whole: take the whole builder from the answer, not only what is live in it.
function send(more, whole) {
  const next = state.busy.then(() => sendNow(more, whole));
  state.busy = next.catch(() => {});
  return next;
}

async function sendNow(more, whole) {
  const typed = state.typed;
  const body = new FormData(form);
  body.set("idem", crypto.randomUUID());
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  show("saving");
  // What the answer replaces cannot be typed into meanwhile: it would be lost.
  const grid = form.querySelector(".builder-grid");
  grid.inert = whole;
  let page;
  try {
    const headers = { "X-CSRF-Token": document.body.dataset.csrf, "HX-Request": "true", Accept: "text/html" };
    const answer = await fetch(form.action, { method: "POST", body, headers });
    if (answer.redirected && !new URL(answer.url).pathname.endsWith(new URL(form.action).pathname.split("/").at(-1))) {
      state.dirty = false;
      location.assign(answer.url);
      return false;
    }
    page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("builder");
  } catch {
    page = null;
  }
  grid.inert = false;
  if (!page) {
    show("error");
    state.timer = setTimeout(quietly, 8000);
    return false;
  }
  take(page, whole);
  const refused = page.querySelector("[data-error-summary], .callout--harm");
  if (typed === state.typed) state.dirty = Boolean(refused);
  show(refused ? "error" : "saved", clock());
  if (refused) status.textContent = "";
  return !refused;
}

function take(page, whole) {
  if (whole) form.querySelector(".builder-grid").replaceWith(page.querySelector(".builder-grid"));
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const old = form.querySelector(`[data-live="${fresh.dataset.live}"]`);
    if (old) withFocus(old, () => old.replaceWith(fresh));
  }
  const at = form.elements.at.value;
  history.replaceState(history.state, "", at ? `?at=${at}` : location.pathname);
  begin();
}

// A button that had the focus is found again by what it does.
function withFocus(part, change) {
  const { id, name, value } = document.activeElement;
  const inside = part.contains(document.activeElement);
  change();
  if (!inside) return;
  const again = (id && document.getElementById(id)) || (name && form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`));
  if (again && !again.disabled) again.focus({ preventScroll: true });
}

// --- typing

const quietly = () => send({ do: "save" }, false).then(() => remember(false));

form.addEventListener("input", (event) => {
  if (event.target.closest("[data-preview]")) return;
  state.dirty = true;
  state.typed += 1;
  clearTimeout(state.timer);
  if (event.target.matches("[data-reload]")) return;
  state.timer = setTimeout(quietly, 900);
});

// A choice that decides which other fields there are.
form.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-reload]")) return;
  const { id, name } = event.target;
  await send({ do: "save" }, true);
  remember(false);
  (document.getElementById(id) || form.elements[name])?.focus?.();
});

// --- buttons

const LEAVING = new Set(["review", "preview", "bank", "compare", "publish"]);

form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const verb = button?.name === "do" ? button.value.split(":")[0] : "";
  clearTimeout(state.timer);
  if (LEAVING.has(verb)) {
    state.dirty = false;
    event.preventDefault();
    await state.busy;
    delete form.dataset.held;
    return void leave(button);
  }
  event.preventDefault();
  const id = button?.id;
  const done = await send(button?.name ? { [button.name]: button.value, ...(button.name === "in" ? { do: "save" } : {}) } : { do: "save" }, true);
  remember(false);
  focusOn(verb, id, done);
});

// The page goes on as a form does, with the version that the last save made.
function leave(button) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: button.value });
  form.append(field);
  form.submit();
}

function focusOn(verb, id, done) {
  if (!done) return form.querySelector("[data-error-summary]")?.focus();
  const same = id && document.getElementById(id);
  if (same && !same.disabled) return same.focus();
  const target = form.querySelector("[data-focus]")?.dataset.focus;
  const found = target ? document.getElementById(target) : null;
  const field = found?.matches("input, select, textarea, button") ? found : found?.querySelector("input:not([type=hidden]), textarea, select, button");
  if (field) return field.focus();
  if (verb === "go" || verb === "delete" || verb === "undo") return document.getElementById("editor")?.focus({ preventScroll: verb !== "go" });
  return undefined;
}

// Links of the summary lead to fields; forms.js knows only the summary that came with the page.
form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a");
  const field = link && link.getAttribute("href").startsWith("#") && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  field.focus();
  field.scrollIntoView({ block: "center" });
});

// A revision is kept in this page alone: leaving it loses what was changed since it was opened.
const opened = elements();
addEventListener("beforeunload", (event) => {
  if (state.dirty || ("held" in form.dataset && elements() !== opened)) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-language-form]")) state.dirty = false;
});

// --- dragging in the outline

function begin() {
  const list = form.querySelector("[data-outline]");
  if (!list || list.dataset.ready) return;
  list.dataset.ready = "1";
  drag(list, async () => {
    const order = [...list.children].map((row) => row.dataset.code).join(",");
    await send({ do: "order", order }, true);
    remember(false);
  });
}

begin();
remember(true);
if (location.hash === "" && new URLSearchParams(location.search).has("check")) form.querySelector("[data-error-summary]")?.focus();
