// The H5P editor: a draft is loaded, its form built from semantics.json, saved by itself, previewed and used.

import { announce, api, button, config, el, later, Refused, w } from "./dom.js";
import { blank, fill, librariesIn, Model } from "./model.js";
import { capital, entityOf, Form, labelOf, placeOf } from "./fields.js";
import { details } from "./details.js";
import { outline } from "./outline.js";
import { Preview } from "./preview.js";

const SAVE_MS = 1200;
const RETRY_MS = 5000;

class Editor {
  constructor(root) {
    this.root = root;
    this.draft = config.draft;
    this.draftId = config.draft.id;
    this.language = config.language;
    this.forms = new Map();
    this.titles = new Map();
    this.model = new Model({}, this.draft.metadata);
    this.version = this.draft.version;
  }

  async start() {
    const params = Array.isArray(this.draft.params) ? {} : this.draft.params || {};
    const fresh = Object.keys(params).length === 0;
    const before = JSON.stringify(params);
    const main = await this.loadForm(this.draft.library);
    await this.loadForms(params);
    if (fresh) Object.assign(params, blank({ type: "group", isSubContent: true, fields: main.semantics }));
    else fill(main.semantics, params, (name) => this.formOf(name));
    this.model.state.params = params;
    this.dirty = JSON.stringify(params) !== before;
    this.form = new Form(this);
    this.frame();
    this.draw();
    this.model.watch((what) => this.changed(what));
    this.guard();
    this.preview.load();
  }

  // --- libraries

  contentLanguage() {
    const language = this.model.get(["metadata", "language"]);
    return language === "und" ? null : language;
  }

  async loadForm(library) {
    const texts = this.contentLanguage() || this.language;
    const key = `${library}|${texts}`;
    if (!this.forms.has(key)) {
      const query = new URLSearchParams({ library, language: this.language, texts });
      const form = await api("GET", `/h5p/semantics?${query}`);
      this.forms.set(key, form);
      this.titles.set(library, form.title);
      for (const [name, offer] of Object.entries(form.libraries)) if (offer) this.titles.set(offer.library, offer.title);
      this.offersKnown = { ...this.offersKnown, ...form.libraries };
    }
    return this.forms.get(key);
  }

  async loadForms(value) {
    const names = [...librariesIn(value)];
    await Promise.all(names.map((name) => this.loadForm(name).catch(() => null)));
  }

  formOf(library) {
    return this.forms.get(`${library}|${this.contentLanguage() || this.language}`) || [...this.forms.entries()].find(([key]) => key.startsWith(`${library}|`))?.[1];
  }

  titleOf(library) {
    return this.titles.get(library) || library.split(" ")[0];
  }

  offer(name) {
    return this.offersKnown?.[name] || null;
  }

  // --- the page

  frame() {
    const byName = (name) => this.root.querySelector(`[data-${name}]`);
    this.places = { form: byName("form"), outline: byName("outline"), preview: byName("preview"), status: byName("saved"), conflict: byName("conflict"), summary: byName("summary") };
    this.preview = new Preview(this.places.preview, this);
    this.undoButton = byName("undo");
    this.redoButton = byName("redo");
    this.undoButton.addEventListener("click", () => this.travel("undo"));
    this.redoButton.addEventListener("click", () => this.travel("redo"));
    byName("use").addEventListener("click", () => this.use());
    this.root.querySelectorAll("[data-tab]").forEach((tab) => tab.addEventListener("click", () => this.tab(tab.dataset.tab)));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  tab(name) {
    this.root.dataset.shown = name;
    this.root.querySelectorAll("[data-tab]").forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.tab === name)));
    if (name === "preview") this.preview.load();
  }

  key(event) {
    const typing = event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, [role=textbox]");
    if (!(event.ctrlKey || event.metaKey) || typing) return;
    const step = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
    if (!step) return;
    event.preventDefault();
    this.travel(step);
  }

  travel(step) {
    this.model[step]();
    announce(w(`${step}.done`));
  }

  draw() {
    this.form.live = [];
    this.places.form.replaceChildren(details(this), this.form.library(this.formOf(this.draft.library), ["params"]));
    this.form.update();
    this.marks();
  }

  marks() {
    this.undoButton.disabled = !this.model.canUndo;
    this.redoButton.disabled = !this.model.canRedo;
    outline(this.places.outline, this);
  }

  copied() {
    // What can be pasted has changed: the buttons for it are drawn when a list or a choice is drawn next.
    const opened = document.activeElement?.closest("[data-path]")?.dataset.path;
    this.redraw(opened);
  }

  removed(name) {
    this.say(w("list.removed", { entity: name }));
  }

  redraw(focus) {
    const top = scrollY;
    this.draw();
    scrollTo({ top, behavior: "instant" });
    if (focus) document.querySelector(`[data-path="${CSS.escape(focus)}"]`)?.querySelector("input, select, textarea, summary, button")?.focus({ preventScroll: true });
  }

  changed(what) {
    if (what.travelled) {
      const focus = document.activeElement?.dataset?.undo !== undefined || document.activeElement?.dataset?.redo !== undefined ? null : document.activeElement?.closest("[data-path]")?.dataset.path;
      this.loadForms(this.model.get(["params"])).then(() => this.redraw(focus));
    } else {
      this.form.update();
      this.settle(placeOf(what.path));
      this.mark ??= later(() => this.marks(), 250);
      this.mark();
      this.undoButton.disabled = false;
      this.redoButton.disabled = true;
    }
    this.dirty = true;
    this.state("dirty");
    this.soon ??= later(() => this.save(), SAVE_MS);
    this.soon();
  }

  // --- saving

  state(name, text) {
    this.places.status.dataset.state = name;
    const words = { saved: w("saved", { time: this.time() }), saving: w("saving"), offline: w("offline"), dirty: w("unsaved"), stale: w("stale") };
    this.places.status.textContent = text || words[name];
  }

  time(at = new Date()) {
    const now = new Date(at);
    const minutes = String(now.getMinutes()).padStart(2, "0");
    return this.language === "fr" ? `${now.getHours()}\u00a0h\u00a0${minutes}` : `${now.getHours()}:${minutes}`;
  }

  /** True when the server has what is here. One request at a time. */
  async save() {
    this.soon?.cancel();
    if (this.conflict) return false;
    if (this.saving) {
      await this.saving;
      return this.dirty ? this.save() : true;
    }
    if (!this.dirty) return true;
    this.saving = this.send();
    const done = await this.saving;
    this.saving = null;
    return done && this.dirty ? this.save() : done;
  }

  async send() {
    this.dirty = false;
    this.state("saving");
    try {
      const saved = await api("PUT", `/h5p/drafts/${this.draftId}`, this.model.state, { version: this.version });
      this.version = saved.version;
      this.state(this.dirty ? "dirty" : "saved");
      this.preview.changed();
      return true;
    } catch (problem) {
      this.dirty = true;
      if (problem instanceof Refused && problem.status === 412) this.stale();
      else if (problem instanceof Refused && problem.status === 404) this.state("offline", w("gone"));
      else if (problem instanceof Refused && problem.status === 422) { this.state("offline", w("unsaved")); this.problems(problem.problem.errors || []); }
      else { this.state("offline"); setTimeout(() => this.save(), RETRY_MS); }
      return false;
    }
  }

  /** Somebody else saved: what is here stays here until one has chosen. */
  async stale() {
    this.conflict = true;
    this.state("stale");
    const theirs = await api("GET", `/h5p/drafts/${this.draftId}`).catch(() => null);
    const place = this.places.conflict;
    const keep = async () => {
      this.version = theirs?.version ?? this.version;
      this.conflict = false;
      place.hidden = true;
      await this.save();
    };
    place.replaceChildren(
      el("div", { class: "callout callout--needs", role: "alert" }, el("div", {}, el("h2", { class: "callout-title" }, w("stale.title")),
        el("p", {}, w("stale.text", { time: theirs ? this.time(theirs.updated_at) : "" })),
        el("div", { class: "actions" }, button(w("stale.theirs"), { onclick: () => { this.dirty = false; location.reload(); } }), button(w("stale.mine"), { onclick: keep })))));
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  }

  guard() {
    addEventListener("beforeunload", (event) => { if (this.dirty || this.saving) event.preventDefault(); });
    addEventListener("pagehide", () => {
      const body = this.model.state;
      if (this.dirty && !this.conflict && JSON.stringify(body).length < 60000) {
        api("PUT", `/h5p/drafts/${this.draftId}`, body, { version: this.version, keepalive: true }).catch(() => undefined);
      }
    });
    addEventListener("online", () => this.save());
  }

  // --- use

  /** `confirmed`: codes of what was asked and accepted. */
  async use(confirmed = []) {
    this.clear();
    if (!(await this.save())) return;
    await this.preview.stop();
    try {
      await api("POST", `/h5p/drafts/${this.draftId}/use`, { confirm: confirmed, language: this.root.querySelector("[data-use-for]").value || null }, { version: this.version });
      this.dirty = false;
      location.assign(config.done);
    } catch (problem) {
      this.preview.stopped = false;
      if (!(problem instanceof Refused)) this.state("offline");
      else if (problem.problem.errors?.length) this.problems(problem.problem.errors);
      else if (config.asks.includes(problem.problem.code) && !confirmed.includes(problem.problem.code)) this.ask(problem, confirmed);
      else if (problem.status === 412) this.stale();
      else this.problems([{ path: "", message: problem.text }]);
    }
  }

  ask(problem, confirmed) {
    const dialog = document.querySelector("[data-use-dialog]");
    dialog.querySelector("[data-use-text]").textContent = problem.text;
    dialog.showModal();
    dialog.addEventListener("close", () => { if (dialog.returnValue === "ok") this.use([...confirmed, problem.problem.code]); dialog.returnValue = ""; }, { once: true });
  }

  clear() {
    this.places.summary.hidden = true;
    this.root.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
    this.root.querySelectorAll(".hp-field > .error, .hp-part > .error").forEach((one) => { one.hidden = true; });
  }

  /** A field that is being mended loses its mark. */
  settle(place) {
    const error = document.getElementById(`f-${place}-error`);
    if (!error || error.hidden) return;
    error.hidden = true;
    document.getElementById(`f-${place}-input`)?.removeAttribute("aria-invalid");
  }

  problems(errors) {
    const place = this.places.summary;
    place.replaceChildren(el("h2", { id: "hp-summary-title" }, w("problems")), el("ul", {}, errors.map((one) => el("li", {},
      el("a", { href: `#f-${one.path}`, onclick: (event) => { event.preventDefault(); this.reveal(one.path); } },
        one.path ? `${this.nameOf(one.path)} – ${one.message}` : one.message)))));
    place.hidden = false;
    errors.forEach((one) => one.path && this.beside(one.path, one.message));
    this.root.dataset.shown === "preview" && this.tab("form");
    place.focus();
  }

  /** A message at its field. */
  beside(place, message) {
    const node = this.form.reveal(place);
    const error = document.getElementById(`f-${place}-error`) || node?.querySelector(".error");
    if (!error) return;
    error.replaceChildren(el("span", {}, message));
    error.hidden = false;
    document.getElementById(`f-${place}-input`)?.setAttribute("aria-invalid", "true");
  }

  fail(path, message) {
    this.beside(placeOf(path), message);
    announce(message);
  }

  reveal(place) {
    if (this.root.dataset.shown === "preview") this.tab("form");
    const node = this.form.reveal(place);
    const control = document.getElementById(`f-${place}-input`) || node?.querySelector("input, textarea, select, [role=textbox], summary, button");
    (control || node)?.focus();
    node?.scrollIntoView({ block: "center" });
  }

  /** The label of a field, with those around it: “Question 2, Text”. */
  nameOf(place) {
    if (place === "metadata.title") return w("title");
    const steps = place.split(".");
    const found = [];
    let fields = this.formOf(this.draft.library).semantics;
    let field = null;
    const value = ["params"];
    for (const step of steps) {
      value.push(/^\d+$/.test(step) ? Number(step) : step);
      if (/^\d+$/.test(step) && field?.type === "list") {
        found.push(`${capital(entityOf(field))} ${Number(step) + 1}`);
        field = field.field;
      } else if (step === "params" && field?.type === "library") {
        fields = this.formOf(this.model.get(value.slice(0, -1))?.library)?.semantics || [];
        field = { type: "group", fields };
      } else {
        field = fields.find((one) => one.name === step) || null;
        if (field && field.type !== "list") found.push(labelOf(field));
        else if (field && step === steps.at(-1)) found.push(labelOf(field));
      }
      fields = field?.type === "group" ? field.fields || [] : fields;
      if (field?.type === "list" && field.field?.type === "group") fields = field.field.fields || [];
    }
    return found.slice(-2).join(", ") || place;
  }

  // --- media

  /** Send a file, then make it a medium of the draft. `progress(share)` while it goes. */
  async upload(kind, file, progress) {
    if (file.size > config.limit) throw new Error(w("media.large"));
    const sent = await new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/api/v1/uploads");
      const headers = { "X-CSRF-Token": document.body.dataset.csrf, "X-Filename": encodeURIComponent(file.name), "Content-Type": file.type || "application/octet-stream", "Idempotency-Key": crypto.randomUUID() };
      Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
      request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
      request.addEventListener("load", () => {
        const answer = JSON.parse(request.responseText || "{}");
        if (request.status === 201) resolve(answer);
        else reject(new Refused(request.status, answer));
      });
      request.addEventListener("error", () => reject(new Error(w("offline"))));
      request.send(file);
    });
    try {
      return await api("POST", `/h5p/drafts/${this.draftId}/media`, { upload_id: sent.upload_id, kind });
    } catch (problem) {
      const first = problem.problem?.errors?.[0]?.message;
      throw first ? new Error(first) : problem;
    }
  }

  say(text) {
    document.dispatchEvent(new CustomEvent("cercle:toast", { detail: { text } }));
  }

  setTitle(text) {
    this.model.set(["metadata", "title"], text, { merge: true });
  }

  /** Another language of the content: new parts get its texts. */
  async setLanguage(language) {
    this.model.set(["metadata", "language"], language);
    await this.loadForm(this.draft.library);
    await this.loadForms(this.model.get(["params"]));
    this.redraw("metadata.language");
  }
}

const root = document.querySelector("[data-h5p-editor]");
if (root) {
  new Editor(root).start().catch((problem) => {
    root.querySelector("[data-form]").replaceChildren(el("p", { class: "error", role: "alert" }, problem.text || w("failed")));
  });
}

