// The reader's screen. One ReadingPanel per mounted component lives across reruns; every rerun only hands it new data.
const CONFIDENCE_KEYS = ["a", "s", "d", "f", "g"];
// Nobody sees an image and decides in a quarter of a second: what arrives sooner was meant for the screen before.
const GUARD_MS = 250;
const DEFAULT_COLORS = {
  akiec: "#E69F00", bcc: "#56B4E9", bkl: "#009E73", df: "#F0E442", mel: "#D55E00", nv: "#0072B2", vasc: "#CC79A7",
};
const CONNECTION_TEXT = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Not connected: your answers are kept on this device",
};
const CHECK = "M6.2 12.4 2 8.2l1.5-1.5 2.7 2.7L12.5 3 14 4.5z";

const nextFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const stepId = (step) => `${step.key}|${step.phase}`;

class ReadingPanel {
  constructor(root) {
    this.root = root;
    this.data = null;
    this.outbox = null;
    this.current = null;
    this.state = "empty";
    this.token = 0;
    this.deferred = false;
    this.locked = new Set();
    this.continued = new Set();
    this.pausedHere = null;
    this.message = "";
    this.shortcuts = this.remember("shortcuts") !== "off";
    this.build();
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

  // ---- what is on the screen -------------------------------------------------------------------------------
  build() {
    const tool = (label, path, action) =>
      el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
    this.image = el("img", { class: "lesion", alt: "Dermatoscopic image of the lesion to diagnose", draggable: "false" });
    this.zoomText = el("span", { class: "zoomtext" }, "100 %");
    this.mat = el(
      "div",
      { class: "mat", role: "group", "aria-label": "Image. Plus and minus zoom, zero fits." },
      this.image,
      (this.matText = el("p", { class: "mattext" })),
      el(
        "div",
        { class: "zoombar" },
        tool("Zoom out (minus)", "M2 7h12v2H2z", () => this.zoom.zoomBy(1 / 1.5)),
        this.zoomText,
        tool("Zoom in (plus)", "M7 2h2v5h5v2H9v5H7V9H2V7h5z", () => this.zoom.zoomBy(1.5)),
        tool("Fit the image (0)", "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z", () => this.zoom.reset()),
      ),
    );
    this.zoom = makeZoom(this.mat, this.image, {
      onChange: (scale) => (this.zoomText.textContent = `${Math.round(scale * 100)} %`),
    });
    this.progressText = el("span", { class: "progresstext" });
    this.progressBar = el("span", { class: "progressfill" });
    this.clock = el("span", { class: "clock" });
    const bar = el(
      "header",
      { class: "bar" },
      el("div", { class: "progress" }, this.progressText, el("span", { class: "progresstrack", "aria-hidden": "true" }, this.progressBar)),
      this.clock,
      (this.pauseButton = el("button", { type: "button", class: "text", onclick: () => this.pause() }, "Pause")),
      (this.helpButton = el("button", { type: "button", class: "text", onclick: () => this.openHelp() }, "Help")),
    );
    this.assist = el("section", { class: "assist", "aria-label": "Assistance" });
    this.phaseText = el("p", { class: "phase" });
    this.question = el("h2", { id: "question" });
    this.choices = el("div", { class: "choices", role: "radiogroup", "aria-labelledby": "question" });
    this.levels = el("div", { class: "levels", role: "radiogroup", "aria-labelledby": "confidence" });
    this.submitButton = el("button", { type: "button", class: "submit", onclick: (e) => this.clickSubmit(e) });
    this.connection = el("p", { class: "connection" });
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
      el("div", { class: "submitbar" }, this.feedback, this.notice, this.submitButton, this.connection),
    );
    this.live = el("p", { class: "sr", "aria-live": "polite" });
    this.curtain = el("div", { class: "curtain" });
    this.help = this.buildHelp();
    this.panel = el("div", { class: "panel" }, bar, el("div", { class: "body" }, this.mat, this.assist, this.answer), this.curtain, this.live, this.help);
    this.root.replaceChildren(this.panel);
  }

  buildHelp() {
    const row = (keys, text) => el("tr", {}, el("th", { scope: "row" }, ...keys.map((k) => el("kbd", {}, k))), el("td", {}, text));
    const box = el("input", { type: "checkbox", id: "shortcuts", onchange: (e) => this.setShortcuts(e.target.checked) });
    box.checked = this.shortcuts;
    return el(
      "dialog",
      { class: "help", "aria-labelledby": "helptitle" },
      el("h2", { id: "helptitle" }, "How to answer"),
      el("p", {}, "Look at the image, choose a diagnosis and how sure you are, then lock in your answer. Where assistance follows, you may keep or change it. A locked answer cannot be taken back."),
      el(
        "table",
        {},
        el(
          "tbody",
          {},
          row(["1", "–", "7"], "Diagnosis"),
          row(["A", "S", "D", "F", "G"], "How sure, from guess to certain"),
          row(["Enter"], "Lock in, keep or change"),
          row(["+", "−", "0"], "Zoom in, out, fit; or wheel, pinch, double click; drag to move"),
          row(["P", "Esc"], "Pause"),
          row(["?"], "This help"),
        ),
      ),
      el("label", { class: "switch", for: "shortcuts" }, box, "Single-key shortcuts"),
      el("button", { type: "button", class: "submit", onclick: () => this.help.close() }, "Back to the case"),
    );
  }

  setShortcuts(on) {
    this.shortcuts = on;
    this.remember("shortcuts", on ? "on" : "off");
    this.panel.classList.toggle("nokeys", !on);
  }

  // ---- data from the server --------------------------------------------------------------------------------
  update(data, setStateValue) {
    this.deliver = setStateValue;
    const first = this.data === null || this.data.reader !== data.reader;
    this.data = data;
    this.classes = data.classes.map((c) => ({ ...c, color: colorOf(c.color, DEFAULT_COLORS[c.code]) }));
    if (first) this.open(data.reader);
    for (const { item, reason } of this.outbox.settle(data.acknowledged || [], data.refused || [])) {
      if (item.kind !== "answer") continue;
      this.locked.delete(`${item.step_key}|${item.phase}`);
      this.message = `An answer was not accepted: ${reason}`;
      if (this.current && stepId(this.current) === `${item.step_key}|${item.phase}`) this.current = null;
    }
    if (this.pausedHere !== null && this.pausedHere === Boolean(data.paused)) this.pausedHere = null;
    this.fit();
    this.tint();
    this.takeStep(data.step);
    this.showDeferred();
    this.prefetch(data.prefetch);
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
      if (step.feedback && this.state === "waiting" && !this.continued.has(stepId(step))) this.enter("feedback");
      return;
    }
    this.dx = step.previous ? step.previous.dx : null;
    this.confidence = step.previous ? step.previous.confidence : null;
    this.drawChoices();
    this.deferred = false;
    if (this.locked.has(stepId(step))) {
      // Answered before a reload and not yet acknowledged: it is not asked again.
      this.image.src = dataImage(step.image);
      this.shownKey = step.key;
      this.drawAssistance(step);
      this.enter(step.feedback && !this.continued.has(stepId(step)) ? "feedback" : "waiting");
      return;
    }
    this.show(step);
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
    this.say(
      `Case ${step.position} of ${step.total}. ` +
        (step.phase === "aided" ? "Assistance is shown. Keep or change your answer." : this.data.question),
    );
    setTimeout(() => {
      if (token === this.token && this.state === "loading") this.enter("ready");
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
      this.message = known ? "Say how sure you are first (keys A S D F G)." : "Choose a diagnosis first (keys 1 to 7).";
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
      client_ms: Math.round((performance.now() - this.painted) * 10) / 10,
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
    const own = button && button.closest(".choices, .levels, .submit") && this.root.contains(button);
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

  // ---- drawing ---------------------------------------------------------------------------------------------
  drawChoices() {
    const keys = (k) => el("kbd", { "aria-hidden": "true" }, k);
    this.choices.replaceChildren(
      ...this.classes.map((c, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "choice", "data-dx": c.code, "aria-keyshortcuts": String(i + 1), onclick: () => this.choose("dx", c.code) },
          keys(String(i + 1)),
          el("i", { class: "swatch", "--c": c.color }),
          el("span", { class: "name" }, c.name),
          el("span", { class: "mine" }),
          svg(CHECK),
        ),
      ),
    );
    this.levels.replaceChildren(
      ...this.data.confidence_levels.map((name, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "level", "data-confidence": String(i + 1), "aria-keyshortcuts": CONFIDENCE_KEYS[i], onclick: () => this.choose("confidence", i + 1) },
          keys((CONFIDENCE_KEYS[i] || "").toUpperCase()),
          el("span", { class: "name" }, name),
        ),
      ),
    );
  }

  drawAssistance(step) {
    const drawing = step.phase === "aided" ? drawAssistance(step.assistance, this.classes) : null;
    this.assist.replaceChildren(...(drawing ? [drawing] : []));
    this.panel.dataset.modality = drawing ? step.assistance.modality : "none";
  }

  render() {
    const { data, current: step } = this;
    if (!data) return;
    const covered = data.finished || this.paused || !step;
    this.panel.dataset.state = data.finished ? "finished" : this.paused ? "paused" : this.state;
    this.panel.dataset.step = step ? step.key : "";
    this.panel.dataset.phase = step ? step.phase : "";
    this.panel.classList.toggle("covered", Boolean(covered));
    this.panel.querySelector(".body").inert = Boolean(covered);
    this.pauseButton.hidden = Boolean(data.finished || this.paused);
    this.renderCurtain();
    this.renderConnection();
    this.renderClock();
    this.progressText.textContent = step ? `${step.practice ? "Practice case" : "Case"} ${step.position} of ${step.total}` : data.finished ? "All cases done" : "";
    const done = step ? (step.position - 1 + (step.phase === "aided" ? 0.5 : 0)) / step.total : data.finished ? 1 : 0;
    this.progressBar.style.width = `${Math.min(1, done) * 100}%`;
    if (!step) return;
    const aided = step.phase === "aided";
    const open = this.state === "ready";
    this.phaseText.textContent = aided ? "With assistance: keep or change your answer" : "Your own answer, without assistance";
    this.question.textContent = data.question;
    this.mark(this.choices, (b) => b.dataset.dx === this.dx, open);
    this.mark(this.levels, (b) => Number(b.dataset.confidence) === this.confidence, open);
    for (const b of this.choices.children)
      b.querySelector(".mine").textContent = step.previous && step.previous.dx === b.dataset.dx && this.changed ? "before" : "";
    this.renderFeedback(step);
    this.matText.textContent = this.state === "loading" && this.shownKey !== step.key ? "Loading the image…" : "";
    this.notice.textContent = this.message;
    const complete = this.dx !== null && this.confidence !== null;
    this.submitButton.setAttribute("aria-disabled", String(!(this.state === "feedback" || (open && complete))));
    this.submitButton.replaceChildren(el("span", {}, this.submitText(aided)), el("kbd", { "aria-hidden": "true" }, "Enter"));
  }

  submitText(aided) {
    if (this.state === "feedback") return "Continue";
    if (this.state === "waiting") return "Answer locked";
    if (!aided) return "Lock in answer";
    if (!this.changed) return "Keep my answer";
    const name = this.classes.find((c) => c.code === this.dx)?.name;
    return this.dx === this.current.previous.dx ? "Change how sure I am" : `Change to ${name}`;
  }

  mark(group, isChosen, open) {
    let any = false;
    for (const b of group.children) {
      const chosen = isChosen(b);
      any = any || chosen;
      b.setAttribute("aria-checked", String(chosen));
      b.setAttribute("aria-disabled", String(!open));
      b.tabIndex = chosen ? 0 : -1;
    }
    if (!any && group.firstElementChild) group.firstElementChild.tabIndex = 0;
  }

  renderFeedback(step) {
    const shown = this.state === "feedback" && step.feedback;
    this.feedback.hidden = !shown;
    if (!shown) return;
    const truth = this.classes.find((c) => c.code === step.feedback.truth)?.name || step.feedback.truth;
    this.feedback.className = `feedback ${step.feedback.correct ? "right" : "wrong"}`;
    this.feedback.replaceChildren(
      svg(step.feedback.correct ? CHECK : "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z"),
      el("p", {}, el("strong", {}, step.feedback.correct ? "Correct" : "Not correct"), ` The diagnosis is: ${truth}.`),
    );
    this.say(this.feedback.textContent);
  }

  renderCurtain() {
    const kind = this.data.finished ? "finished" : this.paused ? "paused" : !this.current ? "waiting" : "";
    const left = this.outbox ? this.outbox.answers().length : 0;
    const signature = `${kind}|${kind === "finished" && left > 0}`;
    this.curtain.hidden = !kind;
    if (this.curtainSignature === signature) return;
    this.curtainSignature = signature;
    const card = (title, text, button) => el("div", { class: "card" }, el("h2", {}, title), el("p", {}, text), button);
    const cards = {
      finished: () => left
        ? card("Almost done", "The last answers are being saved. Please keep this page open for a moment.")
        : card("All cases are done", "Thank you. Every answer is saved; you can close this page."),
      paused: () => card(
        "Paused",
        "Go on whenever you like, also on another day with the same link. You continue with the case that is open now.",
        el("button", { type: "button", class: "submit", onclick: () => this.resume() }, "Continue reading"),
      ),
      waiting: () => card("One moment", "The next case is being prepared."),
    };
    this.curtain.replaceChildren(...(kind ? [cards[kind]()] : []));
    if (kind === "finished") this.say("All cases are done. Thank you.");
  }

  renderConnection() {
    if (!this.outbox) return;
    const state = this.outbox.connection;
    if (this.data && this.data.finished) this.renderCurtain();
    if (this.connection.dataset.state === state) return;
    this.connection.dataset.state = state;
    this.connection.textContent =
      state === "offline" && !this.outbox.durable ? "Not connected: please keep this page open" : CONNECTION_TEXT[state];
    this.panel.dataset.connection = state;
    if (state === "offline") this.say(this.connection.textContent);
  }

  renderClock() {
    const limit = this.current && this.current.time_limit_s;
    const running = this.state === "ready" || this.state === "loading";
    if (!limit || !running || this.painted === null || this.painted === undefined || this.paused || this.data.finished) {
      this.clock.textContent = "";
      return;
    }
    const left = Math.ceil(limit - (performance.now() - this.painted) / 1000);
    this.clock.textContent = left > 0 ? `${left} s left` : "Time is up: please answer now";
    this.clock.classList.toggle("over", left <= 0);
    if (left <= 0 && this.timedOut !== stepId(this.current)) {
      this.timedOut = stepId(this.current);
      this.event("time_limit");
      this.say("Time is up. Please answer now.");
    }
  }

  // Fill the window below whatever stands above, so that the page itself need not scroll.
  fit() {
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop || 0;
    const top = this.panel.getBoundingClientRect().top + scrolled;
    this.panel.style.setProperty("--height", `${Math.max(520, window.innerHeight - Math.max(0, top) - 12)}px`);
    this.zoom.apply();
  }

  // The theme's accent may be light or dark: choose the text on it for contrast.
  tint() {
    const probe = el("span", { class: "probe" });
    this.panel.append(probe);
    const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
    probe.remove();
    const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    this.panel.style.setProperty("--on-accent", 1.05 / (luminance + 0.05) >= 4.5 ? "#ffffff" : "#101214");
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
