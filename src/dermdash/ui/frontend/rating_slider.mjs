// A slider from 0 to 100 that says nothing until it is touched: by finger, mouse, arrows or a typed number.
import { el } from "./elements.mjs";
import { BOUND } from "./names.mjs";
import { TypedNumber } from "./typed_number.mjs";

const COARSE = 10;
// Where an arrow begins on a slider that was not touched before.
const MIDDLE = BOUND.HIGHEST_RATING / 2;

export class RatingSlider {
  constructor({ text }, { onRating, onRated }) {
    this.onRating = onRating;
    this.unset = text.RATING_UNSET;
    this.value = null;
    this.typed = new TypedNumber(BOUND.HIGHEST_RATING);
    this.input = el("input", { type: "range", class: "rating", min: "0", max: String(BOUND.HIGHEST_RATING), step: "1", "aria-labelledby": "rating", "aria-keyshortcuts": "m" });
    this.before = el("i", { class: "before", hidden: true, "aria-hidden": "true" });
    this.number = el("output", { class: "ratingnumber", "aria-hidden": "true" });
    this.input.addEventListener("input", () => this.rate(Number(this.input.value)));
    // A click on the very middle of an untouched slider changes no value, and is an answer all the same.
    this.input.addEventListener("pointerup", () => this.rate(Number(this.input.value)));
    // The hand has left it.
    this.input.addEventListener("change", () => this.open && onRated());
    this.block = el(
      "div",
      { class: "ratingblock" },
      el("h3", { id: "rating" }, text.RATING_QUESTION, el("kbd", { "aria-hidden": "true" }, "M")),
      el("div", { class: "ratingline" }, el("span", { class: "ratingtrack" }, this.input, this.before), this.number),
      el("div", { class: "ends", "aria-hidden": "true" }, el("span", {}, text.RATING_LOW), el("span", {}, text.RATING_HIGH)),
    );
  }

  rate(value) {
    if (this.open) this.onRating(value);
    else this.draw(this);
  }

  draw({ value, previous = null, open }) {
    Object.assign(this, { value, previous, open });
    const set = value !== null;
    this.input.value = String(set ? value : MIDDLE);
    this.input.classList.toggle("untouched", !set);
    this.input.setAttribute("aria-valuetext", set ? String(value) : this.unset);
    this.input.setAttribute("aria-disabled", String(!open));
    this.input.style.setProperty("--at", String(set ? value / BOUND.HIGHEST_RATING : 0));
    this.number.textContent = set ? String(value) : "–";
    this.before.hidden = previous === null || previous === value;
    if (previous !== null) this.before.style.setProperty("--at", String(previous / BOUND.HIGHEST_RATING));
  }

  focus() {
    this.typed.clear();
    this.input.focus({ preventScroll: true });
  }

  get isFocused() {
    return this.input.matches(":focus");
  }

  // Keys that the slider takes while it has the focus; returns whether this is one.
  press(key) {
    const value = this.moved(key) ?? this.typed.add(key, performance.now());
    if (value === null) return false;
    this.rate(Math.min(BOUND.HIGHEST_RATING, Math.max(0, value)));
    return true;
  }

  moved(key) {
    const at = this.value ?? MIDDLE;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: COARSE, PageDown: -COARSE };
    if (Object.hasOwn(steps, key)) return at + steps[key];
    if (key === "Home") return 0;
    return key === "End" ? BOUND.HIGHEST_RATING : null;
  }
}
