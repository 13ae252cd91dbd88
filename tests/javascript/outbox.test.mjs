import assert from "node:assert/strict";
import test from "node:test";

import { BOUND, CONNECTION, ENTRY, EVENT, ITEM } from "../../src/dermdash/ui/frontend/names.mjs";
import { FORGETFUL, Outbox } from "../../src/dermdash/ui/frontend/outbox.mjs";
import { FakeBrowser, FakeStorage } from "./fake_browser.mjs";

function outboxIn(browser, reader = "reader-a") {
  const delivered = [];
  const outbox = new Outbox(reader, ({ seq, items }) => delivered.push({ at: browser.now(), seq, ids: items.map((i) => i.id) }), () => {}, browser);
  return { outbox, delivered };
}

const answer = (id, submitted_at = "2026-01-01T10:00:00.000Z") => ({ kind: ITEM.ANSWER, id, submitted_at });
const event = (id, kind = EVENT.FOCUS_LOST, at = "2026-01-01T10:00:00.000Z") => ({ kind: ITEM.EVENT, id, event: kind, at });

test("an answer is delivered at once, and again after ever longer pauses until its id is acknowledged", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  browser.pass(120_000);
  const pauses = delivered.slice(1).map((d, i) => Math.round(d.at - delivered[i].at));
  assert.deepEqual(pauses.slice(0, 6), [2000, 3200, 5120, 8192, 12000, 12000]);
  assert.ok(delivered.every(({ ids }) => ids.length === 1 && ids[0] === "a"));
  const count = delivered.length;
  outbox.settle(["a"], []);
  browser.pass(120_000);
  assert.equal(delivered.length, count);
  assert.equal(outbox.size, 0);
});

test("an outbox without an acknowledgement of the server keeps everything, however often it was delivered", () => {
  const browser = new FakeBrowser();
  const { outbox } = outboxIn(browser);
  outbox.add(answer("a"));
  outbox.add(answer("b"));
  browser.pass(60_000);
  outbox.settle([], []);
  outbox.settle(["another id"], []);
  assert.deepEqual(outbox.answers().map((i) => i.id), ["a", "b"]);
  assert.equal(browser.kept.length, 2);
});

test("chance moves each pause by no more than a quarter", () => {
  for (const [chance, pause] of [[0, 1500], [0.999999, 2500]]) {
    const browser = new FakeBrowser({ chance });
    const { outbox, delivered } = outboxIn(browser);
    outbox.add(answer("a"));
    browser.pass(3000);
    assert.ok(Math.abs(delivered[1].at - pause) < 1, `${delivered[1].at}`);
  }
});

test("a new answer and an acknowledgement make the pauses short again", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  browser.pass(60_000);
  outbox.add(answer("b"));
  const from = delivered.length - 1;
  browser.pass(2000);
  assert.equal(delivered[from + 1].at - delivered[from].at, 2000);
  browser.pass(40_000);
  outbox.settle(["a"], []);
  const before = delivered.length - 1;
  browser.pass(30_000);
  assert.equal(delivered[before + 2].at - delivered[before + 1].at, 2000);
});

test("who was answered slowly waits longer before asking again, but not for ever, and not after an outage", () => {
  for (const [took, pause] of [[400, 2000], [1500, 3000], [2900, 5800], [8000, 6000], [40_000, 2000]]) {
    const browser = new FakeBrowser();
    const { outbox, delivered } = outboxIn(browser);
    outbox.add(answer("a"));
    browser.pass(took);
    outbox.settle(["a"], []);
    outbox.add(answer("b"));
    const from = delivered.length - 1;
    browser.pass(10_000);
    assert.equal(Math.round(delivered[from + 1].at - delivered[from].at), pause, `after ${took}`);
  }
});

test("a refusal is progress too", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  outbox.add(answer("b"));
  browser.pass(60_000);
  outbox.settle([], [{ id: "a", reason: "too late" }]);
  const before = delivered.length - 1;
  browser.pass(30_000);
  assert.equal(delivered[before + 2].at - delivered[before + 1].at, 2000);
});

test("each delivery has a larger number, in a tab that is opened later too", () => {
  const storage = new FakeStorage();
  const first = new FakeBrowser({ storage });
  const { outbox, delivered } = outboxIn(first);
  outbox.add(answer("a"));
  first.pass(30_000);
  const later = new FakeBrowser({ storage, today: first.today() + 1 });
  const reopened = outboxIn(later);
  reopened.outbox.flush();
  const numbers = [...delivered, ...reopened.delivered].map(({ seq }) => seq);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
});

test("the same id lies in the outbox once", () => {
  const { outbox, delivered } = outboxIn(new FakeBrowser());
  outbox.add(answer("a"));
  outbox.add(answer("a"));
  assert.equal(outbox.size, 1);
  assert.deepEqual(delivered.at(-1).ids, ["a"]);
});

test("answers are delivered before events, each in the order they were given", () => {
  const { outbox, delivered } = outboxIn(new FakeBrowser());
  for (const item of [event("e1"), answer("a1"), event("e2"), answer("a2")]) outbox.add(item);
  assert.deepEqual(delivered.at(-1).ids, ["a1", "a2", "e1", "e2"]);
});

test("no delivery holds more items than the server reads, and the answers are among them", () => {
  const { outbox, delivered } = outboxIn(new FakeBrowser());
  for (let i = 0; i < BOUND.MOST_ITEMS + 20; i += 1) outbox.add(event(`e${i}`, EVENT.PAUSE));
  outbox.add(answer("a"));
  assert.equal(delivered.at(-1).ids.length, BOUND.MOST_ITEMS);
  assert.equal(delivered.at(-1).ids[0], "a");
});

test("what a page left behind is delivered by the next one, in the order it happened", () => {
  const storage = new FakeStorage();
  const { outbox } = outboxIn(new FakeBrowser({ storage }));
  outbox.add(answer("later", "2026-01-01T10:00:05.000Z"));
  outbox.add(answer("earlier", "2026-01-01T10:00:01.000Z"));
  outbox.add(event("between", EVENT.PAUSE, "2026-01-01T10:00:03.000Z"));
  const { outbox: restored, delivered } = outboxIn(new FakeBrowser({ storage }));
  assert.deepEqual([...restored.items.keys()], ["earlier", "between", "later"]);
  restored.flush();
  assert.deepEqual(delivered[0].ids, ["earlier", "later", "between"]);
  assert.equal(restored.durable, true);
});

test("the items of another reader of the same browser are left alone", () => {
  const storage = new FakeStorage();
  outboxIn(new FakeBrowser({ storage }), "reader-a").outbox.add(answer("a"));
  const { outbox } = outboxIn(new FakeBrowser({ storage }), "reader-b");
  assert.equal(outbox.size, 0);
  outbox.add(answer("b"));
  outbox.settle(["a", "b"], []);
  assert.deepEqual([...storage.entries.keys()], ["dermdash-outbox:reader-a:a"]);
});

test("two tabs never overwrite one another's answers, and a third finds those of both", () => {
  const storage = new FakeStorage();
  const one = outboxIn(new FakeBrowser({ storage })).outbox;
  const two = outboxIn(new FakeBrowser({ storage })).outbox;
  one.add(answer("a", "2026-01-01T10:00:00.000Z"));
  two.add(answer("b", "2026-01-01T10:00:01.000Z"));
  two.settle(["a"], []);
  assert.deepEqual(outboxIn(new FakeBrowser({ storage })).outbox.answers().map((i) => i.id), ["a", "b"]);
  one.settle(["a"], []);
  two.settle(["b"], []);
  assert.equal(storage.length, 0);
});

test("an answer lives and is delivered where the storage is full, and the page can say that it is not kept", () => {
  const storage = new FakeStorage();
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const browser = new FakeBrowser({ storage });
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  assert.equal(outbox.durable, false);
  browser.pass(2000);
  assert.deepEqual(delivered.map(({ ids }) => ids), [["a"], ["a"]]);
  outbox.settle(["a"], []);
  assert.equal(outbox.connection, CONNECTION.SAVED);
});

test("a browser that allows no storage at all still delivers", () => {
  const browser = new FakeBrowser();
  browser.storage = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  assert.equal(outbox.durable, false);
  assert.deepEqual(delivered[0].ids, ["a"]);
});

test("spoiled entries of the storage stop nothing", () => {
  const storage = new FakeStorage();
  storage.setItem("dermdash-outbox:reader-a:null", "null");
  storage.setItem("dermdash-outbox:reader-a:number", "7");
  storage.setItem("dermdash-outbox:reader-a:no-id", '{"id": 7}');
  storage.setItem("elsewhere", "{");
  const { outbox } = outboxIn(new FakeBrowser({ storage }));
  assert.deepEqual([outbox.size, outbox.durable], [0, true]);
  storage.setItem("dermdash-outbox:reader-a:broken", "{");
  assert.equal(outboxIn(new FakeBrowser({ storage })).outbox.durable, false);
});

test("a refused answer comes back with its reason and leaves the outbox and the storage", () => {
  const browser = new FakeBrowser();
  const { outbox } = outboxIn(browser);
  outbox.add(answer("a"));
  outbox.add(answer("b"));
  const back = outbox.settle([], [{ id: "a", reason: "too late" }, { id: "unknown", reason: "?" }]);
  assert.deepEqual(back.map(({ item, reason }) => [item.id, reason]), [["a", "too late"]]);
  assert.deepEqual([...browser.kept.entries.keys()], ["dermdash-outbox:reader-a:b"]);
});

test("of a hundred events and more the oldest go, but no answer and none that says where the reader stands", () => {
  const { outbox } = outboxIn(new FakeBrowser());
  outbox.add(event("steering", EVENT.CONTINUE));
  outbox.add(answer("a"));
  for (let i = 0; i < 150; i += 1) outbox.add(event(`e${i}`));
  const ids = [...outbox.items.keys()];
  assert.equal(ids.length, 102);
  assert.deepEqual(ids.slice(0, 3), ["steering", "a", "e50"]);
});

test("an event may wait a moment, and goes with the answer that comes first", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(event("e"), { delay: 800 });
  assert.equal(delivered.length, 0);
  browser.pass(799);
  assert.equal(delivered.length, 0);
  outbox.add(answer("a"));
  assert.deepEqual(delivered.map(({ ids }) => ids), [["a", "e"]]);
});

test("while the study cannot be reached an empty outbox is delivered again and again", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.ask(true);
  outbox.ask(true);
  browser.pass(30_000);
  assert.ok(delivered.length >= 4);
  assert.ok(delivered.every(({ ids }) => ids.length === 0));
  const count = delivered.length;
  outbox.ask(false);
  browser.pass(60_000);
  assert.equal(delivered.length, count);
});

test("answers that are not saved for six seconds mean that there is no connection", () => {
  const browser = new FakeBrowser();
  const { outbox } = outboxIn(browser);
  assert.equal(outbox.connection, CONNECTION.SAVED);
  outbox.add(answer("a"));
  assert.equal(outbox.connection, CONNECTION.SAVING);
  browser.pass(6001);
  assert.equal(outbox.connection, CONNECTION.OFFLINE);
  outbox.settle(["a"], []);
  assert.equal(outbox.connection, CONNECTION.SAVED);
  browser.isOnline = false;
  assert.equal(outbox.connection, CONNECTION.OFFLINE);
});

test("on a slow line there is more patience: an answer of the server takes seconds to come", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.fetches = () => true;
  outbox.isSlow = () => true;
  outbox.add(answer("a"));
  browser.pass(9_000);
  assert.equal(delivered.length, 1);
  assert.equal(outbox.connection, CONNECTION.SAVING);
  browser.pass(22_000);
  assert.ok(delivered.length >= 3);
  assert.equal(outbox.connection, CONNECTION.OFFLINE);
});

test("where nothing has come at all, the line may be gone, and that is said soon", () => {
  const browser = new FakeBrowser();
  const { outbox } = outboxIn(browser);
  outbox.fetches = () => true;
  outbox.add(answer("a"));
  browser.pass(6_001);
  assert.equal(outbox.connection, CONNECTION.OFFLINE);
});

test("a delivery says whether pictures may come along", () => {
  const said = [];
  const outbox = new Outbox("reader-a", ({ fetches }) => said.push(fetches), () => {}, new FakeBrowser());
  outbox.add(answer("a"));
  outbox.fetches = () => true;
  outbox.flush();
  assert.deepEqual(said, [false, true]);
});

test("an outbox that is stopped delivers nothing more", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(answer("a"));
  outbox.stop();
  browser.pass(60_000);
  assert.equal(delivered.length, 1);
});

const draft = (id, task, second = 0, more = {}) => ({ kind: ENTRY.DRAFT, id, task, saved_at: `2026-01-01T10:00:0${second}.000Z`, ...more });
const annotation = (id, task) => ({ kind: ENTRY.ANNOTATION, id, task, submitted_at: "2026-01-01T10:00:09.000Z" });

test("of drafts of a task only the latest is kept, and the annotation takes its place", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(draft("d1", "t1", 1), { delay: 1500 });
  outbox.add(draft("d2", "t1", 2), { delay: 1500 });
  outbox.add(draft("other", "t2", 3), { delay: 1500 });
  assert.deepEqual([...browser.kept.entries.keys()].map((key) => key.split(":").at(-1)), ["d2", "other"]);
  outbox.add(annotation("a1", "t1"));
  assert.deepEqual(delivered.map(({ ids }) => ids), [["a1", "other"]]);
});

test("a draft is on the device at once and leaves after a while, however fast somebody goes on typing", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  for (let i = 0; i < 40; i += 1) {
    outbox.add(draft(`d${i}`, "t1"), { delay: 1500 });
    assert.equal(browser.kept.entries.size, 1);
    browser.pass(100);
  }
  assert.deepEqual(delivered.map(({ at }) => at), [1500, 3000]);
  assert.deepEqual(delivered[1].ids, ["d29"]);
});

test("typing does not put off the next try of an annotation that is on its way", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  outbox.add(annotation("a1", "t1"));
  for (let i = 0; i < 30; i += 1) {
    browser.pass(100);
    outbox.add(draft(`d${i}`, "t2"), { delay: 1500 });
  }
  assert.ok(delivered.length >= 2 && delivered[1].ids.includes("a1"), JSON.stringify(delivered));
});

test("an acknowledged older draft does not take the newer one with it", () => {
  const browser = new FakeBrowser();
  const { outbox } = outboxIn(browser);
  outbox.add(draft("d1", "t1", 1));
  outbox.add(draft("d2", "t1", 2));
  outbox.settle(["d1"], []);
  assert.equal(outbox.draftOf("t1").id, "d2");
  outbox.settle(["d2"], []);
  assert.equal(outbox.draftOf("t1"), null);
});

test("of drafts of two tabs the later one is the draft of the task", () => {
  const storage = new FakeStorage();
  outboxIn(new FakeBrowser({ storage })).outbox.add(draft("late", "t1", 5));
  outboxIn(new FakeBrowser({ storage })).outbox.tryStorage((kept) => kept.setItem("dermdash-outbox:reader-a:early", JSON.stringify(draft("early", "t1", 1))));
  assert.equal(outboxIn(new FakeBrowser({ storage })).outbox.draftOf("t1").id, "late");
});

test("a hundred events never push out a draft", () => {
  const { outbox } = outboxIn(new FakeBrowser());
  outbox.add(draft("d", "t1"));
  for (let i = 0; i < 150; i += 1) outbox.add(event(`e${i}`));
  assert.equal(outbox.draftOf("t1").id, "d");
});

test("a delivery is never larger than the server takes, and the rest goes with a later one", () => {
  const browser = new FakeBrowser();
  const { outbox, delivered } = outboxIn(browser);
  const large = (id, task) => ({ ...annotation(id, task), annotation: "x".repeat(BOUND.MOST_CHARACTERS * 0.4) });
  for (const id of ["a", "b", "c"]) outbox.add(large(id, `t-${id}`));
  assert.deepEqual(delivered.at(-1).ids, ["a", "b"]);
  outbox.settle(["a", "b"], []);
  browser.pass(60_000);
  assert.deepEqual(delivered.at(-1).ids, ["c"]);
  outbox.settle(["c"], []);
  outbox.add({ ...annotation("huge", "t"), annotation: "x".repeat(BOUND.MOST_CHARACTERS * 1.2) });
  assert.deepEqual(delivered.at(-1).ids, ["huge"]);
});

test("a preview leaves nothing in the browser, and still delivers", () => {
  const { outbox, delivered } = outboxIn(new FakeBrowser({ storage: FORGETFUL.storage() }));
  outbox.add(answer("a"));
  assert.deepEqual(delivered[0].ids, ["a"]);
  assert.equal(outbox.durable, true);
  assert.equal(outboxIn(new FakeBrowser({ storage: FORGETFUL.storage() })).outbox.size, 0);
});
