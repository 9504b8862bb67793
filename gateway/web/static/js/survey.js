// Answering a survey: the count of complete items follows each answer, and a complete item loses its mark of missing.

const form = document.querySelector("[data-survey-form]");
const bar = form?.querySelector("[data-done]");
const words = form?.querySelector("[data-done-text]");

function complete(item) {
  if (item.querySelector("[data-na]")?.checked) return true;
  return [...item.querySelectorAll("[data-scale]")].every((scale) => scale.querySelector(":checked"));
}

function count() {
  const items = [...form.querySelectorAll(".dual-item")];
  const done = items.filter(complete);
  bar.value = done.length;
  words.textContent = words.dataset.text.replace("{n}", done.length);
  for (const item of done) {
    item.classList.remove("is-missing");
    item.querySelector(".error")?.remove();
  }
}

// After forms.js has emptied the scales of an item that does not apply.
form?.addEventListener("change", () => setTimeout(count));
if (form) count();
