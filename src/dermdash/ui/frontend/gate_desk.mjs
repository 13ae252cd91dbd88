// One image at the acquisition gate: large on a dark mat, a key for each score, the checklist, and what is proposed.
import { DeskKeys, actButton, onPage, stepBar } from "./desk_parts.mjs";
import { dataImage, el, replaceImage } from "./elements.mjs";
import { GateState } from "./gate_state.mjs";
import { GATE, SENDS, SHAPE } from "./names.mjs";
import { nudge, remember } from "./panel_parts.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

const SIGNS = { "": "", yes: "✓", no: "✕", na: "n/a" };
const WORDS = { "": "not ticked", yes: "yes", no: "no", na: "not applicable" };
const KEYS = {
  n: ["step", GATE.NEXT],
  arrowright: ["step", GATE.NEXT],
  b: ["step", GATE.PREVIOUS],
  arrowleft: ["step", GATE.PREVIOUS],
  u: ["step", GATE.UNDO],
  z: ["step", GATE.UNDO],
  x: ["step", GATE.TAKE_BACK],
  "+": ["zoomBy", ZOOM_STEP],
  "=": ["zoomBy", ZOOM_STEP],
  "-": ["zoomBy", 1 / ZOOM_STEP],
  0: ["fitImage"],
};

class GateDesk {
  constructor(root) {
    this.root = root;
    this.state = new GateState();
    this.drawn = "";
    this.build();
    this.keys = new DeskKeys(this);
  }

  build() {
    this.image = el("img", { class: "lesion visible", alt: "", draggable: "false" });
    this.stage = el("div", { class: "stage" }, this.image);
    const { bar, show } = zoomBar(() => this.zoom);
    this.mat = el("div", { class: "mat", role: "group", tabindex: "0" }, this.stage, bar);
    this.zoom = makeZoom(this.mat, this.stage, { onChange: show });
    this.resized = new ResizeObserver(() => {
      this.fit();
      this.zoom.apply();
    });
    this.resized.observe(this.mat);
    this.steps = stepBar("Back", "Skip", (act) => this.step(act), GATE);
    this.undo = actButton("Undo my last", "U", () => this.step(GATE.UNDO));
    this.takeBack = actButton("Take back", "X", () => this.step(GATE.TAKE_BACK));
    this.head = el("div", { class: "head" }, ...this.steps.nodes, this.undo, this.takeBack);
    this.last = el("p", { class: "last", role: "status" });
    this.said = el("p", { class: "said" });
    this.scores = el("div", { class: "scores", role: "group", "aria-label": "Score" });
    this.proposal = el("section", { class: "proposal", "aria-label": "Proposal" });
    this.note = el("input", { type: "text", class: "note", placeholder: "Note (optional)", "aria-label": "Note" });
    this.groups = el("div", { class: "groups" });
    this.checklist = el("details", { class: "checklist" }, el("summary", {}, "Checklist"), this.groups, this.note);
    this.checklist.open = remember("gate-checklist-away") !== "1";
    this.checklist.addEventListener("toggle", () => remember("gate-checklist-away", this.checklist.open ? "0" : "1"));
    const answers = el("div", { class: "answers" }, this.said, this.scores, this.last, this.proposal);
    this.side = el("div", { class: "side" }, answers, this.checklist);
    this.node = el("div", { class: "desk gate" }, this.head, el("div", { class: "body" }, this.mat, this.side));
    this.root.replaceChildren(this.node);
    this.ready = el("img", { alt: "" });
  }

  update(data, setStateValue) {
    this.tell = setStateValue;
    const another = this.state.receive(data);
    // While an answer is under way the next picture is shown already.
    if (!this.state.waits) replaceImage(this.image, data.image);
    if (another) {
      this.image.alt = data.label;
      this.note.value = "";
      this.note.maxLength = data.longest_note;
      this.zoom.reset();
    }
    // Decoded before it is asked for.
    this.ready.src = dataImage(data.next_image);
    this.mat.setAttribute("aria-label", `${data.label}. 1 to 5 score it, arrow right skips it, arrow left goes back.`);
    this.draw();
  }

  // ---- the screen ------------------------------------------------------------------------------------------
  // The picture takes what the window leaves below the head of the page, so that it and the scores are in sight.
  fit() {
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop || 0;
    const top = this.mat.parentElement.getBoundingClientRect().top + scrolled;
    this.node.style.setProperty("--mat-height", `${Math.max(340, window.innerHeight - Math.max(0, top) - 14)}px`);
  }

  draw() {
    const { data, waits, isOpen, given } = this.state;
    if (data === null) return;
    this.node.classList.toggle("waits", waits);
    this.steps.draw(data, waits, `${data.place} of ${data.total} · ${data.done} of ${data.images} decided`, data.images ? data.done / data.images : 0);
    this.undo.hidden = !data.may;
    this.undo.disabled = waits;
    this.takeBack.hidden = !data.may || !data.score;
    this.takeBack.disabled = waits;
    this.last.textContent = data.last;
    this.said.textContent = data.said;
    this.note.hidden = !data.may;
    this.drawScores(data, isOpen, given);
    this.drawProposal(data);
    this.drawGroups(data, isOpen);
  }

  drawScores(data, isOpen, given) {
    if (this.scores.childElementCount !== data.scores.length) {
      this.scores.replaceChildren(
        ...data.scores.map((one) =>
          el(
            "button",
            { type: "button", class: `score ${one.score < 3 ? "rejects" : ""}`, onclick: () => this.score(one.score), title: one.definition },
            el("img", { class: "reference", src: dataImage(one.picture), alt: "" }),
            el("span", { class: "words" }, el("b", {}, one.score < 3 ? `${one.name} · rejects` : one.name), el("span", { class: "definition" }, one.definition)),
            el("kbd", { "aria-hidden": "true" }, String(one.score)),
          ),
        ),
      );
    }
    data.scores.forEach((one, at) => {
      const button = this.scores.children[at];
      button.disabled = !isOpen;
      button.setAttribute("aria-pressed", String((given || data.score) === one.score));
      button.setAttribute("aria-label", `${one.score}, ${one.name}: ${one.definition}${one.score < 3 ? ". Rejects the image" : ""}`);
    });
  }

  drawProposal(data) {
    const { proposal, hidden } = data;
    this.proposal.hidden = !proposal && !hidden;
    if (hidden) this.proposal.replaceChildren(el("p", { class: "quiet" }, "The proposal is hidden until you have answered."));
    if (!proposal) return;
    this.proposal.replaceChildren(
      el("p", {}, el("b", {}, `Proposed: ${proposal.score}`), proposal.why.length ? "" : " · no measurement under 5"),
      el("ul", {}, proposal.why.map((words) => el("li", {}, words))),
    );
  }

  drawGroups(data, isOpen) {
    const drawn = JSON.stringify([data.groups.map((group) => group.title), [...this.state.ticked], isOpen, data.may]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = this.root.getRootNode().activeElement?.dataset?.item;
    this.groups.replaceChildren(
      ...data.groups.map((group) =>
        el(
          "fieldset",
          {},
          el("legend", {}, group.title),
          group.items.map((item) => {
            const answer = this.state.ticked.get(item.key) || "";
            return el(
              "button",
              { type: "button", class: "item", "data-item": item.key, "data-answer": answer, disabled: !isOpen, onclick: () => this.tick(item.key), "aria-label": `${item.text}: ${WORDS[answer]}` },
              el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[answer]),
              el("span", { class: "text" }, item.text),
              el("kbd", { "aria-hidden": "true" }, item.hotkey.toUpperCase()),
            );
          }),
        ),
      ),
    );
    if (focused) this.groups.querySelector(`[data-item="${focused}"]`)?.focus();
  }

  // ---- what somebody does ----------------------------------------------------------------------------------
  score(score) {
    const message = this.state.answer(GATE.SCORE, score, this.note.value.trim());
    this.send(message);
    if (message && this.state.data.next_image) replaceImage(this.image, this.state.data.next_image);
  }

  step(act) {
    this.send(this.state.answer(act));
  }

  send(message) {
    this.draw();
    if (message) this.tell(SENDS.GATE_ANSWER, message);
    else nudge(this.node);
  }

  tick(item) {
    if (!this.state.tick(item)) nudge(this.node);
    this.draw();
  }

  zoomBy(factor) {
    this.zoom.zoomBy(factor);
  }

  fitImage() {
    this.zoom.reset();
  }

  // ---- keys ------------------------------------------------------------------------------------------------
  // Returns whether the key was meant for the desk.
  meant(event) {
    const key = event.key.toLowerCase();
    const score = /^[1-5]$/.test(key) ? Number(key) : 0;
    const item = this.state.itemOf(key);
    const asked = KEYS[key];
    if (!score && !item && !asked) return false;
    if (event.repeat) return true;
    if (score) this.score(score);
    else if (item) this.tick(item);
    else this[asked[0]](...asked.slice(1));
    return true;
  }
}

export default function mount(given) {
  return onPage(".gate-desk", SHAPE.GATE, (root) => new GateDesk(root), given);
}
