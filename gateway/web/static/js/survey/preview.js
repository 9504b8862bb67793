// Trying out a draft: the live form, and nothing is kept.

import { liveForm } from "./form.js";

liveForm(document.querySelector("[data-preview-form]"), JSON.parse(document.getElementById("survey-instrument").textContent));
