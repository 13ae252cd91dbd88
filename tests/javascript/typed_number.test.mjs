import assert from "node:assert/strict";
import test from "node:test";

import { SOON_MS, TypedNumber } from "../../src/dermdash/ui/frontend/typed_number.mjs";

const typed = (keys, pause = 100) => {
  const number = new TypedNumber(100);
  return keys.map((key, i) => number.add(key, i * pause));
};

test("digits that follow soon make one number, and what is above the highest begins anew", () => {
  assert.deepEqual(typed(["6", "3"]), [6, 63]);
  assert.deepEqual(typed(["1", "0", "0"]), [1, 10, 100]);
  assert.deepEqual(typed(["6", "3", "4"]), [6, 63, 4]);
  assert.deepEqual(typed(["0", "7"]), [0, 7]);
});

test("after a while a digit is a number of its own, and a letter is none", () => {
  assert.deepEqual(typed(["6", "3"], SOON_MS + 1), [6, 3]);
  assert.deepEqual(typed(["a", "5"]), [null, 5]);
});
