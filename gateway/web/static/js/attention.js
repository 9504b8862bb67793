// Attention to an activity: while the page is in view, a heartbeat tells the server how long it was looked at.
// The server counts no more than has passed; what is left is shown in words.

const BEAT = 15;
const place = document.querySelector("[data-attention]");
const token = document.body.dataset.csrf;
let left = Number(place?.dataset.left ?? 0);
let seen = 0;
let over = false;

function say() {
  if (over) place.textContent = place.dataset.done;
  else if (left >= 120) place.textContent = place.dataset.minutes.replace("{count}", Math.ceil(left / 60));
  else place.textContent = place.dataset.seconds.replace("{count}", Math.max(1, Math.ceil(left / 5) * 5));
}

async function beat() {
  if (over || seen < 1) return;
  const seconds = Math.round(seen);
  seen = 0;
  try {
    const answer = await fetch(place.dataset.url, {
      method: "POST", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify({ seconds }),
    });
    if (!answer.ok) return;
    const told = await answer.json();
    left = Math.max(0, Number(place.dataset.wanted) - told.dwell);
    if (told.completed) finish(told);
  } catch {
    // Without a connection nothing counts; the next beat tries again.
  }
}

function finish(told) {
  over = true;
  say();
  const lesson = document.querySelector("[data-lesson]");
  lesson?.dispatchEvent(new CustomEvent("cercle:progress", { detail: told, bubbles: true }));
  lesson?.dispatchEvent(new CustomEvent("cercle:completed", { detail: told, bubbles: true }));
}

if (place) {
  let last = performance.now();
  say();
  setInterval(() => {
    const now = performance.now();
    if (document.visibilityState === "visible") {
      seen += Math.min(2, (now - last) / 1000);
      left = Math.max(0, left - Math.min(2, (now - last) / 1000));
    }
    last = now;
    if (seen >= BEAT || (left <= 0 && seen >= 1)) beat();
  }, 1000);
  setInterval(say, 5000);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") beat(); });
}
