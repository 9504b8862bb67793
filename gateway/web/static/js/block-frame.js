/*
 * The embedding side of a block of another maker (see gateway/content/static/block.js for the other side).
 *
 * <div data-block-frame data-src="https://content.example/block/TOKEN" data-origin="https://content.example"
 *      data-nonce="..." data-view="student_view | studio_view" data-title="..."
 *      data-text-loading="..." data-text-failed="...">fallback without JavaScript</div>
 *
 * DOM events on the element, bubbling: cercle:progress and cercle:completed (detail: the attempt). An authoring view
 * that has saved or was cancelled loads the page again, since the course has another version then.
 */
const CHANNEL = 'cercle-block';
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads allow-modals';
const MAX_HEIGHT = 20000;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

class BlockFrame {
  constructor(host) {
    this.host = host;
    this.data = host.dataset;
    this.status = document.createElement('p');
    this.status.className = 'h5p-frame__status';
    this.status.setAttribute('role', 'status');
    this.iframe = document.createElement('iframe');
    this.iframe.className = 'block-frame__content';
    this.iframe.setAttribute('sandbox', SANDBOX);
    this.iframe.title = this.data.title || document.title;
    this.iframe.referrerPolicy = 'no-referrer';
    this.iframe.allow = 'fullscreen';
    this.iframe.style.cssText = 'display:block;width:100%;border:0;height:16rem';
  }

  start() {
    window.addEventListener('message', (event) => this.receive(event));
    this.status.textContent = this.data.textLoading;
    this.host.replaceChildren(this.iframe, this.status);
    this.iframe.src = this.data.src;
  }

  receive(event) {
    if (event.source !== this.iframe.contentWindow || event.origin !== this.data.origin) return;
    const message = event.data;
    if (!isObject(message) || message.channel !== CHANNEL || message.nonce !== this.data.nonce) return;
    if (message.type === 'ready') this.status.textContent = '';
    if (message.type === 'failed') this.status.textContent = this.data.textFailed;
    if (message.type === 'resize') this.resize(message.height);
    if (message.type === 'attempt' && isObject(message.attempt)) this.attempt(message.attempt);
    if (message.type === 'saved' || message.type === 'cancelled') window.location.reload();
  }

  resize(height) {
    if (Number.isFinite(height) && height >= 0) {
      this.iframe.style.height = `${Math.min(Math.max(height, 80), MAX_HEIGHT)}px`;
    }
  }

  /* The figures are the frame's word: the page shows them, the server has its own. */
  attempt(attempt) {
    const detail = {
      completed: attempt.completed === true, course_completed: attempt.course_completed === true,
      score: Number.isFinite(attempt.score) ? attempt.score : null,
      progress: Number.isFinite(attempt.progress) ? attempt.progress : null,
    };
    this.emit('progress', detail);
    if (detail.completed) this.emit('completed', detail);
  }

  emit(name, detail) {
    this.host.dispatchEvent(new CustomEvent(`cercle:${name}`, { bubbles: true, detail }));
  }
}

/** The sandbox holds only because the block lives on another origin: refuse anything else. */
function isApart(data) {
  try {
    return new URL(data.src).origin === data.origin && data.origin !== window.location.origin;
  } catch {
    return false;
  }
}

document.querySelectorAll('[data-block-frame]').forEach((host) => {
  if (isApart(host.dataset)) new BlockFrame(host).start();
});
