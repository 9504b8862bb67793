// Quizzes: texts put in order by drag or buttons, the time that is left, and submission when it is over.
// Everything works without: selects give the places, and the server keeps the time.

import { drag } from "./quiz-drag.js";

function arrange(list) {
  const said = list.parentElement.querySelector("[data-order-said]");

  const number = (row, focus) => {
    const rows = [...list.children];
    rows.forEach((one, at) => { one.querySelector("select").value = String(at + 1); });
    const place = rows.indexOf(row) + 1;
    if (said) said.textContent = list.dataset.moved.replace("{place}", place);
    focus?.focus();
    row.querySelector("select").dispatchEvent(new Event("input", { bubbles: true }));
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    const row = button?.closest("li");
    if (!row) return;
    const up = button.dataset.step === "-1";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    number(row, button);
  });

  list.addEventListener("change", (event) => {
    const row = event.target.closest("li");
    const place = Number(event.target.value);
    if (!place) return;
    const others = [...list.children].filter((one) => one !== row);
    if (place > others.length) list.append(row); else others[place - 1].before(row);
    number(row, event.target);
  });

  drag(list, number);
}

// The server's clock counts: only the difference of the two instants is used.
function count(timer) {
  const start = performance.now();
  const whole = Date.parse(timer.dataset.due) - Date.parse(timer.dataset.now);
  const shown = timer.querySelector("[data-quiz-left]");
  const said = timer.querySelector("[data-quiz-said]");
  let warned = Infinity;
  const tick = () => {
    const left = Math.max(0, Math.ceil((whole - (performance.now() - start)) / 1000));
    const seconds = String(left % 60).padStart(2, "0");
    shown.textContent = timer.dataset.left.replace("{time}", `${Math.floor(left / 60)}:${seconds}`);
    for (const minutes of [5, 1]) {
      if (left <= minutes * 60 && minutes < warned && left > 0) {
        warned = minutes;
        timer.classList.add("is-soon");
        said.textContent = minutes === 1 ? timer.dataset.minute : timer.dataset.soon.replace("{minutes}", minutes);
      }
    }
    if (left > 0) return;
    clearInterval(clock);
    finish();
  };
  const clock = setInterval(tick, 1000);
  tick();
}

function finish() {
  const form = document.querySelector("form[data-submit]");
  if (!form) return;
  form.action = form.dataset.submit;
  form.requestSubmit();
}

document.querySelectorAll("[data-order]").forEach(arrange);
document.querySelectorAll("[data-quiz-timer]").forEach(count);
