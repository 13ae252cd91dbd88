// The annotator's panel: between the server's data, the state of an annotator, their screen, the marking tools and the
// outbox. One AnnotationPanel per mounted component lives across reruns; every rerun only hands it new data.
import { commandOf, shortcutOf } from "./annotation_keys.mjs";
import { AnnotationScreen } from "./annotation_screen.mjs";
import { AnnotationState } from "./annotation_state.mjs";
import { Drawing } from "./drawing.mjs";
import { dataImage, replaceImage } from "./elements.mjs";
import { MarkingHand } from "./marking_hand.mjs";
import { markingKey } from "./marking_keys.mjs";
import { received } from "./messages.mjs";
import { CONNECTION, SENDS, SHAPE } from "./names.mjs";
import { Outbox } from "./outbox.mjs";
import { GUARD_MS, isTyping, moment, nextFrames, remember } from "./panel_parts.mjs";
import { uuid4 } from "./uuid.mjs";

const TICK_MS = 250;
// A draft is on the device at once, and at the server when somebody has typed for so long.
const DRAFT_MS = 1500;
const IMAGE_FAILED = "The image could not be shown. Reload the page; if that does not help, tell the curator.";

class AnnotationPanel {
  constructor(root) {
    this.root = root;
    this.state = new AnnotationState();
    this.drawing = new Drawing();
    this.screen = new AnnotationScreen(root, this);
    this.outbox = null;
    // Counts what is being shown: whatever still waits for an image of before comes too late.
    this.token = 0;
    this.hand = new MarkingHand(this);
    // Whether marks are out of sight.
    this.hidden = false;
    this.setShortcuts(remember("shortcuts") !== "off");
    this.listen();
  }

  // ---- data from the server --------------------------------------------------------------------------------
  update(data, setStateValue) {
    this.deliver = setStateValue;
    if (data.waiting) return this.wait(data);
    if (data.receipt) return this.takeReceipt(data);
    const { state } = this;
    const first = state.data === null || state.data.annotator !== data.annotator;
    state.receive(data);
    if (first) this.open(data.annotator);
    this.outbox.ask(false);
    this.settle(data);
    state.onTheirWay(this.outbox.answers());
    this.screen.fit();
    this.screen.tint();
    this.takeTask();
    this.prefetch();
  }

  settle({ acknowledged, refused }) {
    this.state.refuse(this.outbox.settle(acknowledged || [], refused || []));
    this.keepReturned();
  }

  // Drafts were saved, and nothing else is to be said. A page that shows nothing yet asks for all of it.
  takeReceipt(data) {
    if (this.state.data === null) {
      this.outbox ||= this.newOutbox("");
      this.outbox.ask(true);
      return;
    }
    this.settle(data);
    this.drawConnection();
  }

  // What came back is kept on the device until it is entered again or dismissed.
  keepReturned() {
    const { returned } = this.state;
    const kept = JSON.stringify([...returned]);
    if (kept === this.keptReturned) return;
    this.keptReturned = kept;
    remember(`returned:${this.state.data.annotator}`, kept);
  }

  returnedBefore(annotator) {
    try {
      return JSON.parse(remember(`returned:${annotator}`) || "[]");
    } catch {
      return [];
    }
  }

  dismiss(task) {
    this.state.dismiss(task);
    this.keepReturned();
    this.draw();
  }

  // The server can neither save nor load: it is asked again and again.
  wait(data) {
    if (this.state.lose()) this.outbox = this.newOutbox("");
    this.settle(data);
    this.outbox.ask(true);
    this.screen.fit();
    this.draw();
  }

  open(annotator) {
    if (this.outbox) this.outbox.stop();
    this.outbox = this.newOutbox(`annotations:${annotator}`);
    this.state.begin(this.outbox.answers(), this.returnedBefore(annotator));
    if (this.outbox.size) this.outbox.schedule(50);
  }

  newOutbox(name) {
    return new Outbox(name, (value) => this.deliver(SENDS.OUTBOX, value), () => this.drawConnection());
  }

  takeTask() {
    const { state } = this;
    const another = state.take((task) => this.outbox.draftOf(task));
    if (!state.task) this.token += 1;
    if (another) this.show();
    else {
      if (state.task && state.painted !== null) replaceImage(this.screen.image, state.task.image);
      this.draw();
    }
    if (!state.reentered) return;
    // Entered again, it is not saved: a draft like any other.
    this.keepDraft();
    this.keepReturned();
  }

  async show() {
    const { state, screen } = this;
    const { task } = state;
    const token = (this.token += 1);
    this.drawing.cancel();
    screen.form.setNaming(false);
    state.load();
    screen.bring(state);
    this.draw();
    try {
      await screen.imageDecoded();
    } catch {
      if (token !== this.token) return;
      state.fail(IMAGE_FAILED);
      this.draw();
      return;
    }
    if (token !== this.token) return;
    screen.reveal();
    await nextFrames();
    if (token !== this.token) return;
    state.paint(performance.now(), moment());
    screen.markPainted(task);
    screen.say(`Record ${task.position} of ${task.total}.`);
    setTimeout(() => {
      if (token !== this.token) return;
      state.open();
      this.draw();
    }, GUARD_MS);
  }

  prefetch() {
    const { following } = this.state.data;
    if (!following || (this.next && this.next.key === following.key)) return;
    const image = new Image();
    image.src = dataImage(following.image);
    image.decode().catch(() => {});
    // Held so that the decoded picture stays in memory until it is its turn.
    this.next = { key: following.key, image };
  }

  // ---- the screen ------------------------------------------------------------------------------------------
  get mail() {
    const { outbox } = this;
    if (!outbox) return { left: 0, connection: CONNECTION.SAVED, durable: true };
    return { left: outbox.answers().length, connection: outbox.connection, durable: outbox.durable };
  }

  draw() {
    if (this.state.data) this.screen.draw(this.state, this.drawing, this.mail);
  }

  drawConnection() {
    if (this.outbox && this.state.data) this.screen.drawConnection(this.state, this.mail);
  }

  // ---- entering --------------------------------------------------------------------------------------------
  // What was done changed something: it is drawn, and kept at once.
  keep(changed) {
    if (!changed) {
      this.screen.nudge();
      return;
    }
    this.draw();
    this.keepDraft();
  }

  keepDraft() {
    if (this.state.task) this.outbox.add(this.state.draft({ id: uuid4(), moment: moment() }), { delay: DRAFT_MS });
  }

  chooseDiagnosis(code) {
    this.keep(this.state.set("dx", this.state.dx === code ? null : code));
  }

  chooseQuality(level) {
    this.keep(this.state.set("quality", level));
  }

  toggleUnsure() {
    this.keep(this.state.set("unsure", !this.state.unsure));
  }

  write(comment) {
    this.keep(this.state.set("comment", comment));
  }

  enterValue(name, value) {
    this.keep(this.state.setValue(name, value));
  }

  chooseValue(field, value) {
    this.keep(this.state.choose(field, value));
  }

  pressStructure(name) {
    this.keep(this.state.press(name));
    if (this.screen.form.isNaming) this.screen.form.focusStructure(name);
  }

  openStructures() {
    this.screen.form.setNaming(true);
  }

  closeStructures() {
    this.screen.form.setNaming(false);
  }

  focusComment() {
    this.screen.form.comment.focus();
  }

  submit() {
    const { state } = this;
    if (!state.isOpen) {
      this.screen.nudge();
      return;
    }
    const item = state.submit({ id: uuid4(), now: performance.now(), moment: moment() });
    if (!item) {
      this.draw();
      return;
    }
    this.screen.form.node.getRootNode().activeElement?.blur();
    this.screen.say("Submitted. Saving.");
    // First the next record, then the server: nobody waits for a line.
    this.takeTask();
    this.outbox.add(item);
  }

  setShortcuts(on) {
    this.shortcuts = on;
    remember("shortcuts", on ? "on" : "off");
    this.screen.showShortcuts(on);
  }

  // ---- marking ---------------------------------------------------------------------------------------------
  mayPan() {
    return !this.drawing.tool && !this.hand?.grip;
  }

  pickTool(tool) {
    this.drawing.pick(tool);
    this.state.edit("select", -1);
    this.screen.pointing = false;
    this.screen.zoom.apply();
    this.draw();
    if (this.drawing.tool) this.screen.mat.focus({ preventScroll: true });
  }

  layDownTool() {
    if (this.drawing.tool) this.pickTool(this.drawing.tool);
  }

  finish(mark) {
    if (mark) this.keep(this.state.draw(mark.shape, mark.points));
    else this.screen.drawMarks(this.state, this.drawing);
    if (mark && !this.state.structure) this.openStructures();
  }

  selectMark(at) {
    this.state.edit("select", this.state.history.selected === at ? -1 : at);
    this.draw();
  }

  nextMark(by) {
    this.state.edit("step", by);
    this.draw();
  }

  deleteMark(at) {
    this.keep(this.state.edit("remove", at));
  }

  undo() {
    if (this.drawing.isBegun) {
      this.drawing.back();
      this.draw();
    } else this.keep(this.state.edit("undo"));
  }

  redo() {
    this.keep(this.state.edit("redo"));
  }

  toggleMarks() {
    this.hidden = !this.hidden;
    this.screen.setMarksHidden(this.hidden);
  }

  // ---- keys ------------------------------------------------------------------------------------------------
  listen() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    // In the capture phase: Streamlit's own single-key shortcuts must not fire while somebody types.
    window.addEventListener("keydown", (e) => this.onKey(e), { capture: true, signal });
    window.addEventListener("resize", () => this.screen.fit(), { signal });
    window.addEventListener("online", () => this.outbox && this.outbox.flush(), { signal });
    window.addEventListener("offline", () => this.drawConnection(), { signal });
    this.hand.listen(this.screen.mat, signal);
    this.ticker = setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    if (!this.root.isConnected) this.destroy();
    else this.drawConnection();
  }

  destroy() {
    clearInterval(this.ticker);
    this.abort.abort();
    if (this.outbox) this.outbox.stop();
    PANELS.delete(this.root);
  }

  onKey(event) {
    if (!this.state.task || !this.root.isConnected || event.altKey) return;
    const origin = event.composedPath()[0] instanceof Element ? event.composedPath()[0] : null;
    if (this.screen.helpIsOpen) {
      if (event.key === "?") this.screen.closeHelp();
      event.stopPropagation();
      return;
    }
    // Keys of the page around the panel are the page's own.
    if (isTyping(origin) && !this.root.contains(origin)) return;
    const handled = event.ctrlKey || event.metaKey ? this.handleCommand(event, origin) : this.handleKey(event, origin);
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      event.stopPropagation();
    }
  }

  handleCommand(event, origin) {
    const asked = commandOf(event);
    // In a text, undo is the text's own.
    if (!asked || (asked[0] !== "submit" && isTyping(origin))) return false;
    if (!event.repeat || asked[0] !== "submit") this[asked[0]]();
    return true;
  }

  // Returns whether the key was meant for the panel.
  handleKey(event, origin) {
    const { key } = event;
    if (isTyping(origin)) return this.handleTypingKey(event, origin);
    const button = origin && origin.closest("button, a");
    const own = button && button.closest(".form, .submitbar") && this.root.contains(button);
    if (this.handleDrawingKey(event, button)) return true;
    if (key === "Enter" || (key === " " && this.screen.isSubmit(button))) {
      // Enter on a button of tools or marks presses that button, elsewhere it submits.
      if (button && (!own || button.closest(".marklist"))) return false;
      if (!event.repeat) this.submit();
      return true;
    }
    if (key === "Escape") return this.leave();
    if (!this.shortcuts || event.repeat) return false;
    const asked = shortcutOf(event, { classes: this.state.classes, naming: this.screen.form.isNaming });
    if (!asked) return false;
    const [act, ...values] = asked;
    this[act](...values);
    return true;
  }

  handleTypingKey({ key, repeat }, origin) {
    if (key === "Escape") {
      origin.blur();
      return true;
    }
    if (key !== "Enter" || origin.matches("textarea")) return false;
    if (!repeat) this.submit();
    return true;
  }

  // Not while a group of choices has the focus.
  handleDrawingKey(event, button) {
    return !button && markingKey(this, event);
  }

  // Escape leaves what is innermost: a mark in the making, the structures, the tool, the selected mark.
  leave() {
    if (this.drawing.isBegun) this.drawing.cancel();
    else if (this.screen.form.isNaming) this.screen.form.setNaming(false);
    else if (this.drawing.tool) return this.layDownTool() || true;
    else if (this.state.history.current) this.state.edit("select", -1);
    else return false;
    this.draw();
    return true;
  }

  openHelp() {
    this.screen.openHelp();
  }

  zoomBy(factor) {
    this.screen.zoom.zoomBy(factor);
  }

  fitImage() {
    this.screen.zoom.reset();
  }
}

const PANELS = new Map();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".annotation-panel");
  if (!root || !data) return undefined;
  let panel = PANELS.get(root);
  if (!panel) {
    panel = new AnnotationPanel(root);
    PANELS.set(root, panel);
  }
  panel.update(received(SHAPE.ANNOTATING, data), setStateValue);
  // Streamlit also runs the clean-up of superseded renders: only a panel that left the page is taken down.
  return () => setTimeout(() => !root.isConnected && panel.destroy(), 0);
}
