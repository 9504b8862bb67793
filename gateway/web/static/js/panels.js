// A nominal group's page: it looks every few seconds whether there is something new, and counts the
// silent minutes down. The server is the truth; without this file, loading the page again does the same.

const EVERY = 4000;

function writing() {
  const at = document.activeElement;
  if (at?.matches("textarea, input[type=text], select")) return true;
  return [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
}

function watch(host) {
  const note = host.querySelector("[data-pulse-note]");
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(host.dataset.pulse, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { pulse } = await answer.json();
    if (pulse === host.dataset.pulseNow) return;
    // What somebody is writing is never thrown away: they are told, and go on when they are ready.
    if (writing()) note.hidden = false;
    else location.reload();
  };
  setInterval(() => look().catch(() => {}), EVERY);
}

function count(element) {
  const end = Date.parse(element.dataset.timer);
  const written = element.textContent;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    element.textContent = `${written} (${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
  };
  tick();
  setInterval(tick, 1000);
}

document.querySelectorAll("[data-pulse]").forEach(watch);
document.querySelectorAll("[data-timer]").forEach(count);
