import assert from "node:assert/strict";
import test from "node:test";

import { Drawing } from "../../src/dermdash/ui/frontend/drawing.mjs";
import { MARK } from "../../src/dermdash/ui/frontend/names.mjs";

const SIZE = { width: 600, height: 450 };

function withTool(tool) {
  const drawing = new Drawing();
  drawing.pick(tool);
  return drawing;
}

function click(drawing, point, near = 5) {
  drawing.down(point);
  return drawing.up(point, near);
}

test("a drag draws a rectangle", () => {
  const drawing = withTool(MARK.RECTANGLE);
  drawing.down([10, 10]);
  drawing.move([30, 40]);
  assert.deepEqual(drawing.shape, { shape: MARK.RECTANGLE, points: [[10, 10], [30, 40]] });
  assert.deepEqual(drawing.up([35, 45]), { shape: MARK.RECTANGLE, points: [[10, 10], [35, 45]] });
  assert.equal(drawing.isBegun, false);
});

test("two clicks draw a rectangle too", () => {
  const drawing = withTool(MARK.RECTANGLE);
  assert.equal(click(drawing, [10, 10]), null);
  drawing.move([50, 50]);
  assert.deepEqual(click(drawing, [60, 80]), { shape: MARK.RECTANGLE, points: [[10, 10], [60, 80]] });
});

test("a click near the first corner closes a polygon, as Enter does", () => {
  for (const close of [(d) => click(d, [12, 11]), (d) => d.close()]) {
    const drawing = withTool(MARK.POLYGON);
    for (const corner of [[10, 10], [90, 10], [50, 80]]) assert.equal(click(drawing, corner), null);
    assert.deepEqual(close(drawing), { shape: MARK.POLYGON, points: [[10, 10], [90, 10], [50, 80]] });
  }
});

test("a corner whose edge would cross another is not set, and that is said", () => {
  const drawing = withTool(MARK.POLYGON);
  for (const corner of [[0, 0], [100, 0], [100, 100]]) click(drawing, corner);
  click(drawing, [50, -50]);
  assert.equal(drawing.points.length, 3);
  assert.match(drawing.fault, /must not cross/);
  click(drawing, [0, 100]);
  assert.deepEqual([drawing.points.length, drawing.fault], [4, ""]);
});

test("a polygon is not closed over its own edges, nor with two corners", () => {
  const drawing = withTool(MARK.POLYGON);
  click(drawing, [0, 0]);
  click(drawing, [100, 0]);
  assert.equal(drawing.close(), null);
  // Round the outside: the edge back to the start would cross the way there.
  for (const corner of [[100, 100], [20, 100], [20, 180], [180, 180], [180, 50]]) click(drawing, corner);
  assert.equal(drawing.points.length, 7);
  assert.equal(drawing.close(), null);
  assert.match(drawing.fault, /must not cross/);
});

test("the same corner twice is one, and the last can be taken back", () => {
  const drawing = withTool(MARK.POLYGON);
  for (const corner of [[0, 0], [100, 0], [100, 0]]) click(drawing, corner, 0);
  assert.equal(drawing.points.length, 2);
  drawing.back();
  assert.deepEqual(drawing.points, [[0, 0]]);
});

test("a line drawn by hand is simplified, and a tap is none", () => {
  const drawing = withTool(MARK.FREEHAND);
  drawing.down([10, 10]);
  for (let x = 10; x <= 110; x += 1) drawing.move([x, 10]);
  for (let y = 10; y <= 60; y += 1) drawing.move([110, y]);
  const mark = drawing.up([60, 60]);
  assert.deepEqual(mark.points, [[10, 10], [110, 10], [110, 60]]);
  assert.equal(click(drawing, [10, 10]), null);
});

test("the pointer of a hand that holds nothing draws nothing", () => {
  const drawing = withTool(MARK.FREEHAND);
  drawing.move([10, 10]);
  assert.equal(drawing.isBegun, false);
  assert.equal(drawing.up([20, 20]), null);
});

test("the keyboard points from the middle and sets corners", () => {
  const drawing = withTool(MARK.RECTANGLE);
  assert.equal(drawing.put(SIZE), null);
  drawing.point(30, 40, SIZE);
  assert.deepEqual(drawing.put(SIZE), { shape: MARK.RECTANGLE, points: [[300, 225], [330, 265]] });
  drawing.point(-1000, 0, SIZE);
  assert.deepEqual(drawing.at, [0, 265]);
});

test("the keyboard draws polygons and says that lines are for hands", () => {
  const polygon = withTool(MARK.POLYGON);
  polygon.put(SIZE);
  polygon.point(50, 0, SIZE);
  polygon.put(SIZE);
  polygon.point(0, 50, SIZE);
  polygon.put(SIZE);
  assert.equal(polygon.close().points.length, 3);
  const line = withTool(MARK.FREEHAND);
  line.put(SIZE);
  assert.match(line.fault, /rectangle \(R\) or the polygon/);
});

test("the same tool again is laid down, and another forgets what was begun", () => {
  const drawing = withTool(MARK.POLYGON);
  click(drawing, [1, 1]);
  drawing.pick(MARK.RECTANGLE);
  assert.deepEqual([drawing.tool, drawing.points], [MARK.RECTANGLE, []]);
  drawing.pick(MARK.RECTANGLE);
  assert.equal(drawing.tool, null);
});
