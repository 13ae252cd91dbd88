import assert from "node:assert/strict";
import test from "node:test";

import { percent, saidBy } from "../../src/dermdash/ui/frontend/assistance.mjs";
import { LOOK_AT, MODALITY } from "../../src/dermdash/ui/frontend/names.mjs";

const CLASSES = [{ code: "mel", name: "Melanoma", color: "#D55E00" }, { code: "nv", name: "Naevus", color: "#0072B2" }];
const WORDS = {
  text: { MULTICLASS_TITLE: "each diagnosis", CROWD_TITLE: "readers", SALIENCY_SHORT: "map", SALIENCY_TITLE: "where", SALIENCY_NOTE: "colour", SIMILAR_TITLE: "similar", SIMILARITY: "similarity" },
  say: (text, values) => `${text} ${values.value}`,
  count: (_, n) => String(n),
  number: (value) => String(value),
};
const PIXEL = "data:image/png;base64,AAAA";
const PICTURES = { data: () => PIXEL };
const said = (payload) => saidBy(WORDS, payload, CLASSES, PICTURES);
const PROBABLE = { modality: MODALITY.MULTICLASS_PROBABILITY, probabilities: { mel: 0.3, nv: 0.7 } };
const SIMILAR = { modality: MODALITY.CBIR, neighbours: [{ image: "a", dx: "nv", similarity: 0.9 }, { image: "b", dx: "gone", similarity: 0.8 }] };
const MAP = { modality: MODALITY.SALIENCY, image: "c", overlay: "d", scale: "red", opacity: 0.5 };

test("probabilities stand at their classes, with the highest marked", () => {
  const { shares, pictures, blocks } = said(PROBABLE);
  assert.deepEqual(shares, { mel: { share: 0.3, highest: false }, nv: { share: 0.7, highest: true } });
  assert.deepEqual(pictures, []);
  assert.deepEqual(blocks.map(({ captions }) => captions), [["each diagnosis"]]);
});

test("a share that is no number, or outside 0 to 1, is drawn within it", () => {
  const { shares } = said({ ...PROBABLE, probabilities: { mel: 7 } });
  assert.deepEqual([shares.mel.share, shares.nv.share], [1, 0]);
});

test("similar images say their diagnosis and which of them is to be seen large", () => {
  const { pictures } = said(SIMILAR);
  assert.deepEqual(pictures.map(({ name, note, look }) => [name, note, look]), [
    ["Naevus", "similarity 0.9", { of: LOOK_AT.SIMILAR, number: 0 }],
    ["gone", "similarity 0.8", { of: LOOK_AT.SIMILAR, number: 1 }],
  ]);
});

test("a combination says what its parts say, its pictures in one row", () => {
  const { shares, pictures } = said({ modality: MODALITY.EVERYTHING, parts: [PROBABLE, MAP, SIMILAR] });
  assert.equal(shares.nv.highest, true);
  assert.deepEqual(pictures.map(({ name }) => name), ["map", "Naevus", "gone"]);
  assert.equal(pictures[0].look, undefined);
  assert.deepEqual(pictures[1].look, { of: LOOK_AT.SIMILAR, number: 0 });
});

test("no assistance and an unknown form say nothing", () => {
  assert.equal(said(null), null);
  assert.equal(said({ modality: "of another version" }), null);
});

test("a share never reads as none or all where it is not", () => {
  assert.deepEqual([0, 0.004, 0.5, 0.996, 1].map(percent), ["0\u00a0%", "<1\u00a0%", "50\u00a0%", ">99\u00a0%", "100\u00a0%"]);
});
