/*
 * Reports that the server has not acknowledged yet: kept on this device until it has, and sent again with growing
 * pauses, also after the page, the tab or the browser was closed. Sending twice is harmless: every report has an id
 * (Idempotency-Key), a statement its own id, a state its sequence.
 *
 * One entry per report, under `cercle-out:<owner>:<id>`: {id, place, url, body, slot, at}. `owner` is the signed-in
 * person's pseudonym, so that nobody's reports are ever sent as someone else's; `place` is the activity's address.
 */
const PREFIX = 'cercle-out:';
const KEEP_MS = 28 * 24 * 3600 * 1000; // the server takes statements up to 30 days old
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60000;
const KEEPALIVE_CHARS = 60000;
// Asking again would not help. A lost session or a stale token (401, 403) may come back with the next page.
const FINAL = new Set([400, 404, 409, 410, 413, 415, 422]);
const NOTHING = { saving() {}, saved() {}, offline() {}, done() {} };

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** What `owner` has left on this device, oldest first; what is too old to be taken is forgotten. */
function leftovers(owner) {
  const store = storage();
  const found = [];
  for (const key of store && owner ? Object.keys(store) : []) {
    if (!key.startsWith(`${PREFIX}${owner}:`)) continue;
    let item = null;
    try {
      item = JSON.parse(store.getItem(key));
    } catch { /* not ours */ }
    if (isObject(item) && typeof item.url === 'string' && Date.now() - item.at < KEEP_MS) found.push(item);
    else store.removeItem(key);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The queue of one place. Hooks: saving(), saved(), offline(), done(item, answer, ok). */
export class Outgoing {
  constructor({ place, owner, csrf }, hooks = NOTHING) {
    this.place = place;
    this.owner = owner || '';
    this.csrf = csrf;
    this.hooks = hooks;
    this.items = leftovers(this.owner).filter((item) => item.place === place);
    this.delay = FIRST_RETRY_MS;
    this.busy = false;
  }

  keep(item) {
    try {
      if (this.owner) storage()?.setItem(`${PREFIX}${this.owner}:${item.id}`, JSON.stringify(item));
    } catch { /* full or refused: the player keeps its own copy */ }
  }

  forget(item) {
    this.items = this.items.filter((known) => known.id !== item.id);
    try {
      storage()?.removeItem(`${PREFIX}${this.owner}:${item.id}`);
    } catch { /* as above */ }
  }

  add(given) {
    if (this.items.some((known) => known.id === given.id)) return;
    const item = { ...given, place: this.place, at: Date.now() };
    // Only the newest state of a slot matters, unless an older one is under way right now.
    const sending = this.busy ? this.items[0] : null;
    const replaced = this.items.filter((known) => item.slot && known.slot === item.slot && known !== sending);
    replaced.forEach((known) => {
      this.forget(known);
      this.hooks.done(known, null, true);
    });
    this.items.push(item);
    this.keep(item);
    this.run();
  }

  async run() {
    if (this.busy || !this.items.length) return;
    this.busy = true;
    clearTimeout(this.timer);
    this.hooks.saving();
    const again = await this.sendFirst();
    this.busy = false;
    if (!again) {
      this.delay = FIRST_RETRY_MS;
      if (this.items.length) this.run();
      else this.hooks.saved();
      return;
    }
    this.hooks.offline();
    this.timer = setTimeout(() => this.run(), this.delay);
    this.delay = Math.min(this.delay * 2, LAST_RETRY_MS);
  }

  /** True when the first item must be tried again. */
  async sendFirst() {
    const item = this.items[0];
    let response;
    try {
      response = await this.request(item, false);
    } catch {
      return true;
    }
    if (!response.ok && !FINAL.has(response.status)) {
      this.items.push(this.items.shift()); // one that always fails must not hold up the others
      return true;
    }
    const body = response.ok ? await response.json().catch(() => null) : null;
    this.forget(item);
    this.hooks.done(item, isObject(body) ? body : null, response.ok);
    return false;
  }

  /** Resolves when nothing is left to send, or after `limit` milliseconds. */
  async drained(limit) {
    const deadline = Date.now() + limit;
    this.run();
    while (this.items.length && Date.now() < deadline) {
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  request(item, keepalive) {
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': this.csrf, 'Idempotency-Key': item.id };
    return fetch(item.url, {
      method: 'POST', headers, body: JSON.stringify(item.body), credentials: 'same-origin', keepalive,
    });
  }

  /** Last chance before the page goes. Nothing is forgotten here: the answer cannot be seen any more. */
  sendAllAtOnce() {
    let room = KEEPALIVE_CHARS;
    for (const item of this.items) {
      room -= JSON.stringify(item.body).length;
      if (room < 0) return;
      this.request(item, true).catch(() => undefined);
    }
  }
}

/** Send what earlier pages of this person left behind, from whichever page they open next. */
export function sendLeftovers(owner, csrf) {
  const places = new Set(leftovers(owner).map((item) => item.place));
  places.forEach((place) => {
    if (document.querySelector(`[data-statement-url="${CSS.escape(place)}"]`)) return; // its own frame does it
    new Outgoing({ place, owner, csrf }).run();
  });
}
