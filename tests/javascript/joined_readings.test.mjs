import assert from "node:assert/strict";
import test from "node:test";

import { keptReadings, withReading } from "../../src/dermdash/ui/frontend/joined_readings.mjs";

function storageOf(entries = {}) {
  const kept = new Map(Object.entries(entries));
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

test("the latest reading stands first, each once, and no more than are offered", () => {
  const storage = storageOf();
  for (const one of ["a", "b", "a", "c", "d"]) withReading(storage, "study", one, 3);
  assert.deepEqual(keptReadings(storage, "study"), ["d", "c", "a"]);
  assert.deepEqual(keptReadings(storage, "another study"), []);
});

test("what is no list of ours counts for nothing", () => {
  for (const odd of ["{", '{"a": 1}', "7", "null"]) assert.deepEqual(keptReadings(storageOf({ "dermdash-joined:s": odd }), "s"), []);
  assert.deepEqual(keptReadings(storageOf({ "dermdash-joined:s": '["a", 1, null]' }), "s"), ["a"]);
});

test("a browser that keeps nothing keeps nobody from reading", () => {
  const forbidden = { getItem: () => { throw new Error("no"); }, setItem: () => { throw new Error("no"); } };
  for (const storage of [forbidden, null]) {
    withReading(storage, "s", "a", 3);
    assert.deepEqual(keptReadings(storage, "s"), []);
  }
});
