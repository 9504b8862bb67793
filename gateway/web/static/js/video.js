// The player of a video: its bar, its transcript, where the learner was, and how much was watched.
// Keys on the picture: space or k plays and pauses, arrows seek by five seconds, m mutes, c turns captions on and off.

const REPORT_MS = 15000;
const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const percent = (share) => Math.round(share * 1000) / 1000;

const SHAPES = {
  play: 'M7 4.5v15l12-7.5z',
  pause: 'M7 5h3.5v14H7zM13.5 5H17v14h-3.5z',
  sound: 'M4 9v6h4l5 4V5L8 9zM16 8.5c1.8 1.8 1.8 5.2 0 7M18.5 6c3.2 3.2 3.2 8.8 0 12',
  silence: 'M4 9v6h4l5 4V5L8 9zM16.5 9.5l5 5M21.5 9.5l-5 5',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
};

function shape(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', name === 'play' || name === 'pause' ? 'video-sign is-filled' : 'video-sign');
  path.setAttribute('d', SHAPES[name]);
  svg.append(path);
  return svg;
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
}

class Player {
  constructor(host) {
    this.host = host;
    this.words = host.dataset;
    this.video = host.querySelector('video');
    this.spans = [];
    this.from = null;
    this.language = this.tracks().find((track) => track.mode === 'showing')?.language
      || this.tracks().find((track) => track.language === document.documentElement.lang.slice(0, 2))?.language || '';
    this.drawBar();
    this.listen();
    this.showCaptions(this.language);
  }

  tracks() {
    return [...this.video.textTracks];
  }

  drawBar() {
    this.video.controls = false;
    this.bar = document.createElement('div');
    this.bar.className = 'video-bar';
    this.bar.setAttribute('role', 'group');
    this.play = this.button('play', this.words.play, () => this.toggle());
    this.seek = document.createElement('input');
    Object.assign(this.seek, { type: 'range', className: 'video-seek', min: 0, max: 0, step: 1, value: 0 });
    this.seek.setAttribute('aria-label', this.words.seek);
    this.seek.addEventListener('input', () => { this.video.currentTime = Number(this.seek.value); });
    this.time = document.createElement('span');
    this.time.className = 'video-time';
    this.sound = this.button('sound', this.words.mute, () => { this.video.muted = !this.video.muted; });
    this.bar.append(this.play, this.seek, this.time, this.sound);
    if (this.tracks().length) this.bar.append(this.captionsMenu());
    this.bar.append(this.menu(this.words.speed, SPEEDS.map((speed) => [speed, `${speed}×`]), 1, (value) => {
      this.video.playbackRate = Number(value);
    }));
    if (this.host.requestFullscreen) {
      this.bar.append(this.button('full', this.words.full, () => {
        if (document.fullscreenElement) document.exitFullscreen();
        else this.host.requestFullscreen();
      }));
    }
    this.status = document.createElement('p');
    this.status.className = 'visually-hidden';
    this.status.setAttribute('role', 'status');
    this.host.append(this.bar, this.status);
  }

  button(sign, label, action) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(shape(sign));
    button.setAttribute('aria-label', label);
    button.title = label;
    button.addEventListener('click', action);
    return button;
  }

  menu(label, options, value, action) {
    const select = document.createElement('select');
    select.setAttribute('aria-label', label);
    options.forEach(([key, text]) => select.add(new Option(text, key, key === value, key === value)));
    select.addEventListener('change', () => action(select.value));
    return select;
  }

  captionsMenu() {
    const options = [['', this.words.captionsOff], ...this.tracks().map((track) => [track.language, track.label])];
    this.captions = this.menu(this.words.captions, options, this.language, (value) => this.showCaptions(value));
    return this.captions;
  }

  showCaptions(language) {
    this.language = language;
    this.tracks().forEach((track) => { track.mode = track.language === language ? 'showing' : 'disabled'; });
    if (this.captions) this.captions.value = language;
  }

  listen() {
    const { video } = this;
    video.addEventListener('loadedmetadata', () => this.begin());
    if (video.readyState >= 1) this.begin();
    video.addEventListener('play', () => { this.from = video.currentTime; this.label(); });
    video.addEventListener('pause', () => { this.note(); this.label(); this.report(); });
    video.addEventListener('seeking', () => this.note(this.last));
    video.addEventListener('seeked', () => { this.from = video.paused ? null : video.currentTime; this.tick(); });
    video.addEventListener('timeupdate', () => this.tick());
    video.addEventListener('volumechange', () => this.label());
    video.addEventListener('click', () => this.toggle());
    video.addEventListener('error', () => { this.status.className = 'player-none'; this.status.textContent = this.words.failed; });
    video.tabIndex = 0;
    video.addEventListener('keydown', (event) => this.key(event));
    document.querySelectorAll('[data-cue]').forEach((cue) => cue.addEventListener('click', () => {
      video.currentTime = Number(cue.dataset.cue);
      video.play();
    }));
    window.addEventListener('pagehide', () => { this.note(); this.report(true); });
    setInterval(() => { if (!video.paused) { this.note(); this.from = video.currentTime; this.report(); } }, REPORT_MS);
  }

  begin() {
    const { video } = this;
    if (this.begun || !Number.isFinite(video.duration)) return;
    this.begun = true;
    this.seek.max = Math.floor(video.duration);
    const position = Number(this.words.position);
    if (position > 3 && position < video.duration - 3) video.currentTime = position;
    this.tick();
  }

  key(event) {
    const steps = { ArrowLeft: -5, ArrowRight: 5 };
    if (event.key === ' ' || event.key === 'k') this.toggle();
    else if (steps[event.key]) this.video.currentTime += steps[event.key];
    else if (event.key === 'm') this.video.muted = !this.video.muted;
    else if (event.key === 'c') this.showCaptions(this.language ? '' : this.tracks()[0]?.language || '');
    else return;
    event.preventDefault();
  }

  toggle() {
    if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  label() {
    const { paused, muted } = this.video;
    this.relabel(this.play, paused ? 'play' : 'pause', paused ? this.words.play : this.words.pause);
    this.relabel(this.sound, muted ? 'silence' : 'sound', muted ? this.words.unmute : this.words.mute);
  }

  relabel(button, sign, label) {
    button.replaceChildren(shape(sign));
    button.setAttribute('aria-label', label);
    button.title = label;
  }

  tick() {
    const { currentTime, duration } = this.video;
    if (!this.video.seeking) this.last = currentTime;
    this.seek.value = Math.floor(currentTime);
    const said = this.words.of.replace('{now}', clock(currentTime)).replace('{total}', clock(duration));
    this.seek.setAttribute('aria-valuetext', said);
    this.time.textContent = `${clock(currentTime)} / ${clock(duration)}`;
    const cues = [...document.querySelectorAll('[data-cue]')];
    const now = cues.filter((cue) => Number(cue.dataset.cue) <= currentTime + 0.05).at(-1);
    cues.forEach((cue) => cue.classList.toggle('is-now', cue === now));
  }

  // A span was played from where it began to here.
  note(until = this.video.currentTime) {
    if (this.from !== null && until > this.from) this.spans.push([percent(this.from), percent(until)]);
    this.from = this.video.paused ? null : this.video.currentTime;
  }

  async report(leaving = false) {
    if (!this.words.report || !this.spans.length || !Number.isFinite(this.video.duration)) return;
    const spans = this.spans.splice(0, 500);
    const body = JSON.stringify({ position: this.video.currentTime, duration: this.video.duration, spans });
    const headers = {
      'Content-Type': 'application/json', 'X-CSRF-Token': this.words.csrf, 'Idempotency-Key': crypto.randomUUID(),
    };
    try {
      const response = await fetch(this.words.report, {
        method: 'POST', headers, body: JSON.stringify({ body }), credentials: 'same-origin', keepalive: leaving,
      });
      if (!response.ok) throw new Error(String(response.status));
      this.tell((await response.json()).attempt);
    } catch {
      this.spans.unshift(...spans); // sent again with the next ones
    }
  }

  tell(attempt) {
    if (!attempt) return;
    this.host.dispatchEvent(new CustomEvent('cercle:progress', { bubbles: true, detail: attempt }));
    if (attempt.completed) this.host.dispatchEvent(new CustomEvent('cercle:completed', { bubbles: true, detail: attempt }));
  }
}

document.querySelectorAll('[data-video]').forEach((host) => new Player(host));
