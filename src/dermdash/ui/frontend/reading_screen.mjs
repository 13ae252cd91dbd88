// What the reader sees: elements are built once and redrawn from a `ReadingState`. Drawing changes nothing but the screen;
// decisions are in reading_state.mjs, and what the reader does goes to `acts`, the panel.
import { percent, saidBy, shareMeter, shareTable } from "./assistance.mjs";
import { CaseBeside } from "./case_beside.mjs";
import { certificateForm } from "./certificate.mjs";
import { LEVEL_KEYS, classKey } from "./choice_keys.mjs";
import { CompareView } from "./compare_view.mjs";
import { dataImage, el, svg, replaceImage } from "./elements.mjs";
import { CONNECTION, LOOK_AT, MODALITY, PHASE, STATE } from "./names.mjs";
import { CHECK, connectionLine, fitPanel, markChosen, nudge, progressBar, tintPanel } from "./panel_parts.mjs";
import { OwnResults } from "./own_results.mjs";
import { PictureStrip } from "./picture_strip.mjs";
import { QuestionTabs } from "./question_tabs.mjs";
import { curtainCard, languageChoice } from "./reader_parts.mjs";
import { readingHelp } from "./reading_help.mjs";
import { FurtherQuestions } from "./reading_questions.mjs";
import { milestoneOf, stepId } from "./reading_state.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";

const connectionTexts = ({ text }) => ({
  [CONNECTION.SAVED]: text.SAVED,
  [CONNECTION.SAVING]: text.SAVING,
  [CONNECTION.OFFLINE]: text.OFFLINE,
  [CONNECTION.UNREACHABLE]: text.UNREACHABLE,
});
const CROSS = "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z";
const CURTAIN = { FINISHED: "all done", PAUSED: "paused by the reader", BETWEEN: "between parts", CLOSED: "closed to the reader", NO_STEP: "no step" };

// What the study team says where no case follows.
const saidByTeam = (messages) => (messages.length ? [el("div", { class: "said" }, ...messages.map((one) => el("p", {}, one)))] : []);

export class ReadingScreen {
  // `words`: of the reader's language; `languages`: the others on offer.
  constructor(root, acts, { words, languages, pictures }) {
    this.root = root;
    this.acts = acts;
    this.words = words;
    this.pictures = pictures;
    this.build(languages);
  }

  build(languages) {
    const { text } = this.words;
    this.image = el("img", { class: "lesion", alt: text.IMAGE, draggable: "false" });
    const { bar: zoomButtons, show } = zoomBar(() => this.zoom, { out: text.ZOOM_OUT, in: text.ZOOM_IN, fit: text.ZOOM_FIT });
    this.mat = el(
      "div",
      { class: "mat", role: "group", "aria-label": text.IMAGE_GROUP },
      this.image,
      (this.matText = el("p", { class: "mattext" })),
      zoomButtons,
    );
    this.zoom = makeZoom(this.mat, this.image, { onChange: show, onMove: (place) => this.compare.follow(place) });
    this.beside = new CaseBeside(this.words, this.pictures, { onLook: (number) => this.acts.lookAt({ of: LOOK_AT.LESION, number }) });
    this.strip = new PictureStrip(this.words, { onOpen: (place) => this.compare.open(place) });
    this.compare = new CompareView(this.words, {
      partner: this.zoom,
      onLook: (look) => this.acts.lookAt(look),
      onChange: (place) => {
        this.panel.classList.toggle("comparing", place !== null);
        this.strip.markOpen(place);
      },
    });
    const pair = el("div", { class: "pair" }, this.mat, this.beside.clinical, this.compare.element);
    this.case = el("div", { class: "case" }, this.beside.fields, pair, this.beside.lesions);
    this.results = new OwnResults(this.words, { onLook: (number) => this.acts.lookAt({ of: LOOK_AT.MISSED, number }) });
    this.further = new FurtherQuestions(this.words, this.acts);
    this.progress = progressBar();
    this.clock = el("span", { class: "clock" });
    this.coming = el("span", { class: "coming", hidden: "" });
    this.milestone = el("span", { class: "milestone" });
    const bar = el(
      "header",
      { class: "bar" },
      this.progress.bar,
      this.milestone,
      this.coming,
      this.clock,
      (this.game = el("span", { class: "game" })),
      (this.pauseButton = el("button", { type: "button", class: "text", onclick: () => this.acts.pauseReading() }, text.PAUSE)),
      (this.helpButton = el("button", { type: "button", class: "text", onclick: () => this.openHelp() }, text.HELP)),
      languageChoice({ label: text.LANGUAGE, language: this.words.language, languages, onChoice: (code) => this.acts.speak(code) }),
    );
    this.advice = el("div", { class: "advice" });
    this.tabs = new QuestionTabs(this.words, { onAsk: (what) => this.acts.ask(what) });
    this.phaseText = el("p", { class: "phase" });
    this.question = el("h2", { id: "question" });
    this.choices = el("div", { class: "choices", role: "radiogroup", "aria-labelledby": "question" });
    this.levels = el("div", { class: "levels", role: "radiogroup", "aria-labelledby": "confidence" });
    this.submitButton = el("button", { type: "button", class: "submit", onclick: (e) => this.acts.clickSubmit(e) });
    this.connection = connectionLine(connectionTexts(this.words), (said) => this.say(said), text.NOT_KEPT);
    this.notice = el("p", { class: "notice", role: "alert" });
    this.feedback = el("div", { class: "feedback" });
    this.answer = el(
      "section",
      { class: "answer", "aria-label": text.YOUR_ANSWER },
      this.phaseText,
      this.advice,
      this.question,
      this.tabs.element,
      el("div", { class: "asks" }, el("div", { class: "ask", "data-ask": "dx" }, this.choices), ...this.further.parts),
      el("div", { class: "submitbar" }, (this.sureness = el("h3", { id: "confidence" }, text.HOW_SURE)), this.levels, this.feedback, this.notice, this.submitButton, this.connection.line),
    );
    this.live = el("p", { class: "sr", "aria-live": "polite" });
    this.curtain = el("div", { class: "curtain" });
    this.help = readingHelp(this.words, { onShortcuts: (on) => this.acts.setShortcuts(on), more: this.acts.more(this.words, languages) });
    this.panel = el("div", { class: "panel", lang: this.words.language }, bar, el("div", { class: "body" }, this.case, this.strip.element, this.answer), this.curtain, this.live, this.help, this.beside.dialog.dialog, this.results.dialog.dialog);
    this.root.replaceChildren(this.panel);
  }

  openHelp() {
    if (!this.help.open) this.help.showModal();
  }

  // The picture that is open beside the case, or the first one; where it is open, it is closed.
  openBeside() {
    if (this.compare.isOpen) this.compare.close();
    else this.compare.open(0);
  }

  // The dialog that takes all keys while it is open; null where none is.
  get dialog() {
    return [this.beside.dialog, this.results.dialog].find((one) => one.isOpen) || null;
  }

  // A large picture that was asked for has come.
  enlarge(large) {
    if (!large) return;
    const { of, number, image } = large;
    if (of === LOOK_AT.LESION) this.beside.enlarge(number, image);
    else if (of === LOOK_AT.SIMILAR) this.compare.enlarge(of, number, dataImage(this.pictures.data(image)));
    else this.results.enlarge(number, dataImage(this.pictures.data(image)));
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

  // A slider that kept the focus would take the digits of the next answer for its own.
  leaveRating() {
    if (this.further.rating.isFocused) this.focusSubmit();
  }

  focusCurtain() {
    this.curtain.querySelector("button")?.focus();
  }

  // How long the curtain has been as it is, in milliseconds.
  get curtainAge() {
    return performance.now() - this.curtainSince;
  }

  showShortcuts(on) {
    this.help.querySelector("#shortcuts").checked = on;
    this.panel.classList.toggle("nokeys", !on);
  }

  drawChoices({ classes, data, inTurn }) {
    const keys = (k) => el("kbd", { "aria-hidden": "true" }, k);
    this.choices.hidden = !data.asked.diagnosis;
    this.levels.hidden = this.sureness.hidden = !data.confidence_levels.length;
    this.further.build(data.asked);
    this.tabs.build(inTurn);
    this.strip.keepRoom(data.room.pictures);
    this.panel.classList.toggle("shares", data.room.answers);
    this.panel.classList.toggle("lined", data.room.line);
    this.panel.classList.toggle("counting", data.room.counted);
    const crowded = data.room.line || inTurn.length > 1;
    this.panel.classList.toggle("tight", data.room.pictures > 0 && crowded);
    this.choices.style.setProperty("--rows", String(Math.ceil(classes.length / 2)));
    this.panel.classList.toggle("many", classes.length > 9);
    this.panel.classList.toggle("further", data.asked.malignancy_rating || data.asked.managements.length > 0);
    this.choices.replaceChildren(
      ...classes.map((c, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "choice", "data-dx": c.code, "aria-keyshortcuts": classKey(i) || null, onclick: () => this.acts.chooseDiagnosis(c.code) },
          keys(classKey(i).toUpperCase()),
          el("i", { class: "swatch", "--c": c.color }),
          el("span", { class: "name" }, c.name),
          el("span", { class: "mine" }),
          svg(CHECK),
          el("span", { class: "share" }),
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

  // Keys of what is asked, and of no other question.
  drawHelp({ classes, data }) {
    this.help.querySelector("#lastkey").textContent = classKey(Math.max(0, classes.length - 1)).toUpperCase();
    const wanted = {
      diagnosis: data.asked.diagnosis,
      sureness: data.confidence_levels.length > 0,
      rating: data.asked.malignancy_rating,
      management: data.asked.managements.length > 0,
      beside: data.room.pictures > 0,
    };
    for (const row of this.help.querySelectorAll("[data-asked]")) row.hidden = !wanted[row.dataset.asked];
  }

  // The image and assistance of a step, still out of sight.
  bring(step, classes, sameCase) {
    const image = this.pictures.data(step.image);
    if (sameCase) replaceImage(this.image, image);
    else {
      this.image.classList.remove("visible");
      this.image.src = dataImage(image);
      this.zoom.reset();
    }
    this.beside.show(step.beside);
    const said = step.phase === PHASE.AIDED ? saidBy(this.words, step.assistance, classes, this.pictures) : null;
    this.drawAdvice(said, classes);
    const pictures = said ? said.pictures : [];
    this.strip.show(pictures, { expected: step.phase === PHASE.UNAIDED });
    this.compare.bring(pictures);
    this.panel.dataset.modality = said ? step.assistance.modality : MODALITY.NONE;
    // On a narrow screen the button stands far below: the new image or assistance must be what is seen next.
    if (this.panel.getBoundingClientRect().top < 0) this.panel.scrollIntoView({ block: "start" });
  }

  // What assistance says in words and numbers: above the question, and within the answers where there are such.
  drawAdvice(said, classes) {
    const { blocks, shares } = said || { blocks: [], shares: null };
    const apart = shares && this.choices.hidden;
    this.advice.replaceChildren(
      ...blocks.map(({ captions, lines }) => el("div", {}, ...captions.map((one, i) => el(i ? "p" : "h3", i ? { class: "note" } : {}, one)), ...lines)),
      ...(apart ? [shareTable(this.words, shares, classes)] : []),
    );
    this.panel.classList.toggle("advised", blocks.length > 0);
    for (const choice of this.choices.children) {
      const { code, color } = classes.find((c) => c.code === choice.dataset.dx);
      choice.lastElementChild.replaceWith(shares ? shareMeter(this.words, shares[code], color) : el("span", { class: "share" }));
    }
  }

  // Rejected where the image cannot be shown.
  imageDecoded() {
    return this.image.decode();
  }

  othersDecoded() {
    const shown = this.strip.images.map((i) => i.decode());
    return Promise.allSettled([...shown, this.beside.decoded()]);
  }

  reveal() {
    this.image.classList.add("visible");
  }

  markPainted(step) {
    this.panel.dataset.painted = stepId(step);
  }

  // `share` (0..1): how much of the next picture is here; null where nothing is waited for.
  drawComing(share) {
    const { text } = this.words;
    const said = share !== null && !this.coming.hidden;
    this.coming.hidden = share === null;
    if (share === null) return;
    if (!said) this.say(text.SLOW_LINE);
    this.coming.textContent = `${text.SLOW_LINE} ${this.words.say(text.PICTURE_COMES, { share: percent(share) })}`;
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
    const { text } = this.words;
    const covered = state.finished || state.curtained || !step;
    this.panel.dataset.state = state.shown;
    this.panel.dataset.step = step ? step.key : "";
    this.panel.dataset.phase = step ? step.phase : "";
    this.panel.classList.toggle("covered", covered);
    this.panel.querySelector(".body").inert = covered;
    this.pauseButton.hidden = !state.mayPause;
    this.progress.bar.classList.toggle("without", !step && !state.finished);
    this.drawHelp(state);
    this.drawCurtain(state, mail);
    this.drawConnection(state, mail);
    this.drawClock(state);
    this.drawProgress(state);
    this.game.textContent = data.game;
    if (!step) return;
    const open = state.expects === STATE.READY;
    this.phaseText.textContent = state.revises ? text.PHASE_AIDED : state.aided ? text.PHASE_ASSISTED : text.PHASE_UNAIDED;
    this.question.textContent = step.instruction || data.question;
    this.question.hidden = !this.question.textContent;
    this.question.classList.toggle("told", Boolean(step.instruction));
    markChosen(this.choices, (b) => b.dataset.dx === state.dx, open);
    markChosen(this.levels, (b) => Number(b.dataset.confidence) === state.confidence, open);
    this.further.draw(state, open);
    this.drawAsking(state);
    this.drawFeedback(state);
    this.drawBesideChoices(state);
    this.matText.textContent = state.expects === STATE.LOADING && state.shownKey !== step.key ? text.LOADING_IMAGE : "";
    this.notice.textContent = state.message ? this.words.say(text[state.message.text], state.message.values) : "";
    this.submitButton.setAttribute("aria-disabled", String(!(state.expects === STATE.FEEDBACK || (open && state.complete))));
    this.submitButton.replaceChildren(el("span", {}, this.submitText(state)), el("kbd", { "aria-hidden": "true" }, text.ENTER_KEY));
  }

  // Which question is asked on a small screen, and what was answered to each.
  drawAsking(state) {
    const { classes, data, dx, malignancy_rating: rating, management } = state;
    this.answer.dataset.asking = state.asking;
    this.tabs.draw(state.asking, {
      dx: classes.find((c) => c.code === dx)?.name || "",
      malignancy_rating: rating === null ? "" : String(rating),
      management: data.asked.managements.find(({ code }) => code === management)?.name || "",
    });
  }

  // What stands at a choice: that it was chosen before, or, once the case is closed, that it is the diagnosis.
  drawBesideChoices(state) {
    const { step, expects } = state;
    const { text } = this.words;
    const told = expects === STATE.FEEDBACK ? step.feedback : null;
    for (const b of this.choices.children) {
      const { dx } = b.dataset;
      const verdict = !told ? "" : dx === told.truth ? "true" : dx === state.dx ? "wrong" : "";
      b.dataset.verdict = verdict;
      const before = step.previous && step.previous.dx === dx && state.changed ? text.BEFORE : "";
      b.querySelector(".mine").textContent = { true: text.TRUE_DIAGNOSIS, wrong: text.YOUR_CHOICE, "": before }[verdict];
    }
  }

  drawProgress({ step, revises, finished }) {
    const words = step ? this.placeOf(step) : finished ? this.words.text.ALL_CASES_DONE : "";
    const done = step ? (step.position - 1 + (revises ? 0.5 : 0)) / step.total : finished ? 1 : 0;
    this.progress.draw(words, done);
    const reached = step && milestoneOf(step);
    this.panel.classList.toggle("milestoned", Boolean(reached));
    const { text } = this.words;
    const told = reached ? `${this.words.count(text.MILESTONE, reached.done)}, ${this.words.say(text.MILESTONE_LEFT, { left: reached.left })}` : "";
    if (told && this.milestone.textContent !== told) this.say(told);
    this.milestone.textContent = told;
  }

  placeOf({ practice, screening, position, total }) {
    const { text } = this.words;
    return this.words.say(practice ? text.PRACTICE_CASE_OF : screening ? text.TEST_CASE_OF : text.CASE_OF, { position, total });
  }

  submitText(state) {
    const { text } = this.words;
    if (state.expects === STATE.FEEDBACK) return text.CONTINUE;
    if (state.expects === STATE.WAITING) return text.ANSWER_LOCKED;
    if (!state.revises) return text.LOCK_ANSWER;
    const name = state.classes.find((c) => c.code === state.dx)?.name;
    if (!state.changed) return name ? this.words.say(text.KEEP, { name }) : text.KEEP_ANSWER;
    const { previous } = state.step;
    if (state.dx !== previous.dx) return this.words.say(text.CHANGE_TO, { name });
    const onlySureness = state.malignancy_rating === previous.malignancy_rating && state.management === previous.management;
    return onlySureness ? text.CHANGE_SURENESS : text.CHANGE_ANSWER;
  }

  drawFeedback({ step, expects, classes }) {
    const shown = expects === STATE.FEEDBACK && step.feedback;
    this.feedback.hidden = !shown;
    if (!shown) return;
    const { truth, correct } = step.feedback;
    const name = classes.find((c) => c.code === truth)?.name || truth;
    const said = this.words.say(this.words.text.DIAGNOSIS_IS, { name });
    // Who was asked for no diagnosis was neither right nor wrong.
    const judged = correct === null ? [] : [svg(correct ? CHECK : CROSS)];
    const verdict = correct === null ? [] : [el("strong", {}, correct ? this.words.text.CORRECT : this.words.text.NOT_CORRECT), " "];
    this.feedback.className = `feedback ${correct === null ? "" : correct ? "right" : "wrong"}`;
    this.feedback.replaceChildren(...judged, el("p", {}, ...verdict, said));
    this.say(this.feedback.textContent);
  }

  drawCurtain(state, mail) {
    const { text } = this.words;
    const { interlude } = state;
    const kind = state.finished
      ? CURTAIN.FINISHED
      : state.paused
        ? CURTAIN.PAUSED
        : !state.step
          ? state.data.closed && !state.unreachable
            ? CURTAIN.CLOSED
            : CURTAIN.NO_STEP
          : interlude
            ? CURTAIN.BETWEEN
            : "";
    // Pictures of missed cases may come after the card.
    const pictured = (state.data.closing ? state.data.closing.missed : []).filter(({ image }) => this.pictures.data(image)).length;
    const signature = `${kind}|${pictured}|${kind === CURTAIN.FINISHED && mail.left > 0}|${state.unreachable}|${kind === CURTAIN.BETWEEN ? interlude.key : ""}|${state.data.messages.length}`;
    this.curtain.hidden = !kind;
    if (this.curtainSignature === signature) return;
    this.curtainSignature = signature;
    this.curtainSince = performance.now();
    const button = (label, act) => el("button", { type: "button", class: "submit", onclick: act }, label);
    const cards = {
      [CURTAIN.FINISHED]: () => (mail.left ? curtainCard(text.ALMOST_DONE, [text.LAST_ANSWERS]) : this.closingCard(state.data)),
      [CURTAIN.PAUSED]: () => curtainCard(text.PAUSED, [text.PAUSED_TEXT], button(text.GO_ON_READING, () => this.acts.resumeReading())),
      [CURTAIN.BETWEEN]: () => curtainCard(interlude.title, interlude.paragraphs, button(interlude.button, () => this.acts.beginStep())),
      [CURTAIN.CLOSED]: () => {
        const { closed, messages } = state.data;
        const { title, paragraphs, opens } = closed;
        const when = opens ? this.words.moment(opens) : "";
        return curtainCard(title, paragraphs.map((one) => this.words.say(one, { when })), ...saidByTeam(messages));
      },
      [CURTAIN.NO_STEP]: () => curtainCard(text.ONE_MOMENT, [state.unreachable ? text.TRIES_AGAIN : text.NEXT_IS_PREPARED]),
    };
    const held = this.curtain.contains(this.curtain.getRootNode().activeElement);
    this.curtain.replaceChildren(...(kind ? [cards[kind]()] : []));
    if (kind === CURTAIN.FINISHED) this.say(`${text.FINISHED}. ${text.FINISHED_TEXT}`);
    // A card that says something else now still has the button that a hand is about to press.
    if (kind === CURTAIN.BETWEEN || held) this.focusCurtain();
  }

  closingCard({ closing, messages }) {
    const { text } = this.words;
    const { certificate, debrief } = closing;
    const more = [...debrief.map((said) => el("p", { class: "debrief" }, said)), ...this.results.draw(closing, this.pictures), certificate ? certificateForm(this.words, certificate) : null];
    return curtainCard(text.FINISHED, [text.FINISHED_TEXT], ...saidByTeam(messages), ...more.filter(Boolean));
  }

  drawConnection(state, mail) {
    const now = state.unreachable ? CONNECTION.UNREACHABLE : mail.connection;
    if (state.finished) this.drawCurtain(state, mail);
    this.connection.draw(now, mail.durable);
    this.panel.dataset.connection = now;
  }

  drawClock(state) {
    const left = state.secondsLeft(performance.now());
    const { text } = this.words;
    this.clock.textContent = left === null ? "" : left > 0 ? this.words.count(text.SECONDS_LEFT, left) : text.TIME_IS_UP;
    if (left !== null) this.clock.classList.toggle("over", left <= 0);
  }

  sayWhatIsAsked({ step, revises, data }) {
    this.say(`${this.placeOf(step)}. ${step.instruction || (revises ? this.words.text.SAY_ASSISTANCE : data.question || this.words.text.YOUR_ANSWER)}`);
  }

  fit() {
    fitPanel(this.panel);
    this.zoom.apply();
    this.compare.zoom.apply();
    this.beside.fit();
  }

  tint() {
    tintPanel(this.panel);
  }
}
