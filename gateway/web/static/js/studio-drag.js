// Dragging modules, units and activities to another place. The arrows and "Move to" do the same without a pointer.

const root = document.querySelector("[data-drag]");
let dragged = null;
let target = null;

function clear() {
  target?.part.classList.remove("is-drop-before", "is-drop-after");
  target = null;
}

// A part takes a place beside another one of its kind, or at the end of an empty parent.
function placeUnder(event) {
  const part = event.target.closest(`[data-part="${dragged.dataset.part}"]`);
  if (!part || part === dragged || dragged.contains(part)) return null;
  const box = part.getBoundingClientRect();
  return { part, after: event.clientY > box.top + box.height / 2 };
}

function siblings(part) {
  return [...root.querySelectorAll(`[data-part="${part.dataset.part}"]`)]
    .filter((one) => one.dataset.parent === part.dataset.parent && one !== dragged);
}

async function send(part, parent, position) {
  const body = new FormData();
  if (parent) body.set("parent_id", parent);
  body.set("position", position);
  const headers = { "X-CSRF-Token": document.body.dataset.csrf, "X-Drag": "1" };
  const answer = await fetch(`${root.dataset.drag}/items/${part.dataset.id}/place`, { method: "POST", body, headers })
    .catch(() => null);
  if (!answer?.ok) alert(root.dataset.dragFailed);
  const place = new URL(location.href);
  place.hash = `item-${part.dataset.id}`;
  history.replaceState(null, "", place);
  location.reload();
}

function begin(event) {
  const handle = event.target.closest?.(".handle");
  if (!handle) return;
  dragged = handle.closest("[data-part]");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.id);
  event.dataTransfer.setDragImage(dragged, 16, 16);
  dragged.classList.add("is-dragged");
}

function over(event) {
  if (!dragged) return;
  const place = placeUnder(event);
  clear();
  if (!place) return;
  event.preventDefault();
  target = place;
  place.part.classList.add(place.after ? "is-drop-after" : "is-drop-before");
}

function drop(event) {
  if (!dragged || !target) return;
  event.preventDefault();
  const { part, after } = target;
  send(dragged, part.dataset.parent, siblings(part).indexOf(part) + (after ? 1 : 0));
}

function end() {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  clear();
}

if (root?.dataset.drag) {
  root.classList.add("has-drag");
  root.addEventListener("dragstart", begin);
  root.addEventListener("dragover", over);
  root.addEventListener("drop", drop);
  root.addEventListener("dragend", end);
}
