// Rows of a list that follow the grip they are held by: mouse, pen and finger alike.

export function drag(list, done) {
  let row = null;
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    event.preventDefault();
    row = grip.closest("li");
    row.classList.add("is-moving");
    list.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!row) return;
    const over = [...list.children].find((one) => {
      const box = one.getBoundingClientRect();
      return one !== row && event.clientY >= box.top && event.clientY <= box.bottom;
    });
    if (!over) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(row); else over.after(row);
  });
  const drop = () => {
    if (!row) return;
    row.classList.remove("is-moving");
    const moved = row;
    row = null;
    done(moved);
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("pointercancel", drop);
}
