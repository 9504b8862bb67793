/*
 * The embedding side of an H5P activity (see gateway/content/static/player.js for the other side).
 *
 * <div data-h5p-frame
 *      data-src="https://content.example/play/TOKEN"  data-origin="https://content.example"
 *      data-nonce="..."  data-statement-url="/..."  data-state-url="/..."  data-csrf="..."
 *      data-title="..."  data-text-loading="..."  data-text-saving="..."  data-text-saved="Saved {time}"
 *      data-text-offline="..."  data-text-failed="...">fallback without JavaScript</div>
 *
 * Sends, as JSON with X-CSRF-Token and Idempotency-Key (the message's id, the same on every try):
 *   POST data-statement-url  {"statement": {...}}
 *   POST data-state-url      {"sub_content_id": "0", "data_type": "state", "data": "<JSON text>" | null, "sequence": ms}
 * The answer to a statement may be {"progress": 0..1, "completed": true|false, "score": -1..1|null}.
 *
 * DOM events on the element, bubbling: cercle:ready, cercle:progress and cercle:completed (detail: the answer),
 * cercle:finished (detail: {score, maxScore, seconds}).
 */
const CHANNEL = 'cercle-h5p';
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads';
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_CHARS = 256 * 1024;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60000;
const KEEPALIVE_CHARS = 60000;
const WAIT_FOR_LEFTOVERS_MS = 3000;
// Asking again would not help. A lost session or a stale token (401, 403) may come back with the next page.
const FINAL = new Set([400, 404, 409, 410, 413, 415, 422]);

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value) => typeof value === 'string' && ID.test(value);
const isShort = (value) => typeof value === 'string' && value.length > 0 && value.length <= 100;

const SCHEMAS = {
  ready: () => true,
  failed: () => true,
  resize: (m) => Number.isFinite(m.height) && m.height >= 0 && m.height <= 20000,
  xapi: (m) => isId(m.id) && isObject(m.statement) && JSON.stringify(m.statement).length <= MAX_CHARS,
  state: (m) => isId(m.id) && isShort(m.subContentId) && isShort(m.dataType)
    && (m.data === null || (typeof m.data === 'string' && m.data.length <= MAX_CHARS)),
  finished: (m) => isId(m.id) && Number.isFinite(m.score) && Number.isFinite(m.maxScore),
};

/** What could not be sent yet, first in first out, kept in this tab until the server has answered. */
class Outgoing {
  constructor(key, csrf, hooks) {
    this.key = `${CHANNEL}:${key}`;
    this.csrf = csrf;
    this.hooks = hooks;
    this.items = this.recall();
    this.delay = FIRST_RETRY_MS;
    this.busy = false;
  }

  recall() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) || '[]');
    } catch {
      return [];
    }
  }

  persist() {
    try {
      if (this.items.length) sessionStorage.setItem(this.key, JSON.stringify(this.items));
      else sessionStorage.removeItem(this.key);
    } catch { /* storage full or refused: the player keeps its own copy */ }
  }

  add(item) {
    if (this.items.some((known) => known.id === item.id)) return;
    // Only the newest state of a slot matters, unless an older one is under way right now.
    const sending = this.busy ? this.items[0] : null;
    const replaced = this.items.filter((known) => item.slot && known.slot === item.slot && known !== sending);
    this.items = this.items.filter((known) => !replaced.includes(known));
    replaced.forEach((known) => this.hooks.done(known, null));
    this.items.push(item);
    this.persist();
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
    this.remove(item.id);
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

  remove(id) {
    this.items = this.items.filter((item) => item.id !== id);
    this.persist();
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

class Frame {
  constructor(host) {
    this.host = host;
    this.data = host.dataset;
    this.status = document.createElement('p');
    this.status.className = 'h5p-frame__status';
    this.status.setAttribute('role', 'status');
    this.iframe = this.createIframe();
    this.outgoing = new Outgoing(this.data.statementUrl, this.data.csrf, {
      saving: () => this.say(this.data.textSaving),
      saved: () => this.say(this.savedText()),
      offline: () => this.say(this.data.textOffline),
      done: (item, body, ok) => this.done(item, body, ok),
    });
  }

  createIframe() {
    const iframe = document.createElement('iframe');
    iframe.className = 'h5p-frame__content';
    iframe.setAttribute('sandbox', SANDBOX);
    iframe.title = this.data.title || document.title;
    iframe.referrerPolicy = 'no-referrer';
    iframe.allow = 'fullscreen';
    iframe.style.cssText = 'display:block;width:100%;border:0;height:24rem';
    return iframe;
  }

  start() {
    window.addEventListener('message', (event) => this.receive(event));
    window.addEventListener('online', () => this.outgoing.run());
    window.addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.leave();
    });
    this.say(this.data.textLoading);
    this.host.replaceChildren(this.iframe, this.status);
    this.open();
  }

  /* What the last page could not deliver goes first, so that the player starts from the newest state. */
  async open() {
    await this.outgoing.drained(WAIT_FOR_LEFTOVERS_MS);
    this.iframe.src = this.data.src;
  }

  leave() {
    this.send({ type: 'flush' });
    this.outgoing.sendAllAtOnce();
  }

  say(text) {
    if (text !== undefined && this.status.textContent !== text) this.status.textContent = text;
  }

  savedText() {
    const lang = (document.documentElement.lang || 'fr').slice(0, 2);
    const time = new Intl.DateTimeFormat(`${lang}-CA`, { hour: 'numeric', minute: '2-digit' }).format(new Date());
    return (this.data.textSaved || '').replace('{time}', time);
  }

  send(message) {
    const target = this.iframe.contentWindow;
    if (target) target.postMessage({ channel: CHANNEL, nonce: this.data.nonce, ...message }, this.data.origin);
  }

  receive(event) {
    if (event.source !== this.iframe.contentWindow || event.origin !== this.data.origin) return;
    const message = event.data;
    if (!isObject(message) || message.channel !== CHANNEL || message.nonce !== this.data.nonce) return;
    if (!Object.hasOwn(SCHEMAS, message.type) || !SCHEMAS[message.type](message)) return;
    this[`on_${message.type}`](message);
  }

  on_ready() {
    this.say('');
    this.emit('ready', {});
  }

  on_failed() {
    this.say(this.data.textFailed);
  }

  on_resize(message) {
    this.iframe.style.height = `${Math.max(message.height, 80)}px`;
  }

  on_xapi(message) {
    const body = { statement: message.statement };
    this.outgoing.add({ id: message.id, url: this.data.statementUrl, body });
  }

  on_state(message) {
    const body = { sub_content_id: message.subContentId, data_type: message.dataType, data: message.data, sequence: Date.now() };
    const slot = `${message.subContentId}/${message.dataType}`;
    this.outgoing.add({ id: message.id, url: this.data.stateUrl, body, slot });
  }

  /* A summary for the page; the result itself travels in the statement. */
  on_finished(message) {
    this.send({ type: 'ack', id: message.id });
    this.emit('finished', { score: message.score, maxScore: message.maxScore, seconds: message.seconds });
  }

  done(item, body, ok = true) {
    this.send({ type: 'ack', id: item.id });
    if (!ok) this.say(this.data.textFailed);
    if (!item.body.statement || !body) return;
    this.emit('progress', body);
    if (body.completed === true) this.emit('completed', body);
  }

  emit(name, detail) {
    this.host.dispatchEvent(new CustomEvent(`cercle:${name}`, { bubbles: true, detail }));
  }
}

/** The sandbox holds only because the content lives on another origin: refuse anything else. */
function isApart(data) {
  try {
    return new URL(data.src).origin === data.origin && data.origin !== window.location.origin;
  } catch {
    return false;
  }
}

/** Start every frame below `root` that has not been started. Safe to call again after a page fragment changed. */
export function startFrames(root = document) {
  root.querySelectorAll('[data-h5p-frame]:not([data-started])').forEach((host) => {
    if (!isApart(host.dataset)) return;
    host.dataset.started = '';
    new Frame(host).start();
  });
}

startFrames();
document.addEventListener('htmx:load', (event) => startFrames(event.target.parentElement || document));
