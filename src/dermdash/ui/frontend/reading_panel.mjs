// The reader's panel: between the server's data, the state of a reader, their screen and the outbox.
// One ReadingPanel per mounted component lives across reruns; every rerun only hands it new data.
import { saysWhenAway } from "./away_words.mjs";
import { arrowTo } from "./choice_keys.mjs";
import { dataImage, el, replaceImage } from "./elements.mjs";
import { received, sent } from "./messages.mjs";
import { BOUND, CONNECTION, EVENT, SENDS, SHAPE, STATE, VIEW } from "./names.mjs";
import { FORGETFUL, Outbox } from "./outbox.mjs";
import { GUARD_MS, isTyping, moment, nextFrames, remember } from "./panel_parts.mjs";
import { PictureFetch } from "./picture_fetch.mjs";
import { Pictures } from "./pictures.mjs";
import { languageChoice } from "./reader_parts.mjs";
import { shortcutOf } from "./reading_keys.mjs";
import { ReadingScreen } from "./reading_screen.mjs";
import { ReadingState } from "./reading_state.mjs";
import { uuid4 } from "./uuid.mjs";
import { Words } from "./words.mjs";

const TICK_MS = 250;
const HELD_WORDS = BOUND.HELD_WORDS;
// By language: they travel once for a page.
const WORDS = new Map();

// A message that takes longer came over a slow line, or over one that broke.
const SLOW_ANSWER_MS = 4000;
// What comes sooner needs no word about it.
const SAID_AFTER_MS = 1500;

// Names of the pictures of the open step.
const shownBy = ({ step, large, closing }) => {
  const assistance = (step && step.assistance && [step.assistance, ...(step.assistance.parts || [])]) || [];
  const neighbours = assistance.flatMap((part) => part.neighbours || []);
  const overlays = assistance.map((part) => part.overlay);
  const beside = step && step.beside;
  const further = beside ? [beside.clinical, ...(beside.lesions || [])] : [];
  const images = [step, ...neighbours, large, ...(closing ? closing.missed : [])].filter(Boolean).map(({ image }) => image);
  return [...images, ...[...further, ...overlays].filter(Boolean)];
};

const neededBy = (data) => [...shownBy(data), ...(data.prefetch ? [data.prefetch.image] : [])];

// Whether this tab has shown the panel of that reader before: then the page was loaded again.
function openedBefore(reader) {
  try {
    const again = sessionStorage.getItem(`dermdash-open:${reader}`) === "1";
    sessionStorage.setItem(`dermdash-open:${reader}`, "1");
    return again;
  } catch {
    return false;
  }
}

class ReadingPanel {
  constructor(root) {
    this.root = root;
    this.state = new ReadingState();
    // Built once it is known in which language.
    this.screen = null;
    this.words = null;
    this.pictures = new Pictures();
    this.fetching = new PictureFetch({
      onPicture: (name, data) => this.arrived(name, data),
      onProgress: () => this.drawComing(),
      onGone: () => this.askForWhatIsGone(),
    });
    // What the last message says is shown, while not all of its pictures are here; since when.
    this.coming = null;
    this.outbox = null;
    // When something was sent that no message has answered yet, and whether that has taken too long.
    this.sentAt = null;
    this.late = false;
    // Counts what is being shown: whatever still waits for an image of before comes too late.
    this.token = 0;
    this.listen();
  }

  // ---- data from the server --------------------------------------------------------------------------------
  update(data, setStateValue) {
    this.deliver = setStateValue;
    if (this.late) this.fetching.noteLate();
    this.sentAt = null;
    this.late = false;
    const renewed = this.read(data);
    if (data.waiting) return this.wait(data, renewed);
    const { state } = this;
    const first = state.data === null || state.data.reader !== data.reader;
    state.receive(data);
    state.cover(performance.now());
    this.pictures.take(data.pictures);
    if (first) this.open(data.reader);
    this.settle(data);
    this.fetching.want(this.pictures.keep(neededBy(data)));
    this.coming = { data, since: performance.now() };
    const shows = this.place();
    // In the words of the message, not of the one before.
    if (renewed && !shows) this.redraw();
  }

  // Show what the last message says as far as its pictures are here; what is not is being fetched. Returns whether that
  // is another step.
  place() {
    const { data } = this.coming;
    this.askAgain();
    if (!this.screen || this.pictures.missing(shownBy(data)).length) {
      this.draw();
      return false;
    }
    this.screen.fit();
    this.screen.tint();
    const shows = this.takeStep(data.step);
    this.screen.enlarge(data.large);
    this.showDeferred();
    if (data.prefetch && !this.pictures.missing([data.prefetch.image]).length) this.prefetch(data.prefetch);
    this.draw();
    return shows;
  }

  arrived(name, picture) {
    this.pictures.take({ [name]: picture });
    if (!this.root.isConnected) return;
    this.place();
  }

  // Words that were sent before and are not here any more, and pictures that the server has forgotten, are asked for.
  askAgain() {
    const lost = this.screen === null || this.fetching.gone;
    const asked = this.outbox.asking;
    this.outbox.ask(lost);
    if (lost && !asked) this.outbox.flush();
  }

  askForWhatIsGone() {
    if (this.coming && this.root.isConnected) this.askAgain();
  }

  // Take the words of the reader's language; returns whether they are others, which the screen is built anew for: it is
  // to be redrawn then, and everything stays where it was.
  read({ language, languages, words, preview }) {
    this.preview = Boolean(preview);
    if (words) WORDS.set(language, new Words(language, words));
    const known = WORDS.get(language) || this.words;
    if (known === this.words || !known) return false;
    this.words = known;
    if (!preview) document.documentElement.lang = known.language;
    this.screen = new ReadingScreen(this.root, this, { words: known, languages, pictures: this.pictures });
    this.setShortcuts(remember("shortcuts") !== "off");
    return true;
  }

  async redraw() {
    const { state, screen } = this;
    const { step } = state;
    if (!state.shownKey) return;
    screen.drawChoices(state);
    if (!step || step.key !== state.shownKey) return;
    screen.bring(step, state.classes, false);
    await screen.imageDecoded().catch(() => {});
    screen.reveal();
    screen.markPainted(step);
    this.draw();
  }

  // The reader chose another language.
  speak(code) {
    this.deliver(SENDS.LANGUAGE, code);
  }

  // What the help offers beside the keys.
  more(words, languages) {
    const { text, language } = words;
    return el(
      "div",
      { class: "more" },
      languageChoice({ label: text.LANGUAGE, language, languages, onChoice: (code) => this.speak(code) }),
      el("button", { type: "button", class: "plain", onclick: () => this.leaveForParticipation() }, text.YOUR_PARTICIPATION_LINK),
    );
  }

  // Another page of the same link. What is only in the memory of this one is delivered first.
  leaveForParticipation() {
    if (this.preview) return this.screen.nudge();
    if (this.outbox && this.outbox.size && !this.outbox.durable) {
      this.outbox.flush();
      this.screen.nudge();
      return;
    }
    const address = new URL(location.href);
    address.searchParams.set(VIEW.PARAMETER, VIEW.PARTICIPATION);
    location.assign(address);
  }

  get holding() {
    return [...this.pictures.names, ...[...WORDS.keys()].map((code) => `${HELD_WORDS}${code}`)];
  }

  settle({ acknowledged, refused }) {
    this.state.refuse(this.outbox.settle(acknowledged || [], refused || []));
  }

  // The server can neither save nor load: it is asked again and again.
  wait(data, renewed) {
    if (this.state.lose()) this.outbox = this.newOutbox("");
    this.settle(data);
    this.outbox.ask(true);
    this.screen.fit();
    this.draw();
    if (renewed) this.redraw();
  }

  open(reader) {
    if (this.outbox) this.outbox.stop();
    this.outbox = this.newOutbox(reader);
    this.state.begin(this.outbox.answers());
    this.event(!this.preview && openedBefore(reader) ? EVENT.RELOAD : EVENT.OPENED, { delay: 100 });
  }

  newOutbox(reader) {
    const outbox = new Outbox(reader, (value) => this.send(value), () => this.drawConnection(), this.preview ? FORGETFUL : undefined);
    outbox.holds = () => this.holding;
    outbox.fetches = () => this.fetching.needed;
    outbox.isSlow = () => this.fetching.slow;
    return outbox;
  }

  send(value) {
    this.sentAt ??= performance.now();
    this.deliver(SENDS.OUTBOX, value);
  }

  // Returns whether it is another one.
  takeStep(step) {
    const another = this.state.take(step, this.outbox.answers());
    if (!step) this.token += 1;
    if (!another) {
      if (step && this.state.shownKey === step.key) {
        replaceImage(this.screen.image, this.pictures.data(step.image));
      }
      return false;
    }
    this.screen.drawChoices(this.state);
    this.show(step);
    return true;
  }

  async show(step) {
    const { state, screen } = this;
    const token = (this.token += 1);
    state.load();
    this.draw();
    if (state.deferred) return;
    screen.bring(step, state.classes, state.shownKey === step.key);
    try {
      await screen.imageDecoded();
    } catch {
      if (token === this.token) this.imageFailed();
      return;
    }
    await screen.othersDecoded();
    if (token !== this.token) return;
    screen.reveal();
    await nextFrames();
    if (token !== this.token) return;
    state.paint(performance.now(), moment());
    screen.markPainted(step);
    if (state.goal === STATE.READY) screen.sayWhatIsAsked(state);
    setTimeout(() => {
      if (token !== this.token) return;
      state.open(this.outbox.answers());
      this.draw();
    }, GUARD_MS);
  }

  showDeferred() {
    if (this.state.deferred && this.state.step && !this.state.curtained) this.show(this.state.step);
  }

  imageFailed() {
    this.event(EVENT.IMAGE_ERROR);
    this.state.fail("IMAGE_FAILED");
    this.draw();
  }

  prefetch(next) {
    if (!next || (this.next && this.next.key === next.key)) return;
    const image = new Image();
    image.src = dataImage(this.pictures.data(next.image));
    image.decode().catch(() => {});
    // Held so that the decoded picture stays in memory until it is its turn.
    this.next = { key: next.key, image };
  }

  // ---- the screen ------------------------------------------------------------------------------------------
  get mail() {
    const { outbox } = this;
    if (!outbox) return { left: 0, connection: CONNECTION.SAVED, durable: true };
    return { left: outbox.answers().length, connection: outbox.connection, durable: outbox.durable };
  }

  draw() {
    if (this.state.data && this.screen) this.screen.draw(this.state, this.mail);
    this.drawComing();
  }

  // How much of what is shown next is here, where it takes long.
  drawComing() {
    if (!this.screen || !this.coming) return;
    const names = this.pictures.missing(shownBy(this.coming.data)).length ? shownBy(this.coming.data) : [];
    const long = performance.now() - this.coming.since > SAID_AFTER_MS;
    this.screen.drawComing(names.length && long ? this.fetching.share(names) : null);
  }

  drawConnection() {
    if (this.outbox && this.state.data && this.screen) this.screen.drawConnection(this.state, this.mail);
  }

  // ---- answering -------------------------------------------------------------------------------------------
  chooseDiagnosis(code) {
    this.choose("dx", code);
  }

  chooseConfidence(level) {
    this.choose("confidence", level);
  }

  chooseRating(value) {
    this.choose("malignancy_rating", value);
  }

  chooseManagement(code) {
    this.choose("management", code);
  }

  focusRating() {
    this.screen.further.rating.focus();
  }

  // The reader wants to see large what they see small.
  lookAt({ of, number }) {
    const { step } = this.state;
    this.deliver(SENDS.LOOK, sent(SHAPE.LOOK, { step_key: step ? step.key : "", of, number }));
  }

  ask(what) {
    this.state.ask(what);
    this.draw();
  }

  askNext() {
    this.state.askNext();
    this.draw();
  }

  choose(what, value) {
    if (this.state.choose(what, value)) this.draw();
    else this.screen.nudge();
  }

  clickSubmit(event) {
    // The second click of a double click would answer the next screen, whose button stands at the same place.
    if (event.detail > 1) return;
    this.submit();
  }

  submit() {
    const { state } = this;
    if (state.paused) return;
    if (state.interlude) return this.beginStep();
    if (state.leaveFeedback()) {
      this.draw();
      this.event(EVENT.CONTINUE);
      return;
    }
    if (state.expects !== STATE.READY) {
      this.screen.nudge();
      return;
    }
    this.watchSleep();
    const answer = state.lock({ id: uuid4(), now: performance.now(), moment: moment() });
    this.draw();
    if (!answer) return;
    this.screen.leaveRating();
    this.screen.say(this.words.text.SAY_SAVING);
    this.outbox.add(answer);
  }

  event(kind, options) {
    this.outbox.add(this.state.event(kind, { id: uuid4(), moment: moment() }), options);
  }

  pauseReading() {
    const kind = this.state.pause(performance.now());
    if (!kind) return;
    this.event(kind);
    this.draw();
    this.screen.focusCurtain();
    this.screen.say(this.words.text.SAY_PAUSED);
  }

  resumeReading() {
    const kind = this.state.resume(performance.now());
    if (!kind) return;
    this.event(kind);
    this.showDeferred();
    this.draw();
    this.screen.focusSubmit();
    this.screen.say(this.words.text.SAY_RESUMED);
  }

  beginStep() {
    // What is pressed in the moment it appears was meant for the screen before.
    if (this.screen.curtainAge < GUARD_MS) return;
    const kind = this.state.beginStep(performance.now());
    if (!kind) return;
    this.event(kind);
    this.showDeferred();
    this.draw();
    this.screen.focusSubmit();
  }

  setShortcuts(on) {
    this.shortcuts = on;
    remember("shortcuts", on ? "on" : "off");
    this.screen.showShortcuts(on);
  }

  // ---- input -----------------------------------------------------------------------------------------------
  listen() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    // In the capture phase: Streamlit's own single-key shortcuts must not fire while a reader types.
    window.addEventListener("keydown", (e) => this.onKey(e), { capture: true, signal });
    window.addEventListener("resize", () => this.screen && this.screen.fit(), { signal });
    window.addEventListener("online", () => this.outbox && this.outbox.flush(), { signal });
    window.addEventListener("offline", () => this.drawConnection(), { signal });
    let focused = document.hasFocus();
    const focus = (has) => {
      if (has === focused || !this.outbox || this.state.finished) return;
      focused = has;
      this.event(has ? EVENT.FOCUS_GAINED : EVENT.FOCUS_LOST, { delay: 800 });
    };
    window.addEventListener("blur", () => focus(false), { signal });
    window.addEventListener("focus", () => focus(true), { signal });
    const seen = () => this.state.hide(document.hidden, performance.now());
    seen();
    document.addEventListener(
      "visibilitychange",
      () => {
        seen();
        focus(!document.hidden && document.hasFocus());
      },
      { signal },
    );
    this.ticker = setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    if (!this.root.isConnected) return this.destroy();
    if (!this.state.data || !this.screen) return;
    this.watchSleep();
    this.watchLine();
    this.drawConnection();
    this.drawComing();
    this.screen.drawClock(this.state);
    if (!this.state.timeIsUp(performance.now())) return;
    this.event(EVENT.TIME_LIMIT);
    this.screen.say(this.words.text.TIME_IS_UP);
  }

  // An answer of the server that takes long: from now on messages come without pictures.
  watchLine() {
    if (this.sentAt === null || performance.now() - this.sentAt < SLOW_ANSWER_MS) return;
    this.sentAt = null;
    this.late = true;
    this.fetching.noteSlow();
    if (this.outbox && this.outbox.size) this.outbox.flush();
  }

  watchSleep() {
    const { clock } = this.state;
    if (clock.running && clock.tick(performance.now())) this.event(EVENT.ASLEEP);
  }

  destroy() {
    clearInterval(this.ticker);
    this.abort.abort();
    if (this.outbox) this.outbox.stop();
    this.fetching.stop();
    PANELS.delete(this.root);
  }

  onKey(event) {
    if (!this.state.data || !this.screen || !this.root.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    const origin = event.composedPath()[0];
    if (isTyping(origin)) return;
    if (this.screen.helpIsOpen) {
      if (event.key === "?") this.screen.closeHelp();
      event.stopPropagation();
      return;
    }
    const { dialog } = this.screen;
    if (dialog) {
      if (event.key !== "Tab" && event.key !== "Enter" && event.key !== " ") dialog.press(event.key);
      event.stopPropagation();
      return;
    }
    const { rating } = this.screen.further;
    if ((origin === rating.input && rating.press(event.key)) || this.handleKey(event, origin instanceof Element ? origin : null)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key.length === 1) {
      event.stopPropagation();
    }
  }

  // Returns whether the key was meant for the panel.
  handleKey(event, origin) {
    const { key } = event;
    const button = origin && origin.closest("button, a");
    const own = button && button.closest(".choices, .levels, .submitbar") && this.root.contains(button);
    if (key === "Enter" || (key === " " && this.screen.isSubmit(button))) {
      // Enter on any other button presses that button.
      if (button && !own) return false;
      if (!event.repeat) this.submit();
      return true;
    }
    const comparing = this.screen.compare.isOpen;
    if (key.startsWith("Arrow") && own && this.moveChoice(key, button)) return true;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      if (comparing) this.screen.compare.turn(key === "ArrowRight" ? 1 : -1);
      return comparing;
    }
    if (key.startsWith("Arrow")) return false;
    if (comparing && key === "Escape") {
      this.closeBeside();
      return true;
    }
    if (!this.shortcuts || event.repeat) return false;
    const { classes, data, paused } = this.state;
    const { diagnosis, malignancy_rating: rating, managements } = data.asked;
    const wanted = shortcutOf(event, { classes, levels: data.confidence_levels.length, managements, rating, diagnosis, paused });
    if (!wanted) return false;
    const [act, ...values] = wanted;
    this[act](...values);
    return true;
  }

  openHelp() {
    this.screen.openHelp();
  }

  openBeside() {
    this.screen.openBeside();
  }

  closeBeside() {
    this.screen.compare.close();
  }

  zoomBy(factor) {
    this.screen.zoom.zoomBy(factor);
  }

  fitImage() {
    this.screen.zoom.reset();
  }

  moveChoice(key, button) {
    const group = button.closest(".choices, .levels");
    if (!group) return false;
    const buttons = [...group.children];
    const next = buttons[arrowTo(key, buttons.indexOf(button), buttons.length)];
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
  panel.update(received(SHAPE.PANEL, data), setStateValue);
  if (!panel.preview) saysWhenAway(""); // the line below the answers says it
  // Streamlit also runs the clean-up of superseded renders: only a panel that left the page is taken down.
  return () => setTimeout(() => !root.isConnected && panel.destroy(), 0);
}
