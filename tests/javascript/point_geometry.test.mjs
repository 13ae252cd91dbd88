import assert from "node:assert/strict";
import test from "node:test";

import { bitsOf, cornersOf, enlarged, groupsOf, inside, markedBy, movedFrame, placesOf, whole } from "../../src/dermdash/ui/frontend/point_geometry.mjs";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

test("places and groups are read from their bytes", () => {
  const places = placesOf(base64([0, 0, 255, 255, 0, 128, 1, 0]));
  assert.equal(places[0], 0);
  assert.equal(places[1], 1);
  assert.ok(Math.abs(places[2] - 32768 / 65535) < 1e-6);
  assert.deepEqual([...groupsOf(base64([3, 0, 7]))], [3, 0, 7]);
});

test("a bit for each point, the first in the lowest of the first byte", () => {
  const bytes = Buffer.from(bitsOf(Uint8Array.from([1, 0, 0, 1, 0, 0, 0, 0, 0, 1])), "base64");
  assert.deepEqual([...bytes], [0b1001, 0b10]);
  assert.equal(bitsOf(new Uint8Array(0)), "");
});

test("a line holds what is inside it, also where it turns inwards", () => {
  const hook = [[0, 0], [1, 0], [1, 1], [0.5, 0.2], [0, 1]];
  assert.ok(inside(0.1, 0.5, hook));
  assert.ok(!inside(0.5, 0.8, hook));
  const marked = markedBy(Float32Array.from([0.1, 0.5, 0.5, 0.8, 0.9, 0.5, 2, 2]), hook);
  assert.deepEqual([...marked], [1, 0, 1, 0]);
});

test("a line of two corners, or none, holds nothing", () => {
  for (const line of [[], [[0, 0]], [[0, 0], [1, 1]]]) assert.deepEqual([...markedBy(Float32Array.from([0.5, 0.5]), line)], [0]);
});

test("the place under the pointer stays where it is when the map is enlarged", () => {
  const view = whole(800, 600, 10);
  assert.deepEqual(view, { scale: 580, left: 110, top: 10 });
  const nearer = enlarged(view, 2, 300, 200, 100, 5000);
  const share = (v) => [(300 - v.left) / v.scale, (200 - v.top) / v.scale];
  share(nearer).forEach((part, i) => assert.ok(Math.abs(part - share(view)[i]) < 1e-9));
  assert.equal(enlarged(view, 100, 0, 0, 100, 5000).scale, 5000);
  assert.equal(enlarged(view, 0.001, 0, 0, 100, 5000).scale, 100);
});

test("a frame is moved and sized by steps, stays on the sheet, and goes round the points inside it", () => {
  const frame = [30, 30, 40, 40];
  assert.deepEqual(movedFrame(frame, [1, 0], false, 10, 10, 100, 100), [40, 30, 40, 40]);
  assert.deepEqual(movedFrame(frame, [0, -1], false, 50, 10, 100, 100), [30, 0, 40, 40]);
  assert.deepEqual(movedFrame(frame, [1, 0], true, 50, 10, 100, 100), [30, 30, 70, 40]);
  assert.deepEqual(movedFrame(frame, [0, -1], true, 50, 10, 100, 100), [30, 30, 40, 10]);
  const places = new Float32Array([0.5, 0.5, 0.9, 0.9]);
  const share = cornersOf([0.25, 0.25, 0.5, 0.5]);
  assert.deepEqual([...markedBy(places, share)], [1, 0]);
});
