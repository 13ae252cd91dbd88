// What the reader sees: elements are built once and redrawn from a `ReadingState`. Drawing changes nothing but the screen;
// decisions are in reading_state.mjs, and what the reader does goes to `acts`, the panel.
import { drawAssistance } from "./assistance.mjs";
import { LEVEL_KEYS } from "./choice_keys.mjs";
import { dataImage, el, svg, replaceImage } from "./elements.mjs";
import { CONNECTION, MODALITY, PHASE, STATE } from "./names.mjs";
import { CHECK, connectionLine, fitPanel, markChosen, nudge, progressBar, tintPanel } from "./panel_parts.mjs";
import { readingHelp } from "./reading_help.mjs";
import { stepId } from "./reading_state.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";

const CONNECTION_TEXT = {
  [CONNECTION.SAVED]: "Saved",
  [CONNECTION.SAVING]: "Saving…",
  [CONNECTION.OFFLINE]: "Not connected: your answers are kept on this device",
  [CONNECTION.UNREACHABLE]: "The study cannot be reached at the moment: your answers are kept on this device",
};
const CROSS = "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z";
const CURTAIN = { FINISHED: "all done", PAUSED: "paused by the reader", NO_STEP: "no step" };

export class ReadingScreen {
  constructor(root, acts) {
    this.root = root;
    this.acts = acts;
    this.build();
  }

  build() {
    this.image = el("img", { class: "lesion", alt: "Dermatoscopic image of the lesion to diagnose", draggable: "false" });
    const { bar: zoomButtons, show } = zoomBar(() => this.zoom);
    this.mat = el(
      "div",
      { class: "mat", role: "group", "aria-label": "Image. Plus and minus zoom, zero fits." },
      this.image,
      (this.matText = el("p", { class: "mattext" })),
      zoomButtons,
    );
    this.zoom = makeZoom(this.mat, this.image, { onChange: show });
    this.progress = progressBar();
    this.clock = el("span", { class: "clock" });
    const bar = el(
      "header",
      { class: "bar" },
      this.progress.bar,
      this.clock,
      (this.pauseButton = el("button", { type: "button", class: "text", onclick: () => this.acts.pauseReading() }, "Pause")),
      (this.helpButton = el("button", { type: "button", class: "text", onclick: () => this.openHelp() }, "Help")),
    );
    this.assist = el("section", { class: "assist", "aria-label": "Assistance" });
    this.phaseText = el("p", { class: "phase" });
    this.question = el("h2", { id: "question" });
    this.choices = el("div", { class: "choices", role: "radiogroup", "aria-labelledby": "question" });
    this.levels = el("div", { class: "levels", role: "radiogroup", "aria-labelledby": "confidence" });
    this.submitButton = el("button", { type: "button", class: "submit", onclick: (e) => this.acts.clickSubmit(e) });
    this.connection = connectionLine(CONNECTION_TEXT, (text) => this.say(text));
    this.notice = el("p", { class: "notice", role: "alert" });
    this.feedback = el("div", { class: "feedback" });
    this.answer = el(
      "section",
      { class: "answer", "aria-label": "Your answer" },
      this.phaseText,
      this.question,
      this.choices,
      el("h3", { id: "confidence" }, "How sure are you?"),
      this.levels,
      el("div", { class: "submitbar" }, this.feedback, this.notice, this.submitButton, this.connection.line),
    );
    this.live = el("p", { class: "sr", "aria-live": "polite" });
    this.curtain = el("div", { class: "curtain" });
    this.help = readingHelp((on) => this.acts.setShortcuts(on));
    this.panel = el("div", { class: "panel" }, bar, el("div", { class: "body" }, this.mat, this.assist, this.answer), this.curtain, this.live, this.help);
    this.root.replaceChildren(this.panel);
  }

  openHelp() {
    if (!this.help.open) this.help.showModal();
  }

  closeHelp() {
    this.help.close();
  }

  get helpIsOpen() {
    return this.help.open;
  }

  isSubmit(button) {
    return button === this.submitButton;
  }

  focusSubmit() {
    this.submitButton.focus({ preventScroll: true });
  }

  focusCurtain() {
    this.curtain.querySelector("button")?.focus();
  }

  showShortcuts(on) {
    this.help.querySelector("#shortcuts").checked = on;
    this.panel.classList.toggle("nokeys", !on);
  }

  drawChoices({ classes, data }) {
    const keys = (k) => el("kbd", { "aria-hidden": "true" }, k);
    this.help.querySelector("#lastkey").textContent = String(classes.length);
    this.choices.replaceChildren(
      ...classes.map((c, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "choice", "data-dx": c.code, "aria-keyshortcuts": String(i + 1), onclick: () => this.acts.chooseDiagnosis(c.code) },
          keys(String(i + 1)),
          el("i", { class: "swatch", "--c": c.color }),
          el("span", { class: "name" }, c.name),
          el("span", { class: "mine" }),
          svg(CHECK),
        ),
      ),
    );
    this.levels.replaceChildren(
      ...data.confidence_levels.map((name, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "level", "data-confidence": String(i + 1), "aria-keyshortcuts": LEVEL_KEYS[i], onclick: () => this.acts.chooseConfidence(i + 1) },
          keys((LEVEL_KEYS[i] || "").toUpperCase()),
          el("span", { class: "name" }, name),
        ),
      ),
    );
  }

  // The image and assistance of a step, still out of sight.
  bring(step, classes, sameCase) {
    if (sameCase) replaceImage(this.image, step.image);
    else {
      this.image.classList.remove("visible");
      this.image.src = dataImage(step.image);
      this.zoom.reset();
    }
    const drawing = step.phase === PHASE.AIDED ? drawAssistance(step.assistance, classes) : null;
    this.assist.replaceChildren(...(drawing ? [drawing] : []));
    this.panel.dataset.modality = drawing ? step.assistance.modality : MODALITY.NONE;
    // On a narrow screen the button stands far below: the new image or assistance must be what is seen next.
    if (this.panel.getBoundingClientRect().top < 0) this.panel.scrollIntoView({ block: "start" });
  }

  // Rejected where the image cannot be shown.
  imageDecoded() {
    return this.image.decode();
  }

  assistanceDecoded() {
    return Promise.allSettled([...this.assist.querySelectorAll("img")].map((i) => i.decode()));
  }

  reveal() {
    this.image.classList.add("visible");
  }

  markPainted(step) {
    this.panel.dataset.painted = stepId(step);
  }

  say(text) {
    this.live.textContent = text;
  }

  nudge() {
    nudge(this.panel);
  }

  // `mail`: what is known of the answers on their way: how many are left, the connection, whether they are kept.
  draw(state, mail) {
    const { data, step } = state;
    const covered = state.finished || state.paused || !step;
    this.panel.dataset.state = state.shown;
    this.panel.dataset.step = step ? step.key : "";
    this.panel.dataset.phase = step ? step.phase : "";
    this.panel.classList.toggle("covered", covered);
    this.panel.querySelector(".body").inert = covered;
    this.pauseButton.hidden = state.finished || state.paused;
    this.drawCurtain(state, mail);
    this.drawConnection(state, mail);
    this.drawClock(state);
    this.drawProgress(state);
    if (!step) return;
    const open = state.expects === STATE.READY;
    this.phaseText.textContent = state.aided ? "With assistance: keep or change your answer" : "Your own answer, without assistance";
    this.question.textContent = data.question;
    markChosen(this.choices, (b) => b.dataset.dx === state.dx, open);
    markChosen(this.levels, (b) => Number(b.dataset.confidence) === state.confidence, open);
    for (const b of this.choices.children)
      b.querySelector(".mine").textContent = step.previous && step.previous.dx === b.dataset.dx && state.changed ? "before" : "";
    this.drawFeedback(state);
    this.matText.textContent = state.expects === STATE.LOADING && state.shownKey !== step.key ? "Loading the image…" : "";
    this.notice.textContent = state.message;
    this.submitButton.setAttribute("aria-disabled", String(!(state.expects === STATE.FEEDBACK || (open && state.complete))));
    this.submitButton.replaceChildren(el("span", {}, this.submitText(state)), el("kbd", { "aria-hidden": "true" }, "Enter"));
  }

  drawProgress({ step, aided, finished }) {
    const part = (s) => `${s.practice ? "Practice case" : "Case"} ${s.position} of ${s.total}`;
    const words = step ? part(step) : finished ? "All cases done" : "";
    const done = step ? (step.position - 1 + (aided ? 0.5 : 0)) / step.total : finished ? 1 : 0;
    this.progress.draw(words, done);
  }

  submitText(state) {
    if (state.expects === STATE.FEEDBACK) return "Continue";
    if (state.expects === STATE.WAITING) return "Answer locked";
    if (!state.aided) return "Lock in answer";
    if (!state.changed) return "Keep my answer";
    const name = state.classes.find((c) => c.code === state.dx)?.name;
    return state.dx === state.step.previous.dx ? "Change how sure I am" : `Change to ${name}`;
  }

  drawFeedback({ step, expects, classes }) {
    const shown = expects === STATE.FEEDBACK && step.feedback;
    this.feedback.hidden = !shown;
    if (!shown) return;
    const { truth, correct } = step.feedback;
    const name = classes.find((c) => c.code === truth)?.name || truth;
    this.feedback.className = `feedback ${correct ? "right" : "wrong"}`;
    this.feedback.replaceChildren(
      svg(correct ? CHECK : CROSS),
      el("p", {}, el("strong", {}, correct ? "Correct" : "Not correct"), ` The diagnosis is: ${name}.`),
    );
    this.say(this.feedback.textContent);
  }

  drawCurtain(state, mail) {
    const kind = state.finished ? CURTAIN.FINISHED : state.paused ? CURTAIN.PAUSED : !state.step ? CURTAIN.NO_STEP : "";
    const signature = `${kind}|${kind === CURTAIN.FINISHED && mail.left > 0}|${state.unreachable}`;
    this.curtain.hidden = !kind;
    if (this.curtainSignature === signature) return;
    this.curtainSignature = signature;
    const card = (title, text, button) => el("div", { class: "card" }, el("h2", {}, title), el("p", {}, text), button);
    const cards = {
      [CURTAIN.FINISHED]: () => mail.left
        ? card("Almost done", "The last answers are being saved. Please keep this page open for a moment.")
        : card("All cases are done", "Thank you. Every answer is saved; you can close this page."),
      [CURTAIN.PAUSED]: () => card(
        "Paused",
        "Go on whenever you like, also on another day with the same link. You continue with the case that is open now.",
        el("button", { type: "button", class: "submit", onclick: () => this.acts.resumeReading() }, "Continue reading"),
      ),
      [CURTAIN.NO_STEP]: () => state.unreachable
        ? card("One moment", "The study cannot be reached at the moment. This page tries again by itself; what was answered is kept.")
        : card("One moment", "The next case is being prepared."),
    };
    this.curtain.replaceChildren(...(kind ? [cards[kind]()] : []));
    if (kind === CURTAIN.FINISHED) this.say("All cases are done. Thank you.");
  }

  drawConnection(state, mail) {
    const now = state.unreachable ? CONNECTION.UNREACHABLE : mail.connection;
    if (state.finished) this.drawCurtain(state, mail);
    this.connection.draw(now, mail.durable);
    this.panel.dataset.connection = now;
  }

  drawClock(state) {
    const left = state.secondsLeft(performance.now());
    this.clock.textContent = left === null ? "" : left > 0 ? `${left} s left` : "Time is up: please answer now";
    if (left !== null) this.clock.classList.toggle("over", left <= 0);
  }

  sayWhatIsAsked({ step, aided, data }) {
    this.say(`Case ${step.position} of ${step.total}. ${aided ? "Assistance is shown. Keep or change your answer." : data.question}`);
  }

  fit() {
    fitPanel(this.panel);
    this.zoom.apply();
  }

  tint() {
    tintPanel(this.panel);
  }
}
