// The studio: an upload that shows how far it is, and a part of the builder that opens when its address asks for it.

const size = new Intl.NumberFormat(`${document.documentElement.lang.slice(0, 2)}-CA`, { maximumFractionDigits: 1 });
const megabytes = (bytes) => size.format(bytes / 1048576);

class Upload {
  constructor(form) {
    this.form = form;
    this.panel = form.querySelector("[data-upload-panel]");
    this.bar = this.panel.querySelector("progress");
    this.text = this.panel.querySelector("[data-upload-text]");
    this.said = this.panel.querySelector("[data-upload-said]");
    this.words = this.panel.dataset;
    form.addEventListener("submit", (event) => this.start(event));
    this.panel.querySelector("[data-upload-cancel]").addEventListener("click", () => this.request?.abort());
  }

  start(event) {
    const file = this.form.querySelector("input[type=file]").files[0];
    if (!file || this.request) return;
    event.preventDefault();
    if (file.size > Number(this.words.limit)) return this.fail(this.words.tooLarge);
    this.file = file;
    this.spoken = -1;
    this.show(true);
    this.progress(0);
    this.send();
  }

  send() {
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", this.form.action);
    request.setRequestHeader("X-Upload", "1");
    request.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf);
    request.upload.addEventListener("progress", (event) => this.progress(event.loaded / event.total));
    request.upload.addEventListener("load", () => this.check());
    request.addEventListener("load", () => this.settle(request));
    request.addEventListener("error", () => this.fail(this.words.failed));
    request.addEventListener("abort", () => this.fail(this.words.cancelled));
    request.send(new FormData(this.form));
  }

  show(on) {
    this.panel.hidden = !on;
    this.form.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = on; });
  }

  progress(share) {
    this.bar.value = share;
    const words = { done: megabytes(share * this.file.size), total: megabytes(this.file.size) };
    this.text.textContent = this.words.sending.replace("{done}", words.done).replace("{total}", words.total);
    // Read aloud at every quarter, not at every packet.
    const quarter = Math.floor(share * 4);
    if (quarter === this.spoken) return;
    this.spoken = quarter;
    this.said.textContent = this.text.textContent;
  }

  check() {
    this.bar.removeAttribute("value");
    this.text.textContent = this.words.checking;
    this.said.textContent = this.words.checking;
  }

  settle(request) {
    const kind = request.getResponseHeader("Content-Type") || "";
    if (request.status === 200 && kind.includes("json")) {
      location.assign(JSON.parse(request.responseText).location);
    } else if (kind.includes("html")) {
      this.replace(request.responseText);
    } else {
      const problem = kind.includes("json") ? JSON.parse(request.responseText) : {};
      this.fail(problem.title || this.words.failed);
    }
  }

  // The page came back with its reasons: it takes the place of this one, and the focus goes to them.
  replace(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = page.querySelector("main");
    if (!main) return this.fail(this.words.failed);
    document.querySelector("main").replaceWith(main);
    prepare(main);
    (main.querySelector("[data-error-summary], [data-refused]") || main).focus();
  }

  fail(words) {
    this.request = null;
    this.show(false);
    const place = this.form.querySelector("[data-upload-problem]");
    place.hidden = false;
    place.querySelector("[data-upload-problem-text]").textContent = words;
  }
}

function prepare(root) {
  root.querySelectorAll("form[data-upload]").forEach((form) => new Upload(form));
}

// A link to a part of the builder opens the form that is folded there.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  target?.querySelector(":scope > details[data-open-by-link]")?.setAttribute("open", "");
}

// What was saved by itself is newer than the version that the form was opened with.
document.addEventListener("submit", ({ target: form }) => {
  if (form.dataset.etag && form.elements.version) form.elements.version.value = form.dataset.etag.replace(/\D/g, "");
}, true);

prepare(document);
addEventListener("hashchange", openTarget);
