// The list of a quiz's questions: a dropped row sends the new order; the buttons do the same without scripts.

import { drag } from "./quiz-drag.js";

document.querySelectorAll("[data-entries]").forEach((list) => {
  drag(list, () => {
    const form = document.getElementById(list.dataset.entries);
    form.elements.order.value = [...list.children].map((row) => row.dataset.entry).join(",");
    form.requestSubmit();
  });
});
