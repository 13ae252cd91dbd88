// What the reader sees: elements are built once and redrawn from the panel's state. Decisions are in reading_panel.js.
import { drawAssistance } from "./assistance.mjs";
import { el, svg } from "./elements.mjs";
import { makeZoom } from "./zoom.mjs";

export const CONFIDENCE_KEYS = ["a", "s", "d", "f", "g"];
const CONNECTION_TEXT = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Not connected: your answers are kept on this device",
  unreachable: "The study cannot be reached at the moment: your answers are kept on this device",
};
const CHECK = "M6.2 12.4 2 8.2l1.5-1.5 2.7 2.7L12.5 3 14 4.5z";
export const stepId = (step) => `${step.key}|${step.phase}`;

export class ReadingScreen {
  build() {
    const tool = (label, path, action) =>
      el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
    this.image = el("img", { class: "lesion", alt: "Dermatoscopic image of the lesion to diagnose", draggable: "false" });
    this.zoomText = el("span", { class: "zoomtext" }, "100\u00a0%");
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
      onChange: (scale) => (this.zoomText.textContent = `${Math.round(scale * 100)}\u00a0%`),
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
          row(["A", "S", "D", "…"], "How sure, from least to most"),
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
    const signature = `${kind}|${kind === "finished" && left > 0}|${this.unreachable}`;
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
      waiting: () => this.unreachable
        ? card("One moment", "The study cannot be reached at the moment. This page tries again by itself; what was answered is kept.")
        : card("One moment", "The next case is being prepared."),
    };
    this.curtain.replaceChildren(...(kind ? [cards[kind]()] : []));
    if (kind === "finished") this.say("All cases are done. Thank you.");
  }

  renderConnection() {
    if (!this.outbox) return;
    const state = this.unreachable ? "unreachable" : this.outbox.connection;
    if (this.data && this.data.finished) this.renderCurtain();
    if (this.connection.dataset.state === state) return;
    this.connection.dataset.state = state;
    this.connection.textContent =
      state !== "saved" && state !== "saving" && !this.outbox.durable ? "Not connected: please keep this page open" : CONNECTION_TEXT[state];
    this.panel.dataset.connection = state;
    if (state === "offline" || state === "unreachable") this.say(this.connection.textContent);
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
