// Coding answers by the keyboard: 1 to 9 give and take codes, 0 is "nothing applies", arrows go on and back. Every change is
// saved at once; without this script the buttons save as they go on.

const form = document.querySelector("form[data-coding]");

function exclude(box, within) {
  if (!box.checked) return;
  const other = box.name === "nothing" ? "codes" : "nothing";
  for (const one of within.querySelectorAll(`input[name="${other}"]`)) one.checked = false;
}

for (const part of document.querySelectorAll("form[data-coding], form[data-coding-exclusive]")) {
  part.addEventListener("change", (event) => {
    if (event.target.type === "checkbox") exclude(event.target, part);
  });
}

if (form) {
  const status = form.querySelector("[data-coding-status]");
  const bar = document.querySelector("[data-coding-progress]");
  let saving = Promise.resolve();

  const save = async () => {
    status.textContent = form.dataset.saving;
    const body = new FormData(form);
    body.set("idem", crypto.randomUUID());
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.problem);
      status.textContent = form.dataset.saved;
      bar.querySelector("progress").value = found.progress;
      bar.querySelector(".num").textContent = found.shown;
    } catch (error) {
      status.textContent = error.message && error.message !== "undefined" ? error.message : form.dataset.error;
    }
  };

  form.addEventListener("change", () => {
    saving = saving.then(save); // one after the other, so that the last choice is what stays
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select, input:not([type=checkbox])")) return;
    const step = { ArrowRight: "next", ArrowLeft: "previous", n: "next", p: "previous" }[event.key];
    const box = form.querySelector(`input[data-key="${CSS.escape(event.key)}"]`);
    if (step) {
      const button = form.querySelector(`[data-step="${step}"]`);
      if (!button) return;
      event.preventDefault();
      saving.then(() => form.requestSubmit(button));
    } else if (box) {
      event.preventDefault();
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      box.focus();
    }
  });
}
