import assert from "node:assert/strict";
import test from "node:test";

import {
  closesCrossing, fewEnough, inside, isMeant, markAt, movedBy, outlineOf, pictureAt, placedLabels, scaleOf, simplified, wouldCross,
} from "../../src/dermdash/ui/frontend/annotation_geometry.mjs";
import { MARK } from "../../src/dermdash/ui/frontend/names.mjs";
import { MOST } from "../../src/dermdash/ui/frontend/nomenclature.mjs";

const SIZE = { width: 600, height: 450 };
const circle = (n, radius = 100) =>
  Array.from({ length: n }, (_, i) => [300 + radius * Math.cos((2 * Math.PI * i) / n), 225 + radius * Math.sin((2 * Math.PI * i) / n)]);

test("a place of the window is a pixel of the picture, however it is fitted, zoomed and moved", () => {
  // Fitted into a wide box: bars at the left and the right.
  const wide = { left: 10, top: 20, width: 1000, height: 450 };
  assert.deepEqual(pictureAt(wide, SIZE, { clientX: 10 + 200, clientY: 20 }), [0, 0]);
  assert.deepEqual(pictureAt(wide, SIZE, { clientX: 10 + 500, clientY: 20 + 225 }), [300, 225]);
  // Three times as large, moved by 700 and 300.
  const zoomed = { left: 10 - 700, top: 20 - 300, width: 3000, height: 1350 };
  assert.deepEqual(pictureAt(zoomed, SIZE, { clientX: -690 + 600 + 90, clientY: -280 + 45 }), [30, 15]);
  assert.equal(scaleOf(zoomed, SIZE), 3);
});

test("what lies beside the picture is taken to its edge", () => {
  const box = { left: 0, top: 0, width: 1000, height: 450 };
  assert.deepEqual(pictureAt(box, SIZE, { clientX: 5, clientY: 100 }), [0, 100]);
  assert.deepEqual(pictureAt(box, SIZE, { clientX: 999, clientY: 460 }), [600, 450]);
  assert.deepEqual(inside([-4, 451.234], SIZE), [0, 450]);
});

test("a rectangle of two corners has an outline of four", () => {
  assert.deepEqual(outlineOf({ shape: MARK.RECTANGLE, points: [[1, 2], [3, 4]] }), [[1, 2], [3, 2], [3, 4], [1, 4]]);
  assert.deepEqual(outlineOf({ shape: MARK.POLYGON, points: [[1, 2], [3, 4], [5, 0]] }), [[1, 2], [3, 4], [5, 0]]);
});

test("a slip of the hand is no mark", () => {
  assert.equal(isMeant({ shape: MARK.RECTANGLE, points: [[10, 10], [11, 40]] }), false);
  assert.equal(isMeant({ shape: MARK.RECTANGLE, points: [[10, 10], [20, 40]] }), true);
  assert.equal(isMeant({ shape: MARK.POLYGON, points: [[10, 10], [20, 40]] }), false);
  assert.equal(isMeant({ shape: MARK.FREEHAND, points: [[10, 10], [11, 11], [10, 12]] }), false);
});

test("a simplified line keeps its ends and nowhere leaves the drawn one by more than the tolerance", () => {
  const line = Array.from({ length: 400 }, (_, i) => [i, 30 * Math.sin(i / 40)]);
  const few = simplified(line, 0.5);
  assert.deepEqual([few[0], few.at(-1)], [line[0], line.at(-1)]);
  assert.ok(few.length < 60, `${few.length}`);
  for (const [x, y] of line) {
    const at = few.findIndex(([right]) => right >= x);
    const [[x1, y1], [x2, y2]] = [few[Math.max(0, at - 1)], few[at]];
    const there = x2 > x1 ? y1 + ((x - x1) / (x2 - x1)) * (y2 - y1) : y2;
    assert.ok(Math.abs(there - y) <= 0.8, `${x}`);
  }
  assert.deepEqual(simplified([[0, 0], [1, 1]], 1), [[0, 0], [1, 1]]);
});

test("ten thousand points drawn by hand become as many as a mark may have, or fewer", () => {
  const jagged = circle(10_000).map(([x, y], i) => [x + (i % 2), y]);
  assert.ok(fewEnough(jagged, 0.1).length <= MOST.POINTS);
});

test("an edge that would cross another is noticed, the closing one too", () => {
  const corners = [[0, 0], [100, 0], [100, 100]];
  assert.equal(wouldCross(corners, [50, -50]), true);
  assert.equal(wouldCross(corners, [0, 100]), false);
  assert.equal(wouldCross([[0, 0], [10, 10]], [0, 20]), false);
  assert.equal(closesCrossing([[0, 0], [100, 0], [100, 100], [0, 100]]), false);
  assert.equal(closesCrossing([[0, 0], [100, 0], [100, 100], [20, 100], [20, 180], [180, 180], [180, 50]]), true);
});

test("moved points stay inside the picture and keep their shape", () => {
  assert.deepEqual(movedBy([[10, 10], [20, 30]], -50, 5, SIZE), [[0, 15], [10, 35]]);
  assert.deepEqual(movedBy([[10, 10], [20, 30]], 1000, 1000, SIZE), [[590, 430], [600, 450]]);
});

test("of marks that lie over one another the smallest is found", () => {
  const large = { shape: MARK.RECTANGLE, points: [[0, 0], [200, 200]] };
  const small = { shape: MARK.POLYGON, points: [[50, 50], [90, 50], [70, 90]] };
  assert.equal(markAt([small, large], [70, 60]), 0);
  assert.equal(markAt([large, small], [70, 60]), 1);
  assert.equal(markAt([large, small], [51, 89]), 0);
  assert.equal(markAt([large, small], [300, 300]), -1);
});

test("labels of marks that lie over one another stand apart and within the picture, on a phone, too", () => {
  const around = (x, y) => [[x, y - 40], [x + 40, y], [x, y + 40], [x - 40, y]];
  const names = ["Atypical pigment network", "Blue-white veil", "Dots", "Regression structures", "Milia-like cysts", "Streaks"];
  // 358 pixels of a window for a picture of 600, in whose middle and right corner everybody marked something.
  const unit = 600 / 358;
  const labels = names.map((text, at) => ({ text, outline: at < 4 ? around(300 + at, 225) : around(570, 30) }));
  const boxes = placedLabels(labels, SIZE, unit).map(([left, y], at) => ({ left, right: left + names[at].length * 7 * unit, top: y - 12 * unit, bottom: y + 3 * unit }));
  boxes.forEach((one, at) => {
    assert.ok(one.left >= 0 && one.right <= SIZE.width && one.top >= 0 && one.bottom <= SIZE.height, names[at]);
    for (const other of boxes.slice(at + 1)) {
      assert.ok(one.left >= other.right || other.left >= one.right || one.top >= other.bottom || other.top >= one.bottom, names[at]);
    }
  });
});

test("a label that is alone stands above its mark", () => {
  const mark = [[100, 200], [140, 240], [60, 240]];
  assert.deepEqual(placedLabels([{ text: "1", outline: mark }], SIZE, 1), [[100, 195]]);
});
