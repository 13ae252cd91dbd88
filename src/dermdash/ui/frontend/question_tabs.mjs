// Where several things are asked on a small screen: one after the other, each a touch away, with what was answered.
import { el, svg } from "./elements.mjs";
import { CHECK } from "./panel_parts.mjs";

export class QuestionTabs {
  constructor({ text }, { onAsk }) {
    this.onAsk = onAsk;
    this.names = { dx: text.ASKED_DIAGNOSIS, malignancy_rating: text.ASKED_RATING, management: text.ASKED_MANAGEMENT };
    this.element = el("div", { class: "questions", role: "group", "aria-label": text.QUESTIONS });
  }

  // `asked`: which questions there are.
  build(asked) {
    this.element.hidden = asked.length < 2;
    this.element.replaceChildren(
      ...asked.map((what) =>
        el(
          "button",
          { type: "button", class: "tab", "data-ask": what, onclick: () => this.onAsk(what) },
          el("span", { class: "what" }, this.names[what]),
          el("span", { class: "given" }),
          svg(CHECK),
        ),
      ),
    );
  }

  // `said`: the answer to each in words, empty where there is none yet.
  draw(asking, said) {
    for (const tab of this.element.children) {
      tab.setAttribute("aria-pressed", String(tab.dataset.ask === asking));
      tab.classList.toggle("done", Boolean(said[tab.dataset.ask]));
      tab.querySelector(".given").textContent = said[tab.dataset.ask] || "–";
    }
  }
}
