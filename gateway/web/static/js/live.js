// The event stream: keeps the bell's count true and shows what just arrived.
// The server sends JSON {id?, kind?, unread?: number, text?, href?, link?} as events named "notification" (or plain messages).
// Texts do not travel in the stream: without one, the toast says that something arrived and leads to the list.
// EventSource reconnects by itself.

const url = document.body.dataset.stream;

function showCount(unread) {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  bell.querySelector("[data-bell-count]").textContent = unread > 99 ? "99+" : unread > 0 ? String(unread) : "";
  bell.querySelector("[data-bell-text]").textContent = unread > 0 ? bell.dataset.text.replace("{n}", unread) : bell.dataset.textNone;
}

function toastOf(data) {
  const words = document.querySelector("[data-bell]")?.dataset || {};
  return { text: data.text || words.new, href: data.href || "/notifications", link: data.link || words.read };
}

async function receive(event) {
  let data;
  try {
    data = JSON.parse(event.data);
  } catch {
    return; // a comment or another kind of event
  }
  if (Number.isInteger(data?.unread)) showCount(data.unread);
  // The stream carries ids and counts only; the words come over the page's own session.
  if (data?.id && !data.text) {
    const answer = await fetch(`/notifications/${data.id}.json`).catch(() => null);
    if (answer?.ok) Object.assign(data, await answer.json());
  }
  if (data?.text || data?.id) document.dispatchEvent(new CustomEvent("cercle:toast", { detail: toastOf(data) }));
  document.dispatchEvent(new CustomEvent("cercle:live", { detail: data }));
}

if (url && "EventSource" in window) {
  let source = null;
  const start = () => {
    source = new EventSource(url);
    for (const kind of ["message", "notification", "unread"]) source.addEventListener(kind, receive);
  };
  // Pages kept in the back/forward cache must not hold a connection.
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && start());
  start();
}
