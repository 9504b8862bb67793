// Putting options in order: two lists, with buttons for everything that a drag does. The selects stay what is sent.

const STEPS = {
  add: (row, lists) => lists.order.append(row),
  out: (row, lists) => lists.pool.append(row),
  up: (row) => row.previousElementSibling?.before(row),
  down: (row) => row.nextElementSibling?.after(row),
};

export function ranking(rank, changed) {
  const lists = { order: rank.querySelector("[data-rank-order]"), pool: rank.querySelector("[data-rank-pool]") };
  const places = Number(rank.dataset.places);
  const said = rank.querySelector("[data-rank-said]");
  const select = (row) => row.querySelector("select");
  const full = () => lists.order.children.length >= places;

  const draw = () => {
    [...lists.order.children].forEach((row, at) => {
      select(row).value = String(at + 1);
      row.querySelector("[data-rank-place]").textContent = String(at + 1);
    });
    for (const row of lists.pool.children) {
      select(row).value = "";
      row.querySelector("[data-rank-place]").textContent = "";
    }
    for (const row of rank.querySelectorAll("[data-option]")) {
      const chosen = row.parentElement === lists.order;
      const tool = (step) => row.querySelector(`[data-rank-step="${step}"]`);
      tool("add").hidden = chosen;
      tool("add").disabled = full();
      for (const step of ["up", "down", "out"]) tool(step).hidden = !chosen;
      tool("up").disabled = !row.previousElementSibling;
      tool("down").disabled = !row.nextElementSibling;
    }
    rank.querySelector("[data-rank-empty]").hidden = lists.order.children.length > 0;
    rank.querySelector("[data-rank-pool-title]").hidden = !lists.pool.children.length;
  };

  const done = (row) => {
    draw();
    const text = row.querySelector(".rank-text").textContent.trim();
    const place = [...lists.order.children].indexOf(row) + 1;
    said.textContent = (place ? rank.dataset.said : rank.dataset.out).replace("{text}", text).replace("{place}", place);
    changed();
  };

  rank.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rank-step]");
    const row = button?.closest("[data-option]");
    if (!row) return;
    const next = row.nextElementSibling || row.previousElementSibling;
    STEPS[button.dataset.rankStep](row, lists);
    done(row);
    focusAfter(button, row, next);
  });
  rank.classList.add("is-live");
  hold(rank, lists, full, done);

  // From what the selects say, at the start and after a kept form was put back.
  return () => {
    const rows = [...rank.querySelectorAll("[data-option]")];
    const placed = rows.filter((row) => select(row).value).sort((a, b) => select(a).value - select(b).value);
    lists.order.append(...placed.slice(0, places));
    draw();
  };
}

// The focus stays with what one is doing: the same button, another of the row, or the next option to place.
function focusAfter(button, row, next) {
  const usable = (one) => one && !one.hidden && !one.disabled;
  if (usable(button)) return button.focus();
  const step = button.dataset.rankStep;
  const following = step === "add" ? next?.querySelector('[data-rank-step="add"]') : null;
  const other = usable(following) ? following : [...row.querySelectorAll("[data-rank-step]")].find(usable);
  other?.focus();
}

// A row follows the grip by which it is held, over both lists: mouse, pen and finger alike.
function hold(rank, lists, full, done) {
  let row = null;
  rank.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    event.preventDefault();
    row = grip.closest("[data-option]");
    row.classList.add("is-moving");
    rank.setPointerCapture(event.pointerId);
  });
  rank.addEventListener("pointermove", (event) => {
    if (!row) return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const list = under?.closest("[data-rank-order], [data-rank-pool]") || (under?.closest(".rank-chosen") && lists.order);
    if (!list || !rank.contains(list)) return;
    if (list === lists.order && row.parentElement !== list && full()) return;
    const over = under.closest("[data-option]");
    if (!over) return void (row.parentElement === list || list.append(row));
    if (over === row) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(row);
    else over.after(row);
  });
  const drop = () => {
    if (!row) return;
    row.classList.remove("is-moving");
    const moved = row;
    row = null;
    done(moved);
  };
  rank.addEventListener("pointerup", drop);
  rank.addEventListener("pointercancel", drop);
}
