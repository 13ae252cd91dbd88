// The reader's screen. One ReadingPanel per mounted component lives across reruns; every rerun only hands it new data.
// Nobody sees an image and decides in a quarter of a second: what arrives sooner was meant for the screen before.
import { colorOf, dataImage, uuid4 } from "./elements.mjs";
import { Outbox } from "./outbox.mjs";
import { CONFIDENCE_KEYS, ReadingScreen, stepId } from "./reading_screen.mjs";

const GUARD_MS = 250;
// The server takes no longer time for an answer: a page left open for weeks must still be able to save one.
const LONGEST_MS = 7 * 24 * 3600 * 1000;
// What stands on the screen of a page that was opened while the study cannot be reached.
const NOTHING_YET = { reader: "", question: "", classes: [], confidence_levels: [], step: null, prefetch: null };
const DEFAULT_COLORS = {
  akiec: "#E69F00", bcc: "#56B4E9", bkl: "#009E73", df: "#F0E442", mel: "#D55E00", nv: "#0072B2", vasc: "#CC79A7",
};

const nextFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

class ReadingPanel extends ReadingScreen {
  constructor(root) {
    super();
    this.root = root;
    this.data = null;
    this.outbox = null;
    this.current = null;
    this.state = "empty";
    this.token = 0;
    this.deferred = false;
    this.unreachable = false;
    this.locked = new Set();
    this.continued = new Set();
    this.pausedHere = null;
    this.message = "";
    this.shortcuts = this.remember("shortcuts") !== "off";
    this.build();
    this.setShortcuts(this.shortcuts);
    this.listen();
  }

  remember(name, value) {
    try {
      if (value !== undefined) localStorage.setItem(`dermdash-${name}`, value);
      return localStorage.getItem(`dermdash-${name}`);
    } catch {
      return null;
    }
  }

  // ---- data from the server --------------------------------------------------------------------------------
  update(data, setStateValue) {
    this.deliver = setStateValue;
    if (data.waiting) return this.wait(data);
    this.unreachable = false;
    const first = this.data === null || this.data.reader !== data.reader;
    this.data = data;
    this.classes = data.classes.map((c) => ({ ...c, color: colorOf(c.color, DEFAULT_COLORS[c.code]) }));
    if (first) this.open(data.reader);
    this.outbox.ask(false);
    this.settle(data);
    if (this.pausedHere !== null && this.pausedHere === Boolean(data.paused)) this.pausedHere = null;
    this.fit();
    this.tint();
    this.takeStep(data.step);
    this.showDeferred();
    this.prefetch(data.prefetch);
    this.render();
  }

  settle({ acknowledged, refused }) {
    for (const { item, reason } of this.outbox.settle(acknowledged || [], refused || [])) {
      if (item.kind !== "answer") continue;
      this.locked.delete(`${item.step_key}|${item.phase}`);
      this.message = `An answer was not accepted: ${reason}`;
      if (this.current && stepId(this.current) === `${item.step_key}|${item.phase}`) this.current = null;
    }
  }

  // The server can neither save nor load: all that is on the screen stays, and it is asked again and again.
  wait(data) {
    this.unreachable = true;
    if (this.data === null) {
      this.data = NOTHING_YET;
      this.classes = [];
      this.outbox = new Outbox("", (value) => this.deliver("outbox", value), () => this.renderConnection());
    }
    const known = this.current;
    this.settle(data);
    // A refused answer makes its step open again; the server sends that step when it is back.
    if (this.current === null) this.current = known;
    this.outbox.ask(true);
    this.fit();
    this.render();
  }

  open(reader) {
    if (this.outbox) this.outbox.stop();
    this.outbox = new Outbox(reader, (value) => this.deliver("outbox", value), () => this.renderConnection());
    this.locked.clear();
    this.current = null;
    this.shownKey = null;
    for (const item of this.outbox.answers()) this.locked.add(`${item.step_key}|${item.phase}`);
    let again = false;
    try {
      again = sessionStorage.getItem(`dermdash-open:${reader}`) === "1";
      sessionStorage.setItem(`dermdash-open:${reader}`, "1");
    } catch {
      again = false;
    }
    if (again) this.event("reload", { delay: 100 });
    else if (this.outbox.size) this.outbox.schedule(50);
  }

  takeStep(step) {
    const known = this.current;
    this.current = step || null;
    if (!step) {
      this.token += 1;
      this.state = "empty";
      return;
    }
    if (known && stepId(known) === stepId(step)) {
      // The answer may have been given in another tab: whatever this one shows, feedback comes next.
      if (this.goal(step) === "feedback" && (this.state === "waiting" || this.state === "ready")) {
        this.adopt(step);
        this.enter("feedback");
      }
      return;
    }
    this.adopt(step);
    this.drawChoices();
    this.show(step);
  }

  // What is asked at a step once it is painted: an answer, patience while one is being saved, or leave from feedback.
  goal(step) {
    if (step.feedback && !this.continued.has(stepId(step))) return "feedback";
    return this.locked.has(stepId(step)) || step.feedback ? "waiting" : "ready";
  }

  // One's own answer as it stands when a step opens: the one that feedback speaks of, one on its way from before a
  // reload, else the one before assistance.
  adopt(step) {
    const sent = this.outbox.answers().find((item) => `${item.step_key}|${item.phase}` === stepId(step));
    const answer = (step.feedback && step.feedback.answer) || sent || step.previous;
    this.dx = answer ? answer.dx : null;
    this.confidence = answer ? answer.confidence : null;
  }

  async show(step) {
    const token = (this.token += 1);
    this.enter("loading");
    this.painted = null;
    // Behind the pause curtain nobody sees the image: it is shown, and its time starts, on resuming.
    this.deferred = this.paused;
    if (this.deferred) return;
    const sameImage = this.shownKey === step.key;
    if (!sameImage) {
      this.image.classList.remove("visible");
      this.image.src = dataImage(step.image);
      this.zoom.reset();
    }
    this.drawAssistance(step);
    // On a narrow screen the button stands far below: the new image or assistance must be what is seen next.
    if (this.panel.getBoundingClientRect().top < 0) this.panel.scrollIntoView({ block: "start" });
    try {
      await this.image.decode();
    } catch {
      if (token === this.token) this.imageFailed();
      return;
    }
    await Promise.allSettled([...this.assist.querySelectorAll("img")].map((i) => i.decode()));
    if (token !== this.token) return;
    this.image.classList.add("visible");
    this.shownKey = step.key;
    await nextFrames();
    if (token !== this.token) return;
    this.painted = performance.now();
    this.shownAt = new Date().toISOString();
    this.panel.dataset.painted = stepId(step);
    if (this.goal(this.current) === "ready") {
      this.say(
        `Case ${step.position} of ${step.total}. ` +
          (step.phase === "aided" ? "Assistance is shown. Keep or change your answer." : this.data.question),
      );
    }
    setTimeout(() => {
      if (token !== this.token || this.state !== "loading") return;
      this.adopt(this.current);
      this.enter(this.goal(this.current));
    }, GUARD_MS);
  }

  showDeferred() {
    if (this.deferred && this.current && !this.paused) this.show(this.current);
  }

  imageFailed() {
    this.enter("loading");
    this.event("image_error");
    this.message = "The image could not be shown. Reload the page; if that does not help, tell the study team.";
    this.render();
  }

  prefetch(next) {
    if (!next || (this.next && this.next.key === next.key)) return;
    const image = new Image();
    image.src = dataImage(next.image);
    image.decode().catch(() => {});
    // Held so that the decoded picture stays in memory until it is its turn.
    this.next = { key: next.key, image };
  }

  // ---- answering -------------------------------------------------------------------------------------------
  get paused() {
    return this.pausedHere === null ? Boolean(this.data.paused) : this.pausedHere;
  }

  get changed() {
    const before = this.current && this.current.previous;
    return Boolean(before) && (before.dx !== this.dx || before.confidence !== this.confidence);
  }

  choose(what, value) {
    if (this.state !== "ready" || this.paused) return this.nudge();
    this[what] = value;
    this.message = "";
    this.render();
  }

  clickSubmit(event) {
    // The second click of a double click would answer the next screen, whose button stands at the same place.
    if (event.detail > 1) return;
    this.submit();
  }

  submit() {
    if (this.paused) return;
    if (this.state === "feedback") {
      this.continued.add(stepId(this.current));
      this.enter("waiting");
      this.event("continue");
      return;
    }
    if (this.state !== "ready") return this.nudge();
    const step = this.current;
    const known = this.classes.some((c) => c.code === this.dx);
    if (!known || !this.confidence) {
      this.message = known ? "Say how sure you are first (keys A, S, D …)." : "Choose a diagnosis first (keys 1 to 7).";
      this.render();
      return;
    }
    this.locked.add(stepId(step));
    this.message = "";
    this.enter("waiting");
    this.say("Answer locked. Saving.");
    this.outbox.add({
      kind: "answer",
      id: uuid4(),
      step_key: step.key,
      phase: step.phase,
      dx: this.dx,
      confidence: this.confidence,
      client_ms: Math.min(LONGEST_MS, Math.round((performance.now() - this.painted) * 10) / 10),
      shown_at: this.shownAt,
      submitted_at: new Date().toISOString(),
    });
  }

  event(name, options) {
    const step_key = this.current ? this.current.key : "";
    this.outbox.add({ kind: "event", id: uuid4(), event: name, step_key, at: new Date().toISOString() }, options);
  }

  pause() {
    if (this.paused || this.data.finished) return;
    this.pausedHere = true;
    this.event("pause");
    this.render();
    this.curtain.querySelector("button")?.focus();
    this.say("Paused.");
  }

  resume() {
    if (!this.paused) return;
    this.pausedHere = false;
    this.event("resume");
    this.showDeferred();
    this.render();
    this.submitButton.focus({ preventScroll: true });
    this.say("Resumed.");
  }

  openHelp() {
    if (!this.help.open) this.help.showModal();
  }

  nudge() {
    if (this.panel.classList.contains("nudge")) return;
    this.panel.classList.add("nudge");
    setTimeout(() => this.panel.classList.remove("nudge"), 220);
  }

  say(text) {
    this.live.textContent = text;
  }

  enter(state) {
    this.state = state;
    this.render();
  }

  // ---- input -----------------------------------------------------------------------------------------------
  listen() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    // In the capture phase: Streamlit's own single-key shortcuts must not fire while a reader types.
    window.addEventListener("keydown", (e) => this.onKey(e), { capture: true, signal });
    window.addEventListener("resize", () => this.fit(), { signal });
    window.addEventListener("online", () => this.outbox && this.outbox.flush(), { signal });
    window.addEventListener("offline", () => this.renderConnection(), { signal });
    let focused = document.hasFocus();
    const focus = (has) => {
      if (has === focused || !this.outbox || this.data.finished) return;
      focused = has;
      this.event(has ? "focus_gained" : "focus_lost", { delay: 800 });
    };
    window.addEventListener("blur", () => focus(false), { signal });
    window.addEventListener("focus", () => focus(true), { signal });
    document.addEventListener("visibilitychange", () => focus(!document.hidden && document.hasFocus()), { signal });
    this.ticker = setInterval(() => this.tick(), 250);
  }

  tick() {
    if (!this.root.isConnected) return this.destroy();
    if (!this.data) return;
    this.renderConnection();
    this.renderClock();
  }

  destroy() {
    clearInterval(this.ticker);
    this.abort.abort();
    if (this.outbox) this.outbox.stop();
    PANELS.delete(this.root);
  }

  onKey(event) {
    if (!this.data || !this.root.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    const origin = event.composedPath()[0];
    if (origin instanceof Element && origin.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (this.help.open) {
      if (event.key === "?") this.help.close();
      event.stopPropagation();
      return;
    }
    if (this.handleKey(event, origin instanceof Element ? origin : null)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key.length === 1) {
      event.stopPropagation();
    }
  }

  handleKey(event, origin) {
    const key = event.key;
    const button = origin && origin.closest("button, a");
    const own = button && button.closest(".choices, .levels, .submitbar") && this.root.contains(button);
    if (key === "Enter" || (key === " " && button === this.submitButton)) {
      // Enter on any other button presses that button.
      if (button && !own) return false;
      if (!event.repeat) this.submit();
      return true;
    }
    if (key.startsWith("Arrow")) return Boolean(own) && this.moveChoice(key, button);
    if (key === "Escape") {
      this.pause();
      return true;
    }
    if (!this.shortcuts || event.repeat) return false;
    if (key === "?") {
      this.openHelp();
      return true;
    }
    if (key.toLowerCase() === "p") {
      if (this.paused) this.resume();
      else this.pause();
      return true;
    }
    if (this.paused) return false;
    if (key === "+" || key === "=") this.zoom.zoomBy(1.5);
    else if (key === "-" || key === "−") this.zoom.zoomBy(1 / 1.5);
    else if (key === "0") this.zoom.reset();
    else {
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code || "");
      const number = /^[1-9]$/.test(key) ? Number(key) : digit && !event.shiftKey ? Number(digit[1]) : 0;
      const level = CONFIDENCE_KEYS.indexOf(key.toLowerCase());
      if (number >= 1 && number <= this.classes.length) this.choose("dx", this.classes[number - 1].code);
      else if (level >= 0 && level < this.data.confidence_levels.length) this.choose("confidence", level + 1);
      else return false;
    }
    return true;
  }

  moveChoice(key, button) {
    const group = button.closest(".choices, .levels");
    if (!group) return false;
    const buttons = [...group.children];
    const step = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
    const next = buttons[(buttons.indexOf(button) + step + buttons.length) % buttons.length];
    next.click();
    next.focus();
    return true;
  }
}

const PANELS = new Map();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".reading-panel");
  if (!root || !data) return undefined;
  let panel = PANELS.get(root);
  if (!panel) {
    panel = new ReadingPanel(root);
    PANELS.set(root, panel);
  }
  panel.update(data, setStateValue);
  // Streamlit also runs the clean-up of superseded renders: only a panel that left the page is taken down.
  return () => setTimeout(() => !root.isConnected && panel.destroy(), 0);
}
