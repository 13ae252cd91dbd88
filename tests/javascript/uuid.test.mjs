import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import test from "node:test";

import { uuid4 } from "../../src/dermdash/ui/frontend/uuid.mjs";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("over plain http, where the browser makes no ids, they are made all the same", () => {
  const source = { getRandomValues: (bytes) => webcrypto.getRandomValues(bytes) };
  const made = new Set(Array.from({ length: 200 }, () => uuid4(source)));
  assert.equal(made.size, 200);
  for (const id of made) assert.match(id, FORM);
});

test("elsewhere the browser's own are taken", () => {
  assert.equal(uuid4({ randomUUID: () => "its own" }), "its own");
  assert.match(uuid4(webcrypto), FORM);
});
