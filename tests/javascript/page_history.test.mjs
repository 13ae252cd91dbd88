import assert from "node:assert/strict";
import test from "node:test";

import { WENT } from "../../src/dermdash/ui/frontend/names.mjs";
import { ActsAndSteps, markedAsLeft } from "../../src/dermdash/ui/frontend/page_history.mjs";

test("what the app does to the address before anybody acts is no step of its own", () => {
  const rule = new ActsAndSteps();
  assert.equal(rule.takeStep(), false);
});

test("the first change after an act is a step, and those that follow complete it", () => {
  const rule = new ActsAndSteps();
  rule.acted();
  assert.deepEqual([rule.takeStep(), rule.takeStep(), rule.takeStep()], [true, false, false]);
  rule.acted();
  assert.deepEqual([rule.takeStep(), rule.takeStep()], [true, false]);
});

test("several acts before a change make one step", () => {
  const rule = new ActsAndSteps();
  for (let i = 0; i < 3; i += 1) rule.acted();
  assert.deepEqual([rule.takeStep(), rule.takeStep()], [true, false]);
});

test("what the app does to an address that Back led to is no step, whatever key went back", () => {
  const rule = new ActsAndSteps();
  rule.acted();
  rule.takeStep();
  rule.acted();
  rule.wentBackOrForward();
  assert.equal(rule.takeStep(), false);
  rule.acted();
  assert.equal(rule.takeStep(), true);
});

test("an address that is left says so once, and keeps all else", () => {
  const left = markedAsLeft("http://localhost:8501/records?dx=mel&dx=nv#top");
  assert.equal(left.href, `http://localhost:8501/records?dx=mel&dx=nv&${WENT.PARAMETER}=${WENT.BACK}#top`);
  assert.equal(markedAsLeft(left.href).href, left.href);
});
