// The list of content types, filtered as one types; accents and case do not matter.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

document.querySelectorAll("[data-filter]").forEach((input) => {
  const items = [...document.getElementById(input.dataset.filter).children];
  const said = input.parentElement.querySelector("[data-filter-found]");
  input.addEventListener("input", () => {
    const words = plain(input.value).split(/\s+/);
    items.forEach((item) => { item.hidden = !words.every((word) => plain(item.dataset.words).includes(word)); });
    said.textContent = input.dataset.found.replace("{n}", items.filter((item) => !item.hidden).length);
  });
});
