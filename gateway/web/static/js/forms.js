// Forms: error summary focus, autosave with a leave guard, keys in scale raters, the one-card deck,
// and a half-filled form that survives the switch of language.

const KEPT = "cercle.form";

// --- error summary: focus it, and lead from its links to the field, not only near it
const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();
summary?.addEventListener("click", (event) => {
  const field = document.getElementById(event.target.hash?.slice(1) || "");
  if (!field) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("cercle:reveal", { detail: field }));
  field.focus();
  field.scrollIntoView({ block: "center" });
});

// --- autosave: POST of the whole form a second after the last change; one request at a time
const states = new WeakMap();
const dirty = new Set();

function clock() {
  const now = new Date();
  const minutes = String(now.getMinutes()).padStart(2, "0");
  return document.documentElement.lang.startsWith("fr") ? `${now.getHours()}\u00a0h\u00a0${minutes}` : `${now.getHours()}:${minutes}`;
}

function show(form, state, time) {
  const place = form.querySelector("[data-autosave-status]");
  if (!place) return;
  place.dataset.state = state;
  place.textContent = (place.dataset[state] || "").replace("{time}", time || "");
}

// Each save has its own key; only a save that is tried again keeps it, so that it counts once.
function contents(form, own) {
  const data = new FormData(form);
  own.key ||= crypto.randomUUID();
  if (data.has("idem")) data.set("idem", own.key);
  return data;
}

async function save(form) {
  const own = states.get(form);
  if (own.busy) return void (own.again = true);
  own.busy = true;
  own.again = false;
  show(form, "saving");
  const headers = { "X-CSRF-Token": document.body.dataset.csrf, "X-Autosave": "1", Accept: "application/json" };
  if (form.dataset.etag) headers["If-Match"] = form.dataset.etag;
  try {
    const answer = await fetch(form.dataset.autosave || form.action, { method: "POST", body: contents(form, own), headers });
    own.key = null;
    if (answer.headers.get("ETag")) form.dataset.etag = answer.headers.get("ETag");
    await settle(form, answer, own);
  } catch {
    show(form, "error");
    own.timer = setTimeout(() => save(form), 8000);
  }
  own.busy = false;
  if (own.again) save(form);
}

async function settle(form, answer, own) {
  if (answer.status === 409 || answer.status === 412) return show(form, "stale");
  if (!answer.ok) return show(form, "error");
  const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!own.again) dirty.delete(form);
  show(form, "saved", body.saved_at_text || clock());
}

function changed(form) {
  dirty.add(form);
  if (!("autosave" in form.dataset)) return;
  const own = states.get(form) || {};
  states.set(form, own);
  clearTimeout(own.timer);
  own.timer = setTimeout(() => save(form), 900);
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && ("autosave" in form.dataset || "guard" in form.dataset)) changed(form);
});
document.addEventListener("submit", (event) => {
  clearTimeout(states.get(event.target)?.timer);
  dirty.delete(event.target);
});
addEventListener("beforeunload", (event) => {
  if (dirty.size) event.preventDefault();
});

// --- scale raters: 1 to 5 and 0 for "not applicable" while the focus is inside; "not applicable" empties the scales
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
  const scale = event.target.closest?.(".scale, .dual-item");
  if (!scale || !event.target.matches("input[type=radio], input[type=checkbox]")) return;
  const points = event.target.closest("[data-scale]") || scale.querySelector("[data-scale]");
  const whole = scale.closest(".dual-item") || scale;
  const choice = event.key === "0" ? whole.querySelector("[data-na]") : points?.querySelector(`input[value="${event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  if (!choice.checked || choice.type === "checkbox") choice.click();
  if (event.key !== "0") advance(points);
});

// After the first of two scales the focus goes on to the second, so that "4 2" answers an item.
function advance(points) {
  const scales = [...(points.closest(".dual-item")?.querySelectorAll("[data-scale]") || [])];
  const next = scales[scales.indexOf(points) + 1];
  if (next && !next.querySelector(":checked")) next.querySelector("input").focus();
}

document.addEventListener("change", (event) => {
  const item = event.target.closest?.(".dual-item");
  if (!item) return;
  const na = item.querySelector("[data-na]");
  if (event.target === na && na.checked) item.querySelectorAll("[data-scale] :checked").forEach((input) => (input.checked = false));
  if (event.target !== na && na) na.checked = false;
});

// --- deck: one card at a time where the page is narrow
function deck(place) {
  const cards = [...place.querySelectorAll("[data-deck-card]")];
  const count = place.querySelector("[data-deck-count]");
  const narrow = matchMedia("(max-width: 47.99rem)");
  const open = cards.findIndex((card) => !card.querySelector(":checked"));
  let at = Math.max(0, open);
  const draw = () => {
    place.classList.toggle("deck--on", narrow.matches);
    cards.forEach((card, index) => (card.hidden = narrow.matches && index !== at));
    count.textContent = count.dataset.text.replace("{n}", at + 1).replace("{total}", cards.length);
    place.querySelector('[data-deck-step="-1"]').disabled = at === 0;
    place.querySelector('[data-deck-step="1"]').disabled = at === cards.length - 1;
  };
  const go = (index) => {
    at = Math.max(0, Math.min(index, cards.length - 1));
    draw();
  };
  place.addEventListener("click", (event) => {
    const step = event.target.closest("[data-deck-step]");
    if (!step) return;
    go(at + Number(step.dataset.deckStep));
    cards[at].scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("cercle:reveal", (event) => {
    const index = cards.findIndex((card) => card.contains(event.detail));
    if (index >= 0) go(index);
  });
  narrow.addEventListener("change", draw);
  draw();
}
document.querySelectorAll("[data-deck]").forEach(deck);

// --- the switch of language keeps what was typed: kept in this tab alone, and only until it is put back
const skipped = new Set(["hidden", "password", "file", "submit", "button"]);

function* fields() {
  for (const form of document.querySelectorAll("main form")) {
    for (const field of form.elements) if (field.name && !skipped.has(field.type)) yield field;
  }
}

function keep() {
  const values = [...fields()].map((field) => [field.name, field.value, field.checked ?? null]);
  if (values.length) sessionStorage.setItem(KEPT, JSON.stringify({ at: location.pathname, values, time: Date.now() }));
}

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (!kept || kept.at !== location.pathname || Date.now() - kept.time > 60000) return;
  for (const field of fields()) {
    // The order of the fields may change with the language, the order within one name does not.
    const index = kept.values.findIndex(([name]) => name === field.name);
    if (index < 0) continue;
    const [[, value, checked]] = kept.values.splice(index, 1);
    const choice = field.type === "radio" || field.type === "checkbox";
    const differs = choice ? field.checked !== checked : field.value !== value;
    if (choice) field.checked = checked;
    else field.value = value;
    if (differs) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-language-form]")) return;
  dirty.clear();
  event.target.querySelector("[name=next]").value = location.pathname + location.search;
  try {
    keep();
  } catch {
    // Storage refused: the language changes, the form starts over.
  }
});

try {
  putBack();
} catch {
  // Storage refused: nothing was kept.
}
