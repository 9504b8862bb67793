// A lesson that is played: what the server answers to the player's reports shows at once, beside the content.

const lesson = document.querySelector("[data-lesson]");
const percent = new Intl.NumberFormat(`${document.documentElement.lang.slice(0, 2)}-CA`, { style: "percent" });

function showProgress(value) {
  const place = lesson.querySelector("[data-lesson-progress]");
  const bar = place?.querySelector("progress");
  if (!bar || !Number.isFinite(value)) return;
  bar.value = value;
  place.querySelector(".num").textContent = percent.format(value);
}

function showScore(score) {
  const place = lesson.querySelector("[data-lesson-score]");
  if (place && Number.isFinite(score)) place.textContent = place.dataset.text.replace("{score}", percent.format(score));
}

function markStep() {
  const step = lesson.querySelector(`[data-step="${CSS.escape(lesson.dataset.activity)}"]`);
  if (!step || step.classList.contains("is-done")) return;
  step.classList.add("is-done");
  step.querySelector("[data-step-state]").textContent = ` (${document.getElementById("step-done").innerHTML})`;
}

function showDone(detail) {
  lesson.querySelector("[data-lesson-done]")?.removeAttribute("hidden");
  lesson.querySelector("[data-lesson-hint]")?.remove();
  const next = lesson.querySelector("[data-lesson-next]");
  next?.classList.add("button--primary");
  const end = next?.querySelector("[data-lesson-end]");
  if (end && (detail.course_completed || detail.progress === 1)) {
    next.href = end.dataset.lessonEnd;
    end.textContent = end.dataset.text;
  }
  markStep();
}

lesson?.addEventListener("cercle:progress", (event) => {
  showProgress(event.detail.progress);
  showScore(event.detail.score);
});
lesson?.addEventListener("cercle:completed", (event) => showDone(event.detail));
