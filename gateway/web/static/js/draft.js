// What is being written stays in this tab until it is sent: fields with data-draft="key".
// After a successful submission the server's answer carries the fragment #posted, which forgets the draft.

const PREFIX = "cercle.draft.";
const fields = [...document.querySelectorAll("[data-draft]")];
const note = document.querySelector("[data-draft-note]");

function keyOf(field) {
  return PREFIX + field.dataset.draft;
}

function forgetSent() {
  if (location.hash !== "#posted") return;
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && sessionStorage.getItem(`${key}!`)) {
      sessionStorage.removeItem(key);
      sessionStorage.removeItem(`${key}!`);
    }
  }
  history.replaceState(history.state, "", location.pathname + location.search);
  const posts = document.querySelectorAll(".post");
  posts[posts.length - 1]?.scrollIntoView({ block: "center" });
}

function keep(field) {
  if (field.value.trim()) sessionStorage.setItem(keyOf(field), field.value);
  else sessionStorage.removeItem(keyOf(field));
  sessionStorage.removeItem(`${keyOf(field)}!`);
  if (note) note.hidden = !field.value.trim();
}

try {
  forgetSent();
  for (const field of fields) {
    const kept = sessionStorage.getItem(keyOf(field));
    if (kept && !field.value) {
      field.value = kept;
      if (note) note.hidden = false;
    }
    field.addEventListener("input", () => keep(field));
    field.form?.addEventListener("submit", () => sessionStorage.setItem(`${keyOf(field)}!`, "1"));
  }
} catch {
  // Storage refused: writing works, without a draft.
}

document.querySelector("form[data-forget]")?.addEventListener("submit", () => {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
});
