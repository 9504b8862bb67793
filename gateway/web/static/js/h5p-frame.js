/*
 * The embedding side of an H5P activity (see gateway/content/static/player.js for the other side).
 *
 * <div data-h5p-frame
 *      data-src="https://content.example/play/TOKEN"  data-origin="https://content.example"
 *      data-nonce="..."  data-statement-url="/..."  data-state-url="/..."  data-finished-url="/..."  data-csrf="..."
 *      data-owner="who is signed in"  data-content="content id"
 *      data-title="..."  data-text-loading="..."  data-text-saving="..."  data-text-saved="Saved {time}"
 *      data-text-offline="..."  data-text-failed="...">fallback without JavaScript</div>
 *
 * Sends, as JSON with X-CSRF-Token and Idempotency-Key (the message's id, the same on every try):
 *   POST data-statement-url  {"statement": {...}}
 *   POST data-state-url      {"sub_content_id": "0", "data_type": "state", "data": "<JSON text>" | null, "sequence": ms,
 *                             "content_id": "..."}
 *   POST data-finished-url   {"score", "max_score", "opened", "finished", "time"} (seconds)
 * What the server does not acknowledge stays on this device (outgoing.js). The answer to a statement may be {"progress": 0..1, "completed": true|false, "score": -1..1|null}.
 *
 * DOM events on the element, bubbling: cercle:ready, cercle:progress and cercle:completed (detail: the answer),
 * cercle:finished (detail: {score, maxScore, seconds}).
 */
import { Outgoing } from './outgoing.js';

const CHANNEL = 'cercle-h5p';
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads';
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_CHARS = 256 * 1024;
const WAIT_FOR_LEFTOVERS_MS = 3000;

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
  finished: (m) => isId(m.id) && ['score', 'maxScore', 'opened', 'finished'].every((name) => Number.isFinite(m[name])),
};

class Frame {
  constructor(host) {
    this.host = host;
    this.data = host.dataset;
    this.status = document.createElement('p');
    this.status.className = 'h5p-frame__status';
    this.status.setAttribute('role', 'status');
    this.iframe = this.createIframe();
    this.outgoing = new Outgoing({ place: this.data.statementUrl, owner: this.data.owner, csrf: this.data.csrf }, {
      saving: () => this.say(this.waiting ? undefined : this.data.textSaving),
      saved: () => this.say(this.savedText()),
      offline: () => this.say(this.data.textOffline, true),
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

  /* `waiting`: reports stay on this device for now, which the status shows until they are gone. */
  say(text, waiting = false) {
    if (text === undefined) return;
    this.waiting = waiting;
    this.status.classList.toggle('is-waiting', waiting);
    if (this.status.textContent !== text) this.status.textContent = text;
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
    const body = { sub_content_id: message.subContentId, data_type: message.dataType, data: message.data, sequence: Date.now(), content_id: this.data.content || null };
    const slot = `${message.subContentId}/${message.dataType}`;
    this.outgoing.add({ id: message.id, url: this.data.stateUrl, body, slot });
  }

  on_finished(message) {
    const seconds = Math.max(0, Math.round(message.finished - message.opened));
    this.emit('finished', { score: message.score, maxScore: message.maxScore, seconds });
    if (!this.data.finishedUrl) return this.send({ type: 'ack', id: message.id });
    const body = {
      score: message.score, max_score: message.maxScore, opened: Math.round(message.opened),
      finished: Math.round(message.finished), time: seconds,
    };
    return this.outgoing.add({ id: message.id, url: this.data.finishedUrl, body });
  }

  done(item, body, ok = true) {
    this.send({ type: 'ack', id: item.id });
    if (!ok) this.say(this.data.textFailed);
    if (!body || body.completed === undefined) return;
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
