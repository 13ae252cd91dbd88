import assert from "node:assert/strict";
import test from "node:test";

import { heldOn, resizedBy, rounded, sidesOf } from "../../src/dermdash/ui/frontend/crop_geometry.mjs";

const SIZE = { width: 600, height: 450 };
const SMALLEST = 0.1;
const close = (found, expected) => {
  for (const name of ["x", "y", "share"]) assert.ok(Math.abs(found[name] - expected[name]) < 1e-9, `${name}: ${found[name]}`);
};
// Left, top, right and bottom in pixels.
const edges = (crop) => {
  const half = (crop.share * Math.min(SIZE.width, SIZE.height)) / 2;
  return [crop.x * SIZE.width - half, crop.y * SIZE.height - half, crop.x * SIZE.width + half, crop.y * SIZE.height + half];
};

test("the square is a square in pixels", () => {
  const [w, h] = sidesOf({ share: 0.8 }, SIZE);
  assert.ok(Math.abs(w * SIZE.width - 360) < 1e-9);
  assert.ok(Math.abs(h * SIZE.height - 360) < 1e-9);
});

test("the square stays on the picture and within its sizes", () => {
  for (const crop of [{ x: 0, y: 0, share: 0.5 }, { x: 1, y: 1, share: 0.5 }, { x: 0.5, y: 0.5, share: 7 }, { x: -3, y: 9, share: 0 }]) {
    const held = heldOn(crop, SIZE, SMALLEST);
    const [left, top, right, bottom] = edges(held);
    assert.ok(left >= -1e-9 && top >= -1e-9 && right <= SIZE.width + 1e-9 && bottom <= SIZE.height + 1e-9);
    assert.ok(held.share >= SMALLEST && held.share <= 1);
  }
  const inside = { x: 0.4, y: 0.6, share: 0.3 };
  close(heldOn(inside, SIZE, SMALLEST), inside);
});

test("the corner across from the one that is drawn stays where it is", () => {
  const crop = { x: 0.5, y: 0.5, share: 0.4 };
  const before = edges(crop);
  const across = { nw: [2, 3], ne: [0, 3], sw: [2, 1], se: [0, 1] };
  for (const [corner, fixed] of Object.entries(across)) {
    const at = { x: corner.endsWith("e") ? 0.72 : 0.28, y: corner.startsWith("s") ? 0.78 : 0.22 };
    const after = edges(resizedBy(corner, crop, at, SIZE, SMALLEST));
    for (const edge of fixed) assert.ok(Math.abs(after[edge] - before[edge]) < 1e-9, corner);
  }
});

test("a corner drawn out of the picture or across the square stops at the largest and the smallest", () => {
  const crop = { x: 0.5, y: 0.5, share: 0.4 };
  const [left, top, right, bottom] = edges(resizedBy("se", crop, { x: 3, y: 3 }, SIZE, SMALLEST));
  assert.ok(Math.abs(bottom - SIZE.height) < 1e-9 && right <= SIZE.width);
  assert.ok(Math.abs(right - left - (bottom - top)) < 1e-9);
  assert.ok(Math.abs(resizedBy("se", crop, { x: 0, y: 0 }, SIZE, SMALLEST).share - SMALLEST) < 1e-12);
});

test("the server is told four digits", () => {
  assert.deepEqual(rounded({ x: 1 / 3, y: 0.5, share: 0.12345678 }), { x: 0.3333, y: 0.5, share: 0.1235 });
});
