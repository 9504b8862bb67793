// The content as a learner would see it, in its own origin. A new look is loaded behind the old one.

import { api, button, config, el, w } from "./dom.js";

const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-downloads";

export class Preview {
  /** app: { save(): Promise<bool>, reveal(place), draftId } */
  constructor(place, app) {
    this.app = app;
    this.auto = localStorage.getItem("cercle.h5p.auto") !== "off";
    this.status = el("p", { class: "muted small", role: "status" });
    this.stage = el("div", { class: "hp-stage" }, el("p", { class: "hp-stage-empty muted" }, w("preview.none")));
    this.missing = el("div", { class: "hp-missing", hidden: true });
    const auto = el("input", { type: "checkbox", id: "hp-auto", checked: this.auto, onchange: () => {
      this.auto = auto.checked;
      localStorage.setItem("cercle.h5p.auto", this.auto ? "on" : "off");
      if (this.auto) this.changed();
    } });
    place.append(
      el("div", { class: "hp-preview-head" }, el("h2", {}, w("preview")), button(w("preview.refresh"), { picture: "play", onclick: () => this.load() })),
      el("div", { class: "choice hp-auto" }, auto, el("label", { class: "choice-text", for: "hp-auto" }, w("preview.auto"))),
      this.status, this.stage, this.missing);
    this.place = place;
    addEventListener("message", (event) => this.receive(event));
  }

  get isSeen() {
    return this.place.offsetParent !== null;
  }

  /** After a save: look again, when somebody can see it. */
  changed() {
    clearTimeout(this.timer);
    if (!this.auto || !this.isSeen) return;
    this.timer = setTimeout(() => this.load(), 1200);
  }

  load() {
    clearTimeout(this.timer);
    if (this.stopped) return;
    if (this.loading) this.again = true;
    else this.loading = this.look();
  }

  /** No more looks, and none under way: the draft is about to be used. */
  async stop() {
    clearTimeout(this.timer);
    this.stopped = true;
    await this.loading;
  }

  async look() {
    this.status.textContent = w("preview.loading");
    try {
      if (await this.app.save()) this.show(await api("POST", `/h5p/drafts/${this.app.draftId}/preview`));
    } catch (problem) {
      this.status.textContent = problem.text || w("offline");
    }
    this.loading = null;
    if (this.again) { this.again = false; this.changed(); }
  }

  show(view) {
    this.next?.frame.remove();
    const frame = el("iframe", { class: "hp-frame", title: w("preview"), sandbox: SANDBOX, referrerpolicy: "no-referrer", allow: "fullscreen" });
    this.next = { frame, nonce: view.nonce };
    frame.src = config.content + view.path;
    if (this.shown) frame.classList.add("hp-frame--behind");
    this.stage.append(frame);
    this.list(view.problems);
    clearTimeout(this.limit);
    this.limit = setTimeout(() => this.swap(), 6000);
  }

  swap() {
    clearTimeout(this.limit);
    if (!this.next) return;
    this.stage.querySelectorAll("iframe, .hp-stage-empty").forEach((one) => one !== this.next.frame && one.remove());
    this.next.frame.classList.remove("hp-frame--behind");
    this.shown = this.next;
    this.next = null;
    this.status.textContent = "";
  }

  receive(event) {
    const from = [this.next, this.shown].find((one) => one && one.frame.contentWindow === event.source);
    const message = event.data;
    if (!from || event.origin !== config.content || message?.nonce !== from.nonce) return;
    if (message.type === "resize" && Number.isFinite(message.height)) from.frame.style.height = `${Math.min(Math.max(message.height, 80), 20000)}px`;
    if (message.type === "ready" && from === this.next) this.swap();
    if (message.type === "failed") { this.swap(); this.status.textContent = w("preview.failed"); }
  }

  /** What stands before the use in the course. */
  list(problems) {
    const open = problems.filter((one) => one.code !== "library-other-version");
    this.missing.hidden = !open.length;
    this.missing.replaceChildren(el("h3", {}, w("missing", { n: open.length })), el("ul", {}, open.slice(0, 12).map((one) => el("li", {},
      el("button", { type: "button", class: "link-button", onclick: () => this.app.reveal(one.path) }, this.app.nameOf(one.path)),
      ` ${one.params?.message?.[config.language] ?? ""}`))));
  }
}
