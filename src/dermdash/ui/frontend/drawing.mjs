// A mark in the making, without a screen: what a tool does with the places that a hand or the keyboard points at.
import { closesCrossing, fewEnough, inside, isMeant, outlineOf, wouldCross } from "./annotation_geometry.mjs";
import { MARK } from "./names.mjs";
import { MOST, TOLERANCE } from "./nomenclature.mjs";

const CROSSES = "Edges of a polygon must not cross: set the corner elsewhere.";
const FULL = `A mark has ${MOST.POINTS} points at most: close it with Enter.`;

export class Drawing {
  constructor() {
    this.tool = null;
    this.points = [];
    // Where the hand or the keyboard points.
    this.at = null;
    this.fault = "";
    this.held = false;
  }

  get isBegun() {
    return this.points.length > 0;
  }

  // Take a tool, or lay it down again.
  pick(tool) {
    this.cancel();
    this.tool = this.tool === tool ? null : tool;
  }

  cancel() {
    this.points = [];
    this.fault = "";
    this.held = false;
  }

  // ---- a hand: mouse, pen or finger; `down` and `up` frame a drag, or are a click ------------------------------
  down(point) {
    this.at = point;
    this.fault = "";
    this.held = true;
    if (this.tool === MARK.FREEHAND) this.points = [point];
    else if (this.tool === MARK.RECTANGLE && !this.isBegun) this.points = [point, point];
  }

  move(point) {
    this.at = point;
    if (this.tool === MARK.RECTANGLE && this.isBegun) this.points = [this.points[0], point];
    if (this.tool !== MARK.FREEHAND || !this.held) return;
    const [x, y] = this.points.at(-1);
    if (this.points.length < MOST.RAW_POINTS && Math.hypot(point[0] - x, point[1] - y) >= 1) this.points.push(point);
  }

  // Returns the mark's shape and points when it is done, null while it is not. `near`: how close to the first corner of a
  // polygon a click closes it.
  up(point, near = 0) {
    if (!this.held) return null;
    this.held = false;
    this.at = point;
    if (this.tool === MARK.POLYGON) return this.corner(point, near);
    if (this.tool === MARK.RECTANGLE) {
      this.points = [this.points[0], point];
      // A click and no drag: the opposite corner is the next click.
      return isMeant({ shape: this.tool, points: this.points }) ? this.finish() : null;
    }
    return this.finish();
  }

  corner(point, near) {
    const [first] = this.points;
    const closes = this.points.length >= 3 && Math.hypot(point[0] - first[0], point[1] - first[1]) <= near;
    if (closes) return this.close();
    if (wouldCross(this.points, point)) this.fault = CROSSES;
    else if (this.points.length >= MOST.POINTS) this.fault = FULL;
    else if (!this.points.length || this.points.at(-1).some((v, i) => v !== point[i])) this.points = [...this.points, point];
    return null;
  }

  // ---- the keyboard ----------------------------------------------------------------------------------------
  // Move the place that is pointed at; it begins in the middle of the picture.
  point(dx, dy, size) {
    const [x, y] = this.at || [size.width / 2, size.height / 2];
    this.move(inside([x + dx, y + dy], size));
  }

  // Set a corner where the keyboard points.
  put(size) {
    if (!this.at) this.point(0, 0, size);
    this.fault = "";
    if (this.tool === MARK.POLYGON) return this.corner(this.at, 0);
    if (this.tool !== MARK.RECTANGLE) {
      this.fault = "A line is drawn by hand: take the rectangle (R) or the polygon (P) with the keyboard.";
      return null;
    }
    if (this.isBegun) return this.finish();
    this.points = [this.at, this.at];
    return null;
  }

  // Close a polygon.
  close() {
    if (this.tool !== MARK.POLYGON || this.points.length < 3) return null;
    if (closesCrossing(this.points)) {
      this.fault = CROSSES;
      return null;
    }
    return this.finish();
  }

  // Take back the last corner.
  back() {
    this.fault = "";
    this.points = this.tool === MARK.POLYGON ? this.points.slice(0, -1) : [];
    return true;
  }

  // What is drawn so far, as a mark.
  get shape() {
    const leads = this.tool === MARK.POLYGON && this.isBegun && this.at ? [this.at] : [];
    return { shape: this.tool, points: [...this.points, ...leads] };
  }

  // The same as `MarksDrawing` draws it. `pointing`: the keyboard points, which is shown.
  shown(pointing) {
    const { shape } = this;
    return {
      open: this.isBegun ? outlineOf(shape) : null,
      closed: shape.shape === MARK.RECTANGLE,
      cursor: this.tool && pointing ? this.at : null,
    };
  }

  finish() {
    const points = this.tool === MARK.FREEHAND ? fewEnough(this.points, TOLERANCE) : this.points;
    const mark = { shape: this.tool, points };
    this.cancel();
    return isMeant(mark) ? mark : null;
  }
}
