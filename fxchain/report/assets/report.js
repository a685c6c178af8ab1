"use strict";
(() => {
  const SWITCH_SECONDS = 0.008;
  const players = [];
  let active = null;

  const amplitude = (decibels) => 10 ** (decibels / 20);

  const bytes = (text) => {
    const binary = atob(text);
    const array = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) array[at] = binary.charCodeAt(at);
    return array.buffer;
  };

  /* All tracks start at the same moment and run together; switching moves their gains alone, so the
     position never changes and nothing is cut. */
  class Player {
    constructor(root) {
      this.root = root;
      this.find = (selector) => root.querySelector(selector);
      this.data = JSON.parse(this.find(".comparison-data").textContent);
      this.keys = this.data.tracks.map((track) => track.key);
      this.chosen = this.data.reference;
      this.before = this.data.compared?.[1] ?? this.keys.find((key) => key !== this.chosen);
      this.position = 0;
      this.startedAt = null;
      this.sources = [];
      this.gains = {};
      this.context = null;
      this.listen();
      this.show();
    }

    listen() {
      const on = (selector, event, act) => this.find(selector)?.addEventListener(event, act);
      on(".play", "click", () => this.toggle());
      on(".seek", "input", (event) => this.seek(Number(event.target.value)));
      on(".match", "change", () => this.level());
      on(".lift", "change", () => this.level());
      on(".loop", "change", () => { if (this.playing) this.begin(this.now()); });
      on(".level", "input", (event) => {
        event.target.setAttribute("aria-valuetext", `${event.target.value} dB`);
        this.level();
      });
      on(".held-out-jump", "click", (event) => {
        this.seek(Number(event.currentTarget.dataset.to));
        this.play();
      });
      this.root.querySelectorAll("input[type=radio]").forEach((radio) => {
        radio.addEventListener("change", () => this.choose(radio.value));
      });
      this.root.querySelectorAll(".sight").forEach((sight) => {
        sight.addEventListener("click", (event) => {
          const frame = sight.getBoundingClientRect();
          this.seek(((event.clientX - frame.left) / frame.width) * this.data.seconds);
        });
      });
      this.root.addEventListener("focusin", () => { active = this; });
      this.root.addEventListener("pointerdown", () => { active = this; });
    }

    get playing() { return this.startedAt !== null; }

    async load() {
      if (this.context) return;
      this.context = new AudioContext();
      this.say("Reading the recordings …");
      const decoded = {};
      await Promise.all(this.data.tracks.filter((track) => track.flac).map(async (track) => {
        decoded[track.key] = await this.context.decodeAudioData(bytes(track.flac));
        track.flac = "";
      }));
      this.buffers = decoded;
      if (this.data.compared) decoded.difference = this.difference(...this.data.compared);
      this.volume = this.context.createGain();
      this.volume.connect(this.context.destination);
      for (const key of this.keys) {
        this.gains[key] = this.context.createGain();
        this.gains[key].gain.value = 0;
        this.gains[key].connect(this.volume);
      }
      this.say("");
    }

    difference(first, second) {
      const track = (key) => this.data.tracks.find((one) => one.key === key);
      const [one, other] = [this.buffers[first], this.buffers[second]];
      const made = this.context.createBuffer(
        one.numberOfChannels, Math.min(one.length, other.length), one.sampleRate);
      const [gain, otherGain] = [track(first).gain, track(second).gain];
      for (let channel = 0; channel < one.numberOfChannels; channel += 1) {
        const [a, b] = [one.getChannelData(channel), other.getChannelData(channel)];
        const out = made.getChannelData(channel);
        for (let at = 0; at < out.length; at += 1) out[at] = gain * a[at] - otherGain * b[at];
      }
      return made;
    }

    async play() {
      active = this;
      for (const other of players) if (other !== this) other.pause();
      try {
        await this.load();
        await this.context.resume();
      } catch (error) {
        this.say(`This browser cannot play the recordings (${error.message}).`);
        return;
      }
      this.level(0);
      this.begin(this.position >= this.data.seconds ? 0 : this.position);
      this.draw();
    }

    begin(position) {
      this.silence();
      const loop = this.find(".loop").checked;
      const when = this.context.currentTime + 0.03;
      this.sources = this.keys.map((key) => {
        const source = this.context.createBufferSource();
        source.buffer = this.buffers[key];
        source.loop = loop;
        source.connect(this.gains[key]);
        source.start(when, position);
        return source;
      });
      if (!loop) this.sources[0].onended = () => this.ended();
      this.position = position;
      this.startedAt = when;
      this.show();
    }

    silence() {
      for (const source of this.sources) { source.onended = null; source.stop(); source.disconnect(); }
      this.sources = [];
      this.startedAt = null;
    }

    ended() { this.silence(); this.position = 0; this.show(); }

    pause() {
      if (!this.playing) return;
      this.position = this.now();
      this.silence();
      this.show();
    }

    toggle() { if (this.playing) this.pause(); else this.play(); }

    now() {
      if (!this.playing) return this.position;
      const gone = this.position + Math.max(0, this.context.currentTime - this.startedAt);
      return this.find(".loop").checked ? gone % this.data.seconds : Math.min(gone, this.data.seconds);
    }

    seek(position) {
      const held = Math.min(Math.max(position, 0), this.data.seconds);
      if (this.playing) this.begin(held % this.data.seconds);
      else this.position = held;
      this.show();
    }

    choose(key) {
      if (!this.keys.includes(key) || key === this.chosen) return;
      this.before = this.chosen;
      this.chosen = key;
      this.find(`input[value="${key}"]`).checked = true;
      this.level();
    }

    gainOf(track) {
      const matching = this.find(".match").checked ? track.matching_db : 0;
      const lift = this.find(".lift")?.checked ? track.lift_db : 0;
      return track.gain * amplitude(matching + lift);
    }

    level(seconds = SWITCH_SECONDS) {
      if (!this.volume) return;
      const now = this.context.currentTime;
      const move = (parameter, value) => {
        parameter.cancelScheduledValues(now);
        parameter.setValueAtTime(parameter.value, now);
        parameter.linearRampToValueAtTime(value, now + Math.max(seconds, 0.001));
      };
      move(this.volume.gain, amplitude(this.data.raise_db + Number(this.find(".level").value)));
      for (const track of this.data.tracks) {
        move(this.gains[track.key].gain, track.key === this.chosen ? this.gainOf(track) : 0);
      }
    }

    say(text) { this.find(".status").textContent = text; }

    show() {
      const now = this.now();
      this.root.style.setProperty("--head", (100 * now / this.data.seconds).toFixed(3));
      this.find(".now").textContent = now.toFixed(1);
      const seek = this.find(".seek");
      seek.value = now;
      seek.setAttribute("aria-valuetext", `${now.toFixed(1)} s`);
      this.find(".play").setAttribute("aria-pressed", String(this.playing));
      this.find(".play-text").textContent = this.playing ? "Pause" : "Play";
    }

    draw() {
      if (!this.playing) return;
      this.show();
      requestAnimationFrame(() => this.draw());
    }
  }

  document.querySelectorAll(".player").forEach((root) => players.push(new Player(root)));
  active = players[0] ?? null;

  /* Opened from here, the page would inherit the policy of this one; as a file it has its own. */
  document.getElementById("save-live")?.addEventListener("click", () => {
    const page = document.getElementById("live-page").content.textContent;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes(page)], { type: "text/html" }));
    link.download = "live.html";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  document.addEventListener("keydown", (event) => {
    if (!active || event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target;
    const writes = target.matches("textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=range])");
    if (writes) return;
    const slides = target.matches("input[type=range], input[type=radio]");
    const presses = target.matches("button, a, summary, input[type=checkbox]");
    const number = Number(event.key);
    if (event.key === " " && !presses) active.toggle();
    else if (Number.isInteger(number) && number > 0 && active.keys[number - 1]) active.choose(active.keys[number - 1]);
    else if (event.key === "x" || event.key === "X") active.choose(active.before);
    else if (event.key === "ArrowLeft" && !slides) active.seek(active.now() - 1);
    else if (event.key === "ArrowRight" && !slides) active.seek(active.now() + 1);
    else return;
    event.preventDefault();
  });
})();
