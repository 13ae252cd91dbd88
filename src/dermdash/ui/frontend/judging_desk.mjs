// One image to look at for what shows a person: proposed and drawn rectangles, a preview, and what is done about it.
import { scaleOf } from "./annotation_geometry.mjs";
import { DeskKeys, actButton, onPage, stepBar } from "./desk_parts.mjs";
import { Drawing } from "./drawing.mjs";
import { ICON, dataImage, el, toolButton } from "./elements.mjs";
import { JudgingState } from "./judging_state.mjs";
import { MarkingHand } from "./marking_hand.mjs";
import { markingKey } from "./marking_keys.mjs";
import { MarksDrawing } from "./marks_drawing.mjs";
import { JUDGE, MARK, SENDS, SHAPE } from "./names.mjs";
import { nudge } from "./panel_parts.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

const PROPOSED = "#ff4dff";
const DRAWN = "#35e0e0";
const KEYS = {
  r: ["pickTool", MARK.RECTANGLE],
  v: ["layDownTool"],
  z: ["undo"],
  y: ["redo"],
  delete: ["deleteMark"],
  backspace: ["deleteMark"],
  m: ["nextMark", 1],
  p: ["togglePreview"],
  c: ["ask", true],
  1: ["judge", JUDGE.CLEAR],
  t: ["judge", JUDGE.OPEN],
  n: ["judge", JUDGE.NEXT],
  b: ["judge", JUDGE.PREVIOUS],
  arrowright: ["judge", JUDGE.NEXT],
  arrowleft: ["judge", JUDGE.PREVIOUS],
  "+": ["zoomBy", ZOOM_STEP],
  "=": ["zoomBy", ZOOM_STEP],
  "-": ["zoomBy", 1 / ZOOM_STEP],
  0: ["fitImage"],
};
const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

class JudgingDesk {
  constructor(root) {
    this.root = root;
    this.state = new JudgingState();
    this.drawing = new Drawing();
    // What a hand on the image works on: this desk is panel and screen in one.
    this.screen = this;
    this.moving = null;
    this.pointing = false;
    this.hidden = false;
    this.build();
    this.hand = new MarkingHand(this);
    this.keys = new DeskKeys(this);
    this.hand.listen(this.mat, this.keys.signal);
  }

  build() {
    this.image = el("img", { class: "lesion visible", alt: "", draggable: "false" });
    this.marks = new MarksDrawing();
    this.stage = el("div", { class: "stage" }, this.image, this.marks.node);
    this.handButton = toolButton("Move and select (V)", ICON.HAND, () => this.layDownTool());
    this.rectangleButton = toolButton("Draw a rectangle (R)", ICON.RECTANGLE, () => this.pickTool(MARK.RECTANGLE));
    this.undoButton = toolButton("Undo (Z)", ICON.UNDO, () => this.undo());
    this.redoButton = toolButton("Redo (Y)", ICON.REDO, () => this.redo());
    this.binButton = toolButton("Delete the selected rectangle (Delete)", ICON.BIN, () => this.deleteMark());
    this.previewButton = toolButton("Preview: show it covered (P)", ICON.EYE, () => this.togglePreview());
    this.tools = el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Regions to cover" },
      this.handButton, this.rectangleButton, el("span", { class: "rule" }),
      this.undoButton, this.redoButton, this.binButton, this.previewButton,
    );
    const { bar, show } = zoomBar(() => this.zoom);
    this.drawText = el("p", { class: "drawtext", role: "status" });
    this.mat = el("div", { class: "mat", role: "group", tabindex: "0" }, this.stage, this.tools, this.drawText, bar);
    this.zoom = makeZoom(this.mat, this.stage, {
      mayPan: () => !this.drawing.tool && !this.hand?.grip,
      onChange: (scale) => {
        show(scale);
        this.scaleMarks();
      },
    });
    this.resized = new ResizeObserver(() => this.zoom.apply());
    this.resized.observe(this.mat);
    this.steps = stepBar("Previous", "Next", (act) => this.judge(act), JUDGE);
    this.stepsNode = el("div", { class: "steps" }, ...this.steps.nodes);
    this.said = el("p", { class: "said", role: "status" });
    this.note = el("input", { type: "text", class: "note", placeholder: "Note (optional)", "aria-label": "Note" });
    this.clear = actButton("Shows nobody", "1", () => this.judge(JUDGE.CLEAR));
    this.takeBack = actButton("Take back", "T", () => this.judge(JUDGE.OPEN));
    this.cover = actButton("", "C", () => this.ask(true), "first");
    this.acts = el("div", { class: "acts" }, this.note, this.clear, this.takeBack, this.cover);
    this.question = el("p", {});
    this.confirm = actButton("", "", () => this.judge(JUDGE.COVER), "first");
    this.confirmation = el(
      "div",
      { class: "confirmation", role: "alertdialog", "aria-label": "Cover for good?" },
      this.question,
      el("div", { class: "acts" }, this.confirm, actButton("Not yet", "Esc", () => this.ask(false))),
    );
    this.node = el("div", { class: "desk" }, el("div", { class: "head" }, this.stepsNode, this.acts), this.confirmation, this.said, this.mat);
    this.root.replaceChildren(this.node);
  }

  update(data, setStateValue) {
    this.tell = setStateValue;
    const another = this.state.receive(data);
    if (another) {
      this.drawing.cancel();
      this.layDownTool();
      this.image.src = dataImage(data.image);
      this.image.alt = data.label;
      this.note.value = "";
      this.note.maxLength = data.longest_note;
      this.zoom.reset();
      // Whoever goes through the images sees all of the next one.
      if (this.state.number && this.node.getBoundingClientRect().bottom > window.innerHeight) this.node.scrollIntoView({ block: "start" });
    }
    this.mat.setAttribute(
      "aria-label",
      `${data.label}. R takes the rectangle: arrow keys point and Space sets a corner. M selects a rectangle: arrow keys move it, Delete removes it.`,
    );
    this.draw();
  }

  // ---- the screen ------------------------------------------------------------------------------------------
  draw() {
    const { data, history, isOpen, confirms, waits } = this.state;
    if (data === null) return;
    const { length } = history.marks;
    this.node.classList.toggle("waits", waits);
    this.stepsNode.hidden = !data.total;
    this.steps.draw(data, waits, `${data.place} of ${data.total} · ${data.done} looked at`, data.total ? data.done / data.total : 0);
    this.said.textContent = data.said;
    this.acts.hidden = !data.may || confirms;
    this.tools.hidden = !data.may;
    this.clear.hidden = data.cleared;
    this.clear.disabled = !isOpen;
    this.takeBack.hidden = !data.cleared;
    this.takeBack.disabled = !isOpen;
    this.cover.firstChild.textContent = length ? `Cover ${counted(length, "region")}` : "Cover: draw a rectangle (R)";
    this.cover.disabled = !isOpen || !length;
    this.confirmation.hidden = !confirms;
    this.question.textContent =
      `${counted(length, "region")} of this image ${length === 1 ? "becomes" : "become"} grey in ${counted(data.records, "record")}, for good: the earlier picture ` +
      "is locked away, and no page and no command shows it again.";
    this.confirm.firstChild.textContent = `Cover ${counted(length, "region")}`;
    this.drawMarks();
  }

  drawMarks() {
    const { history, previews } = this.state;
    if (this.state.data === null) return;
    this.scaleMarks();
    const shown = history.marks.map((mark, at) => ({
      mark: this.moving && this.moving.at === at ? { ...mark, points: this.moving.points } : mark,
      color: mark.proposed ? PROPOSED : DRAWN,
      label: String(at + 1),
      selected: at === history.selected,
      covered: previews,
    }));
    this.marks.draw(shown, this.drawing.shown(this.pointing));
    this.mat.classList.toggle("drawing", Boolean(this.drawing.tool));
    this.handButton.setAttribute("aria-pressed", String(!this.drawing.tool));
    this.rectangleButton.setAttribute("aria-pressed", String(Boolean(this.drawing.tool)));
    this.previewButton.setAttribute("aria-pressed", String(previews));
    this.undoButton.disabled = !history.before.length && !this.drawing.isBegun;
    this.redoButton.disabled = !history.after.length;
    this.binButton.disabled = !history.current;
    this.drawText.textContent = this.drawing.fault || (this.drawing.tool ? "Drag over what is to be covered" : "");
  }

  scaleMarks() {
    if (this.state.data) this.marks.fit(this.state.size, scaleOf(this.stageBox, this.state.size));
  }

  get stageBox() {
    return this.stage.getBoundingClientRect();
  }

  // ---- what somebody does ----------------------------------------------------------------------------------
  judge(act) {
    const message = this.state.judgement(act, this.note.value.trim());
    if (!message) {
      this.draw();
      nudge(this.node);
      return;
    }
    this.draw();
    this.tell(SENDS.JUDGEMENT, message);
  }

  ask(on) {
    if (!this.state.ask(on)) nudge(this.node);
    this.draw();
    (on && this.state.confirms ? this.confirm : this.mat).focus({ preventScroll: true });
  }

  keep(changed) {
    if (!changed) nudge(this.node);
    this.draw();
  }

  finish(mark) {
    if (mark) this.keep(this.state.draw(mark.shape, mark.points));
    else this.drawMarks();
  }

  pickTool(tool) {
    if (!this.state.isOpen) return;
    this.drawing.pick(tool);
    this.state.edit("select", -1);
    this.pointing = false;
    this.zoom.apply();
    this.draw();
    if (this.drawing.tool) this.mat.focus({ preventScroll: true });
  }

  layDownTool() {
    this.drawing.pick(null);
    this.pointing = false;
    this.zoom.apply();
    this.drawMarks();
  }

  nextMark(by) {
    this.state.edit("step", by);
    this.draw();
  }

  deleteMark() {
    this.keep(this.state.edit("remove"));
  }

  undo() {
    if (this.drawing.isBegun) this.drawing.cancel();
    else return this.keep(this.state.edit("undo"));
    return this.drawMarks();
  }

  redo() {
    this.keep(this.state.edit("redo"));
  }

  togglePreview() {
    this.state.previews = !this.state.previews;
    this.drawMarks();
  }

  zoomBy(factor) {
    this.zoom.zoomBy(factor);
  }

  fitImage() {
    this.zoom.reset();
  }

  // Escape leaves what is innermost: a mark in the making, the question, the tool, the selected mark.
  leave() {
    if (this.drawing.isBegun) this.drawing.cancel();
    else if (this.state.confirms) return this.ask(false);
    else if (this.drawing.tool) return this.layDownTool();
    else this.state.edit("select", -1);
    return this.draw();
  }

  // ---- keys ------------------------------------------------------------------------------------------------
  // Returns whether the key was meant for the desk.
  meant(event) {
    const { key } = event;
    if (key === "Escape") {
      this.leave();
      return true;
    }
    if (this.state.isOpen && markingKey(this, event)) return true;
    const asked = KEYS[key.toLowerCase()];
    if (!asked) return false;
    const [act, ...values] = asked;
    if (!event.repeat) this[act](...values);
    return true;
  }
}

export default function mount(given) {
  return onPage(".judging-desk", SHAPE.JUDGING, (root) => new JudgingDesk(root), given);
}
