import assert from "node:assert/strict";
import test from "node:test";

import { FITTED, heldInside, pannedBy, pinchOf, wheelFactor, zoomedAt } from "../../src/dermdash/ui/frontend/zoom_geometry.mjs";

const BOX = { width: 400, height: 300 };
const MAXIMUM = 12;
// Where the point of the picture that lies `at` (from its own centre, unscaled) is seen, from the viewport's centre.
const seen = ({ scale, x, y }, at) => ({ x: at.x * scale + x, y: at.y * scale + y });

test("the point under the pointer stays under it", () => {
  let view = FITTED;
  const under = { x: 120, y: -70 };
  for (const factor of [1.5, 2, 0.8, 1.1]) view = zoomedAt(view, factor, under, MAXIMUM);
  const found = seen(view, under);
  assert.ok(Math.abs(found.x - under.x) < 1e-9 && Math.abs(found.y - under.y) < 1e-9);
});

test("the scale stays between fitting and the maximum", () => {
  assert.equal(zoomedAt(FITTED, 0.1, { x: 0, y: 0 }, MAXIMUM).scale, 1);
  assert.equal(zoomedAt(FITTED, 1000, { x: 0, y: 0 }, MAXIMUM).scale, MAXIMUM);
});

test("at the maximum a further step moves nothing", () => {
  const largest = zoomedAt(FITTED, 1000, { x: 50, y: 20 }, MAXIMUM);
  assert.deepEqual(zoomedAt(largest, 1.5, { x: -90, y: 80 }, MAXIMUM), largest);
});

test("an enlarged picture covers the viewport wherever it is dragged", () => {
  for (const [dx, dy] of [[1e4, 1e4], [-1e4, 5], [3, -1e4]]) {
    const view = heldInside(pannedBy({ scale: 2, x: 0, y: 0 }, dx, dy), BOX);
    for (const [edge, size, moved] of [["x", BOX.width, view.x], ["y", BOX.height, view.y]]) {
      assert.ok(moved - (2 * size) / 2 <= -size / 2, edge);
      assert.ok(moved + (2 * size) / 2 >= size / 2, edge);
    }
  }
});

test("a picture at rest cannot be moved", () => {
  const { scale, x, y } = heldInside(pannedBy(FITTED, 80, -40), BOX);
  assert.deepEqual([scale, Math.abs(x), Math.abs(y)], [1, 0, 0]);
});

test("zooming in and out again at one place ends where it began", () => {
  const back = heldInside(zoomedAt(zoomedAt(FITTED, 1.5, { x: 30, y: 10 }, MAXIMUM), 1 / 1.5, { x: 30, y: 10 }, MAXIMUM), BOX);
  assert.ok(Math.abs(back.scale - 1) < 1e-12 && Math.abs(back.x) < 1e-9 && Math.abs(back.y) < 1e-9);
});

test("the wheel enlarges upwards, a pinch on a trackpad faster, and lines count as sixteen pixels", () => {
  assert.ok(wheelFactor({ deltaY: -100, deltaMode: 0, ctrlKey: false }) > 1);
  assert.ok(wheelFactor({ deltaY: 100, deltaMode: 0, ctrlKey: false }) < 1);
  assert.ok(wheelFactor({ deltaY: -10, deltaMode: 0, ctrlKey: true }) > wheelFactor({ deltaY: -10, deltaMode: 0, ctrlKey: false }));
  assert.equal(wheelFactor({ deltaY: -3, deltaMode: 1, ctrlKey: false }), wheelFactor({ deltaY: -48, deltaMode: 0, ctrlKey: false }));
  assert.equal(wheelFactor({ deltaY: 0, deltaMode: 0, ctrlKey: true }), 1);
});

test("a pinch has a distance and a middle", () => {
  assert.deepEqual(pinchOf({ clientX: 0, clientY: 0 }, { clientX: 30, clientY: 40 }), { distance: 50, x: 15, y: 20 });
});
