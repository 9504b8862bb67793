// Answering: every change is saved; without a network the answers wait in this browser and are sent once it is back.

import { liveForm } from "./form.js";

const form = document.querySelector("[data-survey-form]");
const note = document.querySelector("[data-offline-note]");
// Kept for this member alone. Whoever answers by a link has no name here, so nothing is kept beyond the page.
const { owner } = document.body.dataset;
const place = owner ? `cercle.survey.${form.dataset.surveyForm}.${owner}` : null;
const status = form.querySelector("[data-autosave-status]");
const AGAIN = 15_000;
const state = { dirty: false, busy: false, again: false, sending: false, leaving: false, timer: 0, stopped: false };

const instrument = JSON.parse(document.getElementById("survey-instrument").textContent);
const live = liveForm(form, instrument, touched);

function touched() {
  if (state.stopped) return;
  state.dirty = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(save, 900);
}

function show(kind, time) {
  status.dataset.state = kind;
  status.textContent = (status.dataset[kind] || "").replace("{time}", time || "");
}

function post(path, key) {
  const body = new FormData(form);
  body.set("idem", key);
  const headers = { "X-CSRF-Token": document.body.dataset.csrf, "Idempotency-Key": key, Accept: "application/json", "X-Autosave": "1" };
  return fetch(path, { method: "POST", body, headers, redirect: "error" });
}

// --- saving the draft

async function save() {
  if (state.sending || state.stopped) return;
  if (state.busy) return void (state.again = true);
  Object.assign(state, { busy: true, again: false });
  show("saving");
  await savedOrKept();
  state.busy = false;
  if (state.again) save();
}

async function savedOrKept() {
  let answer;
  try {
    answer = await post(form.dataset.draft, crypto.randomUUID());
  } catch {
    return keep(false);
  }
  if (answer.ok) {
    const body = await answer.json();
    if (!state.again) state.dirty = false;
    forget();
    return show("saved", body.saved_at_text);
  }
  if (answer.status >= 500 || answer.status === 429) return keep(false);
  return refused(await answer.json().catch(() => ({})), answer.status);
}

function refused(problem, status_) {
  show("error");
  if (status_ === 401 || status_ === 403) return keep(false);
  if (status_ === 422) {
    for (const { path, message } of problem.errors || []) {
      const code = instrument.elements.map((one) => one.code).filter((one) => path === `items.${one}` || path.startsWith(`items.${one}.`));
      live.fault(code.sort((a, b) => b.length - a.length)[0], message);
    }
    return undefined;
  }
  status.textContent = [problem.title, problem.detail].filter(Boolean).join(" ");
  if (status_ !== 409 && status_ !== 410) return keep(false);
  // Answered already, or closed: nothing more can be saved, and nothing waits here.
  state.stopped = true;
  state.dirty = false;
  return forget();
}

// --- without a network

function fields() {
  const skipped = new Set(["csrf_token", "idem", "do"]);
  return [...new FormData(form)].filter(([name]) => !skipped.has(name));
}

function keep(send) {
  const key = kept()?.key || form.elements.idem.value;
  let stored = Boolean(place);
  try {
    if (place) localStorage.setItem(place, JSON.stringify({ key, send, fields: fields(), at: new Date().toISOString() }));
  } catch {
    stored = false; // storage refused: the page still holds everything
  }
  state.dirty = !stored;
  state.wanted = send;
  offline(!stored ? "open" : send ? "send" : "kept");
  clearTimeout(state.timer);
  state.timer = setTimeout(again, AGAIN);
}

function kept() {
  try {
    return place ? JSON.parse(localStorage.getItem(place) || "null") : null;
  } catch {
    return null;
  }
}

function forget() {
  try {
    if (place) localStorage.removeItem(place);
  } catch {
    // Storage refused: nothing was kept.
  }
  note.hidden = true;
}

function offline(kind) {
  show("offline");
  note.hidden = false;
  note.querySelector("[data-offline-text]").textContent = note.dataset[kind];
  for (const part of note.querySelectorAll("[data-offline-kept]")) part.hidden = kind === "open";
}

function again() {
  if (state.wanted || kept()?.send) send();
  else if (state.dirty || kept()) save();
}

addEventListener("online", again);
note.querySelector("[data-offline-forget]").addEventListener("click", () => {
  forget();
  state.leaving = true;
  location.reload();
});

// --- sending: by the page's own key, so that however often it is tried it counts once

async function send() {
  if (state.sending) return;
  clearTimeout(state.timer);
  const key = kept()?.key || form.elements.idem.value;
  form.elements.idem.value = key;
  state.sending = true;
  form.toggleAttribute("data-sending", true);
  show("saving");
  let answer = null;
  try {
    answer = await post(form.action, key);
  } catch {
    answer = null;
  }
  state.sending = false;
  form.toggleAttribute("data-sending", false);
  if (!answer || answer.status >= 500 || answer.status === 429) return keep(true);
  state.leaving = true;
  forget();
  if (answer.ok) return void location.assign((await answer.json()).next);
  // Whatever it says, the server's own page says it best, with everything that was typed.
  const button = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: "send" });
  form.append(button);
  form.submit();
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.value === "send") {
    event.preventDefault();
    send();
    return;
  }
  clearTimeout(state.timer);
  state.leaving = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-language-form]")) state.leaving = true;
});
addEventListener("beforeunload", (event) => {
  if (state.dirty && !state.leaving) event.preventDefault();
});

// --- what waited here from before

function putBack({ fields: values, at }) {
  const saved = form.dataset.savedAt;
  if (saved && saved > at) return false;
  const wanted = new Map();
  for (const [name, value] of values) wanted.set(name, [...(wanted.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || ["hidden", "submit", "button"].includes(field.type)) continue;
    const found = wanted.get(field.name) || [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = found.includes(field.value);
    else field.value = found[0] ?? "";
  }
  return true;
}

const waiting = kept();
if (waiting && putBack(waiting)) {
  live.refresh();
  if (waiting.send) send();
  else save();
} else {
  forget();
  // The switch of language put back what was typed just before; it is saved like any change.
  if (canonical(live.refresh()) !== canonical(instrument.answers)) touched();
}

// Two sets of answers that say the same have the same text, whatever the order of their keys.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}
