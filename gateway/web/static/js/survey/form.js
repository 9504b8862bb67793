// The live form of a survey: questions come and go, texts quote answers, one question at a time on a phone, keys, progress.
// Used where people answer and where a draft is previewed. `changed(answers)` is called after every change.

import { asks, complete, readAll } from "./reading.js";
import { piped, walk } from "./logic.js";
import { ranking } from "./ranking.js";

export function liveForm(form, instrument, changed = () => {}) {
  const { elements, language } = instrument;
  const nodes = new Map([...form.querySelectorAll("[data-element]")].map((node) => [node.dataset.element, node]));
  const steps = stepper(form, nodes);

  function refresh() {
    const answers = readAll(form, elements);
    const known = {};
    const seen = new Set();
    for (const { code, shown, value } of walk(elements, answers)) {
      nodes.get(code).hidden = !shown;
      if (!shown) continue;
      seen.add(code);
      if (value != null) known[code] = { value };
      else if (answers[code]) known[code] = answers[code];
    }
    for (const group of form.querySelectorAll("[data-pairs]")) group.hidden = !group.querySelector("[data-element]:not([hidden])");
    quote(elements, language, known);
    count(answers, seen);
    steps.draw();
    return answers;
  }

  function quote(all, reader, known) {
    for (const node of form.querySelectorAll("[data-piped]")) node.textContent = piped(node.dataset.piped, reader, all, known);
    for (const node of form.querySelectorAll("[data-computed]")) {
      const code = node.closest("[data-element]").dataset.element;
      node.textContent = piped(`{{${code}}}`, reader, all, known);
    }
  }

  function count(answers, seen) {
    const asked = elements.filter((element) => asks(element) && seen.has(element.code));
    const done = asked.filter((element) => complete(element, answers[element.code]));
    for (const element of done) settled(nodes.get(element.code));
    const bar = form.querySelector("[data-done]");
    const words = form.querySelector("[data-done-text]");
    if (!bar) return;
    bar.max = Math.max(asked.length, 1);
    bar.value = done.length;
    words.textContent = words.dataset.text.replace("{n}", done.length).replace("{total}", asked.length);
  }

  const touched = () => changed(refresh());
  const ranks = [...form.querySelectorAll("[data-rank]")].map((rank) => ranking(rank, touched));
  form.addEventListener("input", touched);
  // After forms.js has emptied the scales of an item that does not apply.
  form.addEventListener("change", (event) => {
    exclusive(event.target);
    setTimeout(touched);
  });
  form.addEventListener("keydown", keys);
  ranks.forEach((arrange) => arrange());
  const start = refresh();
  steps.begin(elements, start);
  return {
    refresh: () => {
      ranks.forEach((arrange) => arrange());
      return refresh();
    },
    fault: (code, message) => mark(nodes.get(code), message),
  };
}

function settled(node) {
  node.classList.remove("is-missing");
  node.querySelector(".error")?.remove();
}

function mark(node, message) {
  if (!node || node.classList.contains("is-missing")) return;
  node.classList.add("is-missing");
  const error = Object.assign(document.createElement("p"), { className: "error", textContent: message });
  error.setAttribute("role", "status");
  node.append(error);
}

// In one set the best is not also the worst; and whoever writes what "other" is has chosen it.
function exclusive(input) {
  const set = input.closest?.("[data-maxdiff]");
  if (set && input.checked) {
    for (const other of set.querySelectorAll("input:checked")) if (other !== input && other.value === input.value) other.checked = false;
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-other-text]") || !event.target.value) return;
  const other = event.target.closest(".choice").querySelector("[data-other]");
  if (!other.checked) {
    other.checked = true;
    other.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// 1 to 9 choose the first to the ninth answer of the list or row that has the focus, 0 "not applicable". forms.js does the pairs.
function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
  const points = event.target.closest("[data-points]");
  if (!points || !event.target.matches("input[type=radio], input[type=checkbox]")) return;
  const choices = [...points.querySelectorAll("input[type=radio]:not([data-na]), input[type=checkbox]:not([data-na])")];
  const choice = event.key === "0" ? points.querySelector("[data-na]") : choices[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  choice.click();
  const next = points.matches(".grid-ask-row") && points.nextElementSibling;
  if (next && !next.querySelector(":checked")) next.querySelector("input")?.focus();
}

// One question at a time where the page is narrow.
function stepper(form, nodes) {
  const bar = form.querySelector("[data-steps-bar]");
  const narrow = matchMedia("(max-width: 47.99rem)");
  let here = null;
  const open = () => [...nodes.values()].filter((node) => !node.hidden);

  function draw() {
    if (!bar) return;
    const list = open();
    if (!list.includes(here)) here = after(list) || list.at(-1) || null;
    const at = list.indexOf(here);
    form.classList.toggle("steps--on", narrow.matches && list.length > 1);
    form.classList.toggle("is-last", at === list.length - 1);
    for (const node of nodes.values()) node.classList.toggle("is-here", node === here);
    const count = bar.querySelector("[data-steps-count]");
    count.textContent = count.dataset.text.replace("{n}", at + 1).replace("{total}", list.length);
    bar.querySelector('[data-step="-1"]').disabled = at <= 0;
    bar.querySelector('[data-step="1"]').hidden = at === list.length - 1;
  }

  // What was shown is gone: go on with the first that follows it.
  function after(list) {
    return here && list.find((node) => here.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  function go(node) {
    here = node;
    draw();
  }

  bar?.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const list = open();
    go(list[list.indexOf(here) + Number(step.dataset.step)] || here);
    here.tabIndex = -1;
    here.focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("cercle:reveal", (event) => {
    const node = open().find((one) => one.contains(event.detail));
    if (node) go(node);
  });
  narrow.addEventListener("change", draw);

  return {
    draw,
    begin: (elements, answers) => {
      const first = elements.find((element) => !nodes.get(element.code).hidden && asks(element) && !complete(element, answers[element.code]));
      const started = Object.keys(answers).length > 0;
      go((started && first && nodes.get(first.code)) || open()[0] || null);
    },
  };
}
