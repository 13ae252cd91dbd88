// A hand on the image, mouse, pen or finger: it draws with a tool, selects and moves marks without one; two fingers zoom.
import { markAt, movedBy, pictureAt, scaleOf } from "./annotation_geometry.mjs";

// A click this far from where it began is a drag; a polygon is closed by a click this near to its first corner. In pixels
// of the window.
const DRAG_PX = 4;
const NEAR_PX = 12;

export class MarkingHand {
  // `panel`: the annotation panel, whose state, drawing and screen this works on.
  constructor(panel) {
    this.panel = panel;
    this.grip = null;
    this.pressed = null;
    this.fingers = new Set();
  }

  listen(mat, signal) {
    mat.addEventListener("pointerdown", (e) => this.onDown(e), { signal });
    mat.addEventListener("pointermove", (e) => this.onMove(e), { signal });
    mat.addEventListener("pointerup", (e) => this.onUp(e), { signal });
    mat.addEventListener("pointercancel", (e) => this.onLost(e), { signal });
    mat.addEventListener("dblclick", (e) => this.onDouble(e), { signal });
  }

  pointOf(event) {
    return pictureAt(this.panel.screen.stageBox, this.panel.state.size, event);
  }

  get pixels() {
    return 1 / scaleOf(this.panel.screen.stageBox, this.panel.state.size);
  }

  onDown(event) {
    if (!this.panel.state.isOpen || event.button > 0 || event.target.closest("button, input, a")) return;
    this.fingers.add(event.pointerId);
    if (this.fingers.size > 1) {
      // A second finger: they zoom, and what one finger had begun was not meant.
      if (this.panel.drawing.held) this.panel.drawing.cancel();
      this.letGo();
      this.panel.screen.drawMarks(this.panel.state, this.panel.drawing);
      return;
    }
    const point = this.pointOf(event);
    if (this.panel.drawing.tool) {
      this.panel.screen.mat.setPointerCapture(event.pointerId);
      this.panel.screen.pointing = false;
      this.panel.drawing.down(point);
      this.panel.screen.drawMarks(this.panel.state, this.panel.drawing);
      return;
    }
    const { history } = this.panel.state;
    const at = this.panel.hidden ? -1 : markAt(history.marks, point);
    this.grip = at >= 0 && at === history.selected ? { at, point, before: history.current, moved: false } : null;
    this.pressed = { at, x: event.clientX, y: event.clientY };
    if (this.grip) this.panel.screen.mat.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    if (!this.panel.state.isOpen || this.fingers.size > 1) return;
    if (this.panel.drawing.tool) {
      this.panel.drawing.move(this.pointOf(event));
      if (this.panel.drawing.isBegun) this.panel.screen.drawMarks(this.panel.state, this.panel.drawing);
    } else if (this.grip) {
      const [x, y] = this.pointOf(event);
      const { before, point } = this.grip;
      this.grip.moved ||= Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y) > DRAG_PX;
      if (!this.grip.moved) return;
      this.panel.screen.moving = { at: this.grip.at, points: movedBy(before.points, x - point[0], y - point[1], this.panel.state.size) };
      this.panel.screen.drawMarks(this.panel.state, this.panel.drawing);
    }
  }

  onUp(event) {
    const alone = this.fingers.size <= 1;
    this.fingers.delete(event.pointerId);
    if (!this.panel.state.isOpen || !alone) return;
    if (this.panel.drawing.tool) {
      if (this.panel.drawing.held) this.panel.finish(this.panel.drawing.up(this.pointOf(event), NEAR_PX * this.pixels));
      return;
    }
    const { grip, pressed } = this;
    this.letGo();
    if (grip && grip.moved) {
      const [x, y] = this.pointOf(event);
      this.panel.keep(this.panel.state.edit("move", x - grip.point[0], y - grip.point[1], this.panel.state.size));
    } else if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) <= DRAG_PX) {
      this.panel.state.edit("select", pressed.at);
      this.panel.draw();
    }
  }

  letGo() {
    [this.grip, this.pressed, this.panel.screen.moving] = [null, null, null];
  }

  onLost(event) {
    this.fingers.delete(event.pointerId);
    if (this.panel.drawing.held) this.panel.drawing.cancel();
    this.letGo();
    if (this.panel.state.task) this.panel.screen.drawMarks(this.panel.state, this.panel.drawing);
  }

  onDouble(event) {
    if (!this.panel.drawing.tool || event.target.closest("button")) return;
    this.panel.finish(this.panel.drawing.close());
  }
}
