// What a reader learns of themselves at the end: how often they were right, where they stand, which cases they missed.
import { dataImage, el } from "./elements.mjs";
import { LesionDialog } from "./lesion_dialog.mjs";

export class OwnResults {
  // `onLook`: the reader wants to see one of the missed cases large.
  constructor(words, { onLook }) {
    this.words = words;
    this.dialog = new LesionDialog(words, { onLook });
  }

  // Elements of the closing card; none where the study tells nothing.
  draw({ results, note, missed, missed_left_out: leftOut, rank }, pictures) {
    const { text } = this.words;
    const parts = [];
    if (results.length) parts.push(el("div", { class: "results" }, el("h3", {}, text.OWN_RESULTS), this.table(results), ...(note ? [el("p", { class: "small" }, note)] : [])));
    if (rank) parts.push(el("p", { class: "rank" }, rank));
    if (missed.length) parts.push(this.missedCases(missed, leftOut, pictures));
    return parts;
  }

  table(results) {
    const share = (right, cases) => `${this.words.number((100 * right) / cases, 0)}\u00a0%`;
    return el(
      "table",
      {},
      el(
        "tbody",
        {},
        ...results.map(({ label, right, cases }) =>
          el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, this.words.say(this.words.text.RESULTS_OF, { right, cases })), el("td", { class: "num" }, share(right, cases))),
        ),
      ),
    );
  }

  missedCases(missed, leftOut, pictures) {
    const { text } = this.words;
    const small = missed.map(({ image }) => dataImage(pictures.data(image)));
    const said = missed.map(({ position, truth, answered }) => this.words.say(text.MISSED_CASE, { position, truth, answered }));
    return el(
      "section",
      { class: "lookback", "aria-labelledby": "missedcases" },
      el("h3", { id: "missedcases" }, text.MISSED),
      el("p", { class: "small" }, text.MISSED_HOW),
      el(
        "ul",
        {},
        ...missed.map(({ truth, answered }, i) =>
          el(
            "li",
            {},
            el("button", { type: "button", "aria-label": said[i], onclick: () => this.dialog.open(i, small, said) }, el("img", { src: small[i], alt: "", draggable: "false" })),
            el("strong", {}, truth),
            el("span", { class: "small" }, this.words.say(text.YOU_ANSWERED, { name: answered })),
          ),
        ),
      ),
      leftOut ? el("p", { class: "small" }, this.words.count(text.MISSED_LEFT_OUT, leftOut)) : null,
    );
  }

  // A large picture that was asked for has come.
  enlarge(number, source) {
    this.dialog.enlarge(number, source);
  }
}
