import assert from "node:assert/strict";
import test from "node:test";

import { inWords } from "../../src/dermdash/ui/frontend/annotation_words.mjs";

const classes = [{ code: "mel", name: "Melanoma" }];

test("an annotation is said in words, only what is filled", () => {
  const values = { age_at_exam: 61, dermoscopic_structures: ["blue_white_veil"], dominant_colors: ["blue_gray", "red"], sunburn_history: false };
  const said = inWords({ dx: "mel", values, marks: [1, 2], unsure: true, comment: "edge", quality: 4 }, classes);
  assert.deepEqual(said, [
    "Diagnosis: Melanoma", "Unsure", "Image quality: 4 Good", "Structures: Blue-white veil", "Marks: 2",
    "Age at examination: 61 years", "History of sunburn: no", "Dominant colours: blue gray, red", "Comment: edge",
  ]);
  assert.deepEqual(inWords({}, classes), []);
});
