// Points of marks, in pixels of the picture, as [x, y]: where they are on the screen, and how few of them suffice.
import { MARK } from "./names.mjs";
import { MOST } from "./nomenclature.mjs";

// Marks smaller than this on a side are slips of the hand.
const SMALLEST = 3;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const rounded = (v) => Math.round(v * 10) / 10;

// The point of a picture of `width` x `height` under a place of the window; `box` is where the element lies in which the
// picture is fitted as large as it can be. What lies beside the picture is taken to its edge.
export function pictureAt({ left, top, width: boxWidth, height: boxHeight }, { width, height }, { clientX, clientY }) {
  const scale = Math.min(boxWidth / width, boxHeight / height);
  const x = (clientX - left - (boxWidth - width * scale) / 2) / scale;
  const y = (clientY - top - (boxHeight - height * scale) / 2) / scale;
  return inside([x, y], { width, height });
}

// How many pixels of the window a pixel of the picture takes.
export function scaleOf({ width: boxWidth, height: boxHeight }, { width, height }) {
  return Math.min(boxWidth / width, boxHeight / height);
}

export function inside([x, y], { width, height }) {
  return [rounded(clamp(x, 0, width)), rounded(clamp(y, 0, height))];
}

// The corners of a region in order.
export function outlineOf({ shape, points }) {
  if (shape !== MARK.RECTANGLE || points.length < 2) return points;
  const [[x1, y1], [x2, y2]] = points;
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}

function boundsOf(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

// In pixels of the window: how high a line of a label is, how wide one of its letters, and how far it stands from its mark.
const LABEL = { line: 17, letter: 7.6, gap: 5, below: 15 };

// Where labels of marks stand, as [x, y] of their first letter's foot: above the mark where there is room, else below it,
// else a line further off, so that none lies on another or runs over an edge. `unit`: pixels of the picture that one of the
// window takes.
export function placedLabels(labels, { width, height }, unit) {
  const placed = [];
  const line = LABEL.line * unit;
  const isFree = (box) =>
    box.top >= 0 && box.bottom <= height &&
    placed.every((other) => box.left >= other.right || other.left >= box.right || box.top >= other.bottom || other.top >= box.bottom);
  return labels.map(({ outline, text }) => {
    const { top, bottom } = boundsOf(outline);
    const long = LABEL.letter * text.length * unit;
    const left = clamp(outline.find(([, y]) => y === top)[0], 0, Math.max(0, width - long));
    const boxAt = (y) => ({ left, right: left + long, top: y - line * 0.8, bottom: y + line * 0.2 });
    const above = top - LABEL.gap * unit;
    const below = bottom + LABEL.below * unit;
    const offered = Array.from(labels, (_, away) => [above - away * line, below + away * line]).flat();
    const box = offered.map(boxAt).find(isFree) || boxAt(clamp(above, line, height));
    placed.push(box);
    return [left, box.top + line * 0.8];
  });
}

// Whether somebody meant it: large enough to be seen.
export function isMeant({ shape, points }) {
  if (points.length < (shape === MARK.RECTANGLE ? 2 : 3)) return false;
  const { left, right, top, bottom } = boundsOf(points);
  const small = right - left < SMALLEST || bottom - top < SMALLEST;
  return shape === MARK.RECTANGLE ? !small : right - left >= SMALLEST || bottom - top >= SMALLEST;
}

function distanceTo([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const share = length > 0 ? clamp(((x - x1) * dx + (y - y1) * dy) / length, 0, 1) : 0;
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

// Leave out points of a line so that it nowhere goes further than `tolerance` from where it was (Douglas and Peucker 1973;
// `verification/marks.py` has the same in Python).
export function simplified(points, tolerance) {
  if (points.length < 3) return [...points];
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  while (spans.length) {
    const [first, last] = spans.pop();
    let furthest = -1;
    let most = tolerance;
    for (let i = first + 1; i < last; i += 1) {
      const distance = distanceTo(points[i], points[first], points[last]);
      if (distance > most) [furthest, most] = [i, distance];
    }
    if (furthest < 0) continue;
    keep.add(furthest);
    spans.push([first, furthest], [furthest, last]);
  }
  return points.filter((_, i) => keep.has(i));
}

// A line drawn by hand with no more points than a mark may have.
export function fewEnough(points, tolerance) {
  let fewer = simplified(points, tolerance);
  for (let wider = tolerance * 2; fewer.length > MOST.POINTS; wider *= 2) fewer = simplified(points, wider);
  return fewer;
}

function crosses(a, b, c, d) {
  const side = ([x1, y1], [x2, y2], [x, y]) => Math.sign((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

// Whether a line from the last point to another one would cross the line of the others.
export function wouldCross(points, next) {
  if (points.length < 3) return false;
  const last = points.at(-1);
  return points.slice(0, -2).some((p, i) => crosses(p, points[i + 1], last, next));
}

// Whether closing the outline would.
export function closesCrossing(points) {
  return points.length > 3 && points.slice(1, -2).some((p, i) => crosses(p, points[i + 2], points.at(-1), points[0]));
}

// Move points by as much as keeps all of them inside.
export function movedBy(points, dx, dy, size) {
  const { left, right, top, bottom } = boundsOf(points);
  const [x, y] = [clamp(dx, -left, size.width - right), clamp(dy, -top, size.height - bottom)];
  return points.map((p) => inside([p[0] + x, p[1] + y], size));
}

// Which of the marks lies under a point: the smallest of those it is in, so that none hides another; -1 for none.
export function markAt(marks, [x, y]) {
  let found = -1;
  let smallest = Infinity;
  marks.forEach((mark, at) => {
    const { left, right, top, bottom } = boundsOf(mark.points);
    const size = (right - left) * (bottom - top);
    if (size < smallest && contains(outlineOf(mark), x, y)) [found, smallest] = [at, size];
  });
  return found;
}

function contains(outline, x, y) {
  let turns = 0;
  outline.forEach(([x1, y1], i) => {
    const [x2, y2] = outline[(i + 1) % outline.length];
    const right = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
    if (y1 <= y && y2 > y && right > 0) turns += 1;
    if (y1 > y && y2 <= y && right < 0) turns -= 1;
  });
  return turns !== 0;
}
