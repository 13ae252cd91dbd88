// The forms of assistance: what each says within the answers, in the line above the question, and in small pictures.
// All of it can be read without colour.
import { dataImage, el, svg } from "./elements.mjs";
import { LOOK_AT, MODALITY } from "./names.mjs";

// A share (0..1) in percent; what is less than one or more than 99 never reads as none or all.
export function percent(p) {
  const value = Math.min(1, Math.max(0, Number(p) || 0)) * 100;
  if (value > 0 && value < 1) return "<1\u00a0%";
  if (value > 99 && value < 100) return ">99\u00a0%";
  return `${Math.round(value)}\u00a0%`;
}

// Shares of all classes, by code, and which is the highest.
function sharesOf(classes, probabilities) {
  const values = classes.map((c) => Math.min(1, Math.max(0, Number(probabilities[c.code]) || 0)));
  const top = values.indexOf(Math.max(...values));
  return Object.fromEntries(classes.map((c, i) => [c.code, { share: values[i], highest: i === top }]));
}

// The bar and the number of one class.
export function shareMeter(words, { share, highest }, color) {
  return el(
    "span",
    { class: highest ? "share top" : "share" },
    el("span", { class: "track", "aria-hidden": "true" }, el("span", { class: "fill", "--w": `${share * 100}%`, "--c": color })),
    el("span", { class: "num" }, percent(share), highest ? el("span", { class: "sr" }, ` (${words.text.HIGHEST})`) : null),
  );
}

// The same as a table of its own, where there are no answers that it could stand in.
export function shareTable(words, shares, classes) {
  const rows = classes.map((c) =>
    el("tr", {}, el("th", { scope: "row" }, c.name), el("td", {}, shareMeter(words, shares[c.code], c.color))),
  );
  return el("table", { class: "probabilities" }, el("tbody", {}, rows));
}

function malignancyLine(words, payload) {
  const at = Math.min(1, Math.max(0, payload.malignancy));
  return el(
    "div",
    { class: "malignancy" },
    el("div", { class: "figure" }, percent(at)),
    el(
      "div",
      { class: "scale" },
      el("div", { class: "track", "aria-hidden": "true" }, el("span", { class: "fill", "--w": `${at * 100}%` })),
      el(
        "div",
        { class: "ends", "aria-hidden": "true" },
        el("span", {}, svg("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"), words.text.BENIGN),
        el("span", {}, svg("M8 1.5 15 14H1z"), words.text.MALIGNANT),
      ),
    ),
  );
}

// What a form says: `captions` are texts, `shares` by class, `lines` elements, `pictures` small ones.
const FORMS = {
  [MODALITY.SALIENCY]: (words, payload, classes, pictures) => ({
    pictures: [
      {
        source: dataImage(pictures.data(payload.image)),
        layer: { source: dataImage(pictures.data(payload.overlay)), scale: payload.scale, opacity: payload.opacity },
        name: words.text.SALIENCY_SHORT,
        title: words.text.SALIENCY_TITLE,
        note: words.text.SALIENCY_NOTE,
      },
    ],
  }),
  [MODALITY.MALIGNANCY_PROBABILITY]: (words, payload) => ({
    captions: [words.text.MALIGNANCY_TITLE],
    counted: payload.counted,
    lines: [malignancyLine(words, payload)],
  }),
  [MODALITY.MULTICLASS_PROBABILITY]: (words, payload, classes) => ({
    captions: [words.text.MULTICLASS_TITLE],
    shares: sharesOf(classes, payload.probabilities),
  }),
  [MODALITY.CROWD_PROBABILITY]: (words, payload, classes) => ({
    captions: [words.count(words.text.CROWD_TITLE, payload.readers)],
    shares: sharesOf(classes, payload.probabilities),
  }),
  [MODALITY.CBIR]: (words, payload, classes, pictures) => ({
    pictures: payload.neighbours.map((n, number) => {
      const c = classes.find((k) => k.code === n.dx) || { name: n.dx, color: "#767676" };
      return {
        source: dataImage(pictures.data(n.image)),
        name: c.name,
        color: c.color,
        title: words.text.SIMILAR_TITLE,
        note: words.say(words.text.SIMILARITY, { value: words.number(n.similarity, 2) }),
        look: { of: LOOK_AT.SIMILAR, number },
      };
    }),
  }),
};

// What assistance says in all; null where there is none. `pictures`: those that have come, by name. A part of a
// combination is a form and has no parts of its own.
export function saidBy(words, payload, classes, pictures) {
  const parts = payload ? payload.parts || [payload] : [];
  const said = parts.filter((part) => Object.hasOwn(FORMS, part.modality)).map((part) => FORMS[part.modality](words, part, classes, pictures));
  if (!said.length) return null;
  const all = (what) => said.flatMap((one) => one[what] || []);
  const blocks = said.map(({ captions = [], counted = "", lines = [] }) => ({ captions: [...captions, ...(counted ? [counted] : [])], lines }));
  return {
    blocks: blocks.filter(({ captions }) => captions.length),
    shares: said.find(({ shares }) => shares)?.shares || null,
    pictures: all("pictures"),
  };
}
