import assert from "node:assert/strict";
import test from "node:test";

import { ASLEEP_MS, ReadingClock } from "../../src/dermdash/ui/frontend/reading_clock.mjs";

function clockAt(now) {
  const clock = new ReadingClock();
  clock.begin(now);
  return clock;
}

test("what is seen and what is not are counted apart, for as long as any reason holds", () => {
  const clock = clockAt(100);
  clock.setAway("hidden", true, 300);
  clock.setAway("paused", true, 400);
  clock.setAway("hidden", false, 600);
  clock.setAway("paused", false, 1000);
  clock.count(1100);
  assert.deepEqual([clock.seen, clock.unseen], [300, 700]);
});

test("a device that slept for ten minutes has not looked for ten minutes", () => {
  const clock = clockAt(0);
  assert.equal(clock.tick(250), 0);
  assert.equal(clock.tick(600_250), 600_000);
  assert.equal(clock.tick(600_500), 0);
  assert.deepEqual([clock.seen, clock.unseen], [500, 600_000]);
});

test("a slow tick is no sleep, and one behind a hidden tab is none either", () => {
  const clock = clockAt(0);
  assert.equal(clock.tick(ASLEEP_MS - 1), 0);
  clock.setAway("hidden", true, ASLEEP_MS);
  assert.equal(clock.tick(10 * ASLEEP_MS), 0);
  assert.deepEqual([clock.seen, clock.unseen], [ASLEEP_MS, 9 * ASLEEP_MS]);
});

test("what will have been seen is told without counting it", () => {
  const clock = clockAt(0);
  assert.equal(clock.seenAt(400), 400);
  assert.equal(clock.seenAt(200), 200);
  clock.setAway("paused", true, 300);
  assert.equal(clock.seenAt(900), 300);
});

test("another step begins anew", () => {
  const clock = clockAt(0);
  clock.count(500);
  clock.stop();
  assert.equal(clock.running, false);
  clock.begin(2000);
  clock.count(2300);
  assert.deepEqual([clock.seen, clock.unseen, clock.running], [300, 0, true]);
});
