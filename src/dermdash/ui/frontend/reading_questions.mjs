// What a study asks beside diagnosis and confidence: how likely malignant, and what one would do.
import { MANAGEMENT_KEYS } from "./choice_keys.mjs";
import { el } from "./elements.mjs";
import { markChosen } from "./panel_parts.mjs";
import { RatingSlider } from "./rating_slider.mjs";

export class FurtherQuestions {
  constructor(words, acts) {
    this.acts = acts;
    this.rating = new RatingSlider(words, { onRating: (value) => acts.chooseRating(value), onRated: () => acts.askNext() });
    this.heading = el("h3", { id: "management" }, words.text.MANAGEMENT_QUESTION);
    this.managements = el("div", { class: "levels managements", role: "radiogroup", "aria-labelledby": "management" });
    this.parts = [
      el("div", { class: "ask", "data-ask": "malignancy_rating" }, this.rating.block),
      el("div", { class: "ask", "data-ask": "management" }, this.heading, this.managements),
    ];
  }

  // The choices of a study.
  build({ malignancy_rating, managements }) {
    this.rating.block.hidden = !malignancy_rating;
    this.heading.hidden = this.managements.hidden = managements.length === 0;
    this.managements.replaceChildren(
      ...managements.map(({ code, name }, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "level", "data-management": code, "aria-keyshortcuts": MANAGEMENT_KEYS[i], onclick: () => this.acts.chooseManagement(code) },
          el("kbd", { "aria-hidden": "true" }, MANAGEMENT_KEYS[i].toUpperCase()),
          el("span", { class: "name" }, name),
        ),
      ),
    );
  }

  draw(state, open) {
    const { previous } = state.step;
    this.rating.draw({ value: state.malignancy_rating, previous: previous ? previous.malignancy_rating : null, open });
    markChosen(this.managements, (b) => b.dataset.management === state.management, open);
  }
}
