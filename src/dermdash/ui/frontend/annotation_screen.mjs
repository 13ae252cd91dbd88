// What the annotator sees: elements are built once and redrawn from an `AnnotationState` and a `Drawing`. Drawing changes
// nothing but the screen; decisions are in annotation_state.mjs, and what the annotator does goes to `acts`, the panel.
import { scaleOf } from "./annotation_geometry.mjs";
import { AnnotationForm } from "./annotation_form.mjs";
import { annotationHelp } from "./annotation_help.mjs";
import { inWords } from "./annotation_words.mjs";
import { ICON, dataImage, el, toolButton } from "./elements.mjs";
import { MarksDrawing } from "./marks_drawing.mjs";
import { CONNECTION, MARK, STATE } from "./names.mjs";
import { STRUCTURES } from "./nomenclature.mjs";
import { connectionLine, fitPanel, nudge, progressBar, tintPanel } from "./panel_parts.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";

const CONNECTION_TEXT = {
  [CONNECTION.SAVED]: "Everything is saved",
  [CONNECTION.SAVING]: "Saving…",
  [CONNECTION.OFFLINE]: "Not connected: what you enter is kept on this device",
  [CONNECTION.UNREACHABLE]: "Nothing can be saved at the moment: what you enter is kept on this device",
};
const TOOLS = [
  [null, "Move and select (V)", ICON.HAND],
  [MARK.RECTANGLE, "Rectangle (R)", ICON.RECTANGLE],
  [MARK.POLYGON, "Polygon (P)", ICON.POLYGON],
  [MARK.FREEHAND, "Line drawn by hand (L)", ICON.FREEHAND],
];
const colorOfStructure = (name) => STRUCTURES.find((s) => s.name === name)?.color || "#ffffff";

export class AnnotationScreen {
  constructor(root, acts) {
    this.root = root;
    this.acts = acts;
    this.form = new AnnotationForm(acts);
    this.build();
  }

  build() {
    // A mark that a hand is moving: where in the list, and its points for now.
    this.moving = null;
    // Whether the keyboard points, which is shown.
    this.pointing = false;
    this.image = el("img", { class: "lesion", alt: "Dermatoscopic image of the lesion to annotate", draggable: "false" });
    this.marks = new MarksDrawing();
    this.stage = el("div", { class: "stage" }, this.image, this.marks.node);
    this.tools = el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Marking" },
      TOOLS.map(([tool, label, icon]) => {
        const button = toolButton(label, icon, () => (tool ? this.acts.pickTool(tool) : this.acts.layDownTool()));
        button.dataset.tool = tool || "";
        return button;
      }),
      el("span", { class: "rule" }),
      (this.undoButton = toolButton("Undo (Z)", ICON.UNDO, () => this.acts.undo())),
      (this.redoButton = toolButton("Redo (Y)", ICON.REDO, () => this.acts.redo())),
      (this.binButton = toolButton("Delete the selected mark (Delete)", ICON.BIN, () => this.acts.deleteMark())),
      (this.eyeButton = toolButton("Hide or show marks (H)", ICON.EYE, () => this.acts.toggleMarks())),
    );
    const { bar: zoomButtons, show } = zoomBar(() => this.zoom);
    this.mat = el(
      "div",
      { class: "mat", role: "group", tabindex: "0", "aria-label": "Image. With a tool, arrow keys point and Space sets a corner; plus and minus zoom, zero fits." },
      this.stage,
      (this.matText = el("p", { class: "mattext" })),
      this.tools,
      (this.drawText = el("p", { class: "drawtext", role: "status" })),
      this.form.card.node,
      zoomButtons,
    );
    this.zoom = makeZoom(this.mat, this.stage, {
      mayPan: () => this.acts.mayPan(),
      onChange: (scale) => {
        show(scale);
        this.scaleMarks();
      },
    });
    new ResizeObserver(() => this.zoom.apply()).observe(this.mat);
    this.progress = progressBar();
    this.known = el("p", { class: "known" });
    const bar = el(
      "header",
      { class: "bar" },
      this.progress.bar,
      this.known,
      el("button", { type: "button", class: "text", onclick: () => this.openHelp() }, "Help"),
    );
    this.submitButton = el("button", { type: "button", class: "submit", onclick: (e) => e.detail <= 1 && this.acts.submit() }, el("span", {}, "Submit"), el("kbd", { "aria-hidden": "true" }, "Enter"));
    this.notice = el("p", { class: "notice", role: "alert" });
    this.live = el("p", { class: "sr", "aria-live": "polite" });
    this.connection = connectionLine(CONNECTION_TEXT, (text) => this.say(text));
    const entry = el(
      "section",
      { class: "entry", "aria-label": "Your annotation" },
      this.form.node,
      el("div", { class: "submitbar" }, this.notice, this.submitButton, this.connection.line),
    );
    this.curtain = el("div", { class: "curtain" });
    this.returned = el("section", { class: "returned", "aria-label": "Annotations that were not accepted", "aria-live": "polite" });
    this.help = annotationHelp((on) => this.acts.setShortcuts(on));
    this.panel = el("div", { class: "panel" }, bar, this.returned, el("div", { class: "body" }, this.mat, entry), this.curtain, this.live, this.help);
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

  showShortcuts(on) {
    this.help.querySelector("#shortcuts").checked = on;
    this.panel.classList.toggle("nokeys", !on);
  }

  say(text) {
    this.live.textContent = text;
  }

  nudge() {
    nudge(this.panel);
  }

  // ---- a new task ------------------------------------------------------------------------------------------
  bring(state) {
    this.image.classList.remove("visible");
    this.image.src = dataImage(state.task.image);
    this.form.bring(state);
    this.zoom.reset();
    if (this.panel.getBoundingClientRect().top < 0) this.panel.scrollIntoView({ block: "start" });
  }

  imageDecoded() {
    return this.image.decode();
  }

  reveal() {
    this.image.classList.add("visible");
  }

  markPainted(task) {
    this.panel.dataset.painted = task.key;
  }

  // ---- drawing ---------------------------------------------------------------------------------------------
  draw(state, drawing, mail) {
    const { task } = state;
    this.panel.dataset.state = state.expects;
    this.panel.dataset.task = task ? task.key : "";
    this.panel.classList.toggle("covered", !task);
    this.panel.querySelector(".body").inert = !task;
    this.drawReturned(state);
    this.drawCurtain(state, mail);
    this.drawConnection(state, mail);
    this.progress.draw(task ? `Record ${task.position} of ${task.total}` : "", task ? (task.position - 1) / task.total : 1);
    if (!task) return;
    this.known.textContent = this.knownWords(task.known);
    this.form.draw(state);
    this.drawMarks(state, drawing);
    this.matText.textContent = state.expects === STATE.LOADING && this.panel.dataset.painted !== task.key ? "Loading the image…" : "";
    this.notice.textContent = state.message;
    this.submitButton.setAttribute("aria-disabled", String(!state.isOpen || Boolean(state.missing)));
  }

  // What came back and has no task any more, for its author to copy.
  drawReturned(state) {
    const { stranded } = state;
    const signature = stranded.map((s) => s.task).join("|");
    if (this.returnedSignature === signature) return;
    this.returnedSignature = signature;
    this.returned.replaceChildren(
      ...stranded.map(({ task, annotation, reason }) =>
        el(
          "div",
          {},
          el("p", {}, el("strong", {}, "Not accepted: "), reason),
          el("details", {}, el("summary", {}, "What you entered"), el("pre", {}, inWords(annotation, state.classes).join("\n"))),
          el("button", { type: "button", class: "text", onclick: () => this.acts.dismiss(task) }, "Dismiss"),
        ),
      ),
    );
  }

  knownWords(known) {
    const words = [known.age_at_exam !== undefined && `${known.age_at_exam} years`, known.sex, known.anatomical_site];
    return words.filter(Boolean).join(" · ");
  }

  drawMarks(state, drawing) {
    const { history } = state;
    if (!state.task) return;
    this.scaleMarks(state.size);
    const asMoved = (mark, at) => (this.moving && this.moving.at === at ? { ...mark, points: this.moving.points } : mark);
    const marks = history.marks.map(asMoved).map((mark, at) => ({ mark, color: colorOfStructure(mark.structure), label: String(at + 1), selected: at === history.selected }));
    this.marks.draw(marks, drawing.shown(this.pointing));
    this.mat.classList.toggle("drawing", Boolean(drawing.tool));
    for (const b of this.tools.querySelectorAll("[data-tool]")) b.setAttribute("aria-pressed", String((drawing.tool || "") === b.dataset.tool));
    this.undoButton.disabled = !history.before.length && !drawing.isBegun;
    this.redoButton.disabled = !history.after.length;
    this.binButton.disabled = !history.current;
    const named = state.structure ? STRUCTURES.find((s) => s.name === state.structure).title : "choose its structure afterwards";
    this.drawText.textContent = drawing.fault || (drawing.tool ? `Marking: ${named}` : "");
  }

  scaleMarks(size = this.size) {
    if (!size) return;
    this.size = size;
    this.marks.fit(size, scaleOf(this.stageBox, size));
  }

  get stageBox() {
    return this.stage.getBoundingClientRect();
  }

  setMarksHidden(hidden) {
    this.marks.node.classList.toggle("off", hidden);
    this.eyeButton.setAttribute("aria-pressed", String(hidden));
  }

  drawCurtain({ task, expects, unreachable }, mail) {
    const kind = task ? "" : unreachable ? CONNECTION.UNREACHABLE : expects;
    const signature = `${kind}|${mail.left > 0}`;
    this.curtain.hidden = !kind;
    if (this.curtainSignature === signature) return;
    this.curtainSignature = signature;
    const card = (title, text) => el("div", { class: "card" }, el("h2", {}, title), el("p", {}, text));
    const cards = {
      [CONNECTION.UNREACHABLE]: () => card("One moment", "The records cannot be reached at the moment. This page tries again by itself; what was entered is kept."),
      [STATE.WAITING]: () => card("One moment", "The last annotation is being saved, then the next record comes."),
      [STATE.FINISHED]: () => mail.left
        ? card("Almost done", "The last annotations are being saved. Please keep this page open for a moment.")
        : card("Nothing left to annotate", "Every annotation is saved. New records appear here when they are assigned to you."),
    };
    this.curtain.replaceChildren(...(kind ? [(cards[kind] || cards[STATE.WAITING])()] : []));
  }

  drawConnection({ unreachable }, mail) {
    const now = unreachable ? CONNECTION.UNREACHABLE : mail.connection;
    this.connection.draw(now, mail.durable);
    this.panel.dataset.connection = now;
  }

  fit() {
    fitPanel(this.panel);
    this.zoom.apply();
  }

  tint() {
    tintPanel(this.panel);
  }
}
