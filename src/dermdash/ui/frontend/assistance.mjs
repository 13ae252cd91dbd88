// The forms of assistance, drawn so that the numbers can be read without colour.
import { dataImage, el, svg } from "./elements.mjs";
import { MODALITY } from "./names.mjs";

// A share (0..1) in percent; what is less than one or more than 99 never reads as none or all.
export function percent(p) {
  const value = Math.min(1, Math.max(0, Number(p) || 0)) * 100;
  if (value > 0 && value < 1) return "<1\u00a0%";
  if (value > 99 && value < 100) return ">99\u00a0%";
  return `${Math.round(value)}\u00a0%`;
}

function probabilityRows(words, classes, probabilities) {
  const values = classes.map((c) => Math.min(1, Math.max(0, Number(probabilities[c.code]) || 0)));
  const top = values.indexOf(Math.max(...values));
  const rows = classes.map((c, i) =>
    el(
      "tr",
      { class: i === top ? "top" : null },
      el("th", { scope: "row" }, c.name, i === top ? el("span", { class: "sr" }, ` (${words.text.HIGHEST})`) : null),
      el(
        "td",
        { class: "meter", "aria-hidden": "true" },
        el("span", { class: "track" }, el("span", { class: "fill", "--w": `${values[i] * 100}%`, "--c": c.color })),
      ),
      el("td", { class: "num" }, percent(values[i])),
    ),
  );
  return el("table", { class: "probabilities" }, el("tbody", {}, rows));
}

// The case once more with the map over it: the large image beside it stays as it is.
function saliencyFigure(words, payload, pictures) {
  const layer = el("img", { class: "layer", src: dataImage(pictures.data(payload.overlay)), alt: "", draggable: "false" });
  const shown = el("input", { type: "checkbox", checked: true });
  const strength = el("input", {
    type: "range", min: "0", max: "100", value: String(Math.round(payload.opacity * 100)), "aria-label": words.text.SALIENCY_OPACITY,
  });
  const drawn = () => {
    layer.style.opacity = shown.checked ? strength.value / 100 : 0;
    strength.disabled = !shown.checked;
  };
  shown.addEventListener("change", drawn);
  strength.addEventListener("input", drawn);
  drawn();
  return el(
    "div",
    { class: "saliency" },
    el("div", { class: "over" }, el("img", { src: dataImage(pictures.data(payload.image)), alt: "", draggable: "false" }), layer),
    el(
      "div",
      { class: "legend" },
      el("p", { class: "note" }, words.text.SALIENCY_NOTE),
      el("span", { class: "ramp", "aria-hidden": "true", "--scale": payload.scale }),
      el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, words.text.NO_EVIDENCE), el("span", {}, words.text.MOST_EVIDENCE)),
      el("label", { class: "switch" }, shown, el("span", {}, words.text.SALIENCY_SHOWN)),
      el("label", { class: "strength" }, el("span", {}, words.text.SALIENCY_OPACITY), strength),
    ),
  );
}

const ASSISTANCE = {
  [MODALITY.SALIENCY]: (words, payload, classes, pictures) => ({
    title: words.text.SALIENCY_TITLE,
    body: [saliencyFigure(words, payload, pictures)],
  }),
  [MODALITY.MALIGNANCY_PROBABILITY]: (words, payload) => ({
    title: words.text.MALIGNANCY_TITLE,
    note: payload.counted,
    body: [
      el(
        "div",
        { class: "malignancy" },
        el("div", { class: "figure" }, percent(payload.malignancy), el("small", {}, words.text.MALIGNANT)),
        el(
          "div",
          { class: "scale", "aria-hidden": "true" },
          el(
            "div",
            { class: "track" },
            el("span", { class: "fill", "--w": `${Math.min(1, Math.max(0, payload.malignancy)) * 100}%` }),
          ),
          el("div", { class: "ticks" }, ...["0", "25", "50", "75", "100\u00a0%"].map((t) => el("span", {}, t))),
          el(
            "div",
            { class: "ends" },
            el("span", {}, svg("M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z"), words.text.BENIGN),
            el("span", {}, svg("M8 1.5 15 14H1z"), words.text.MALIGNANT),
          ),
        ),
      ),
    ],
  }),
  [MODALITY.MULTICLASS_PROBABILITY]: (words, payload, classes) => ({
    title: words.text.MULTICLASS_TITLE,
    body: [probabilityRows(words, classes, payload.probabilities)],
  }),
  [MODALITY.CROWD_PROBABILITY]: (words, payload, classes) => ({
    title: words.text.CROWD_TITLE,
    note: words.count(words.text.CROWD_NOTE, payload.readers),
    body: [probabilityRows(words, classes, payload.probabilities)],
  }),
  [MODALITY.CBIR]: (words, payload, classes, pictures) => ({
    title: words.text.SIMILAR_TITLE,
    body: [
      el(
        "ul",
        { class: "neighbours", tabindex: "0", "aria-label": words.text.SIMILAR_IMAGES },
        payload.neighbours.map((n) => {
          const c = classes.find((k) => k.code === n.dx) || { name: n.dx, color: "#767676" };
          return el(
            "li",
            {},
            el("img", { src: dataImage(pictures.data(n.image)), alt: "", draggable: "false" }),
            el("span", { class: "name" }, el("i", { class: "swatch", "--c": c.color }), el("span", {}, c.name)),
            el("span", { class: "similarity" }, words.say(words.text.SIMILARITY, { value: words.number(n.similarity, 2) })),
          );
        }),
      ),
    ],
  }),
};

function drawForm(words, payload, classes, pictures) {
  const draw = payload && Object.hasOwn(ASSISTANCE, payload.modality) ? ASSISTANCE[payload.modality] : null;
  if (!draw) return null;
  const { title, note, body } = draw(words, payload, classes, pictures);
  return el("div", {}, el("h3", {}, title), note ? el("p", { class: "note" }, note) : null, ...body);
}

// `pictures`: those that have come, by name. A part of a combination is a form and has no parts of its own.
export function drawAssistance(words, payload, classes, pictures) {
  const parts = payload && payload.parts;
  if (!parts) return drawForm(words, payload, classes, pictures);
  return el("div", { class: "several" }, ...parts.map((part) => drawForm(words, part, classes, pictures)));
}
