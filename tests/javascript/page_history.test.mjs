import assert from "node:assert/strict";
import test from "node:test";

import { WENT } from "../../src/dermdash/ui/frontend/names.mjs";
import { ActsAndSteps, keepSteps, markedAsLeft } from "../../src/dermdash/ui/frontend/page_history.mjs";

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

function browserAt(href) {
  const heard = {};
  const browser = {
    steps: [href],
    location: { href },
    addEventListener: (kind, act) => { heard[kind] = act; },
    happens: (kind) => heard[kind](),
  };
  const show = (url) => {
    browser.location.href = new URL(url, browser.location.href).href;
  };
  browser.history = {
    state: null,
    pushState: (state, title, url) => {
      show(url);
      browser.steps.push(browser.location.href);
    },
    replaceState: (state, title, url) => {
      show(url);
      browser.steps[browser.steps.length - 1] = browser.location.href;
    },
  };
  return browser;
}

test("an address that a page writes while it is loaded is the one that was opened, completed", () => {
  const browser = browserAt("http://localhost:8501/splits");
  keepSteps(browser);
  browser.history.pushState({}, "", "/splits?name=paper");
  browser.history.pushState({}, "", "/splits?name=paper&tab=versions");
  assert.deepEqual(browser.steps, ["http://localhost:8501/splits?name=paper&tab=versions"]);
});

test("who comes later finds the history followed already, and only then an address that is left says so", () => {
  const browser = browserAt("http://localhost:8501/join?join=a");
  const kept = keepSteps(browser);
  browser.happens("pointerdown");
  browser.history.pushState({}, "", "/read?invitation=b");
  assert.equal(keepSteps(browser), kept);
  kept.marks = true;
  browser.happens("keydown");
  browser.history.pushState({}, "", "/records");
  assert.deepEqual(browser.steps, [
    "http://localhost:8501/join?join=a",
    `http://localhost:8501/read?invitation=b&${WENT.PARAMETER}=${WENT.BACK}`,
    "http://localhost:8501/records",
  ]);
});
