// One step in the browser's history for one act of a person.
// Streamlit makes a step of its own of every parameter that a page adds to its address. So Back would first lead to the
// same page with a bare address, which fills itself again, and nobody would ever get out. What the app does to the address
// without a new act of the person completes the step that is there.
import { WENT } from "./names.mjs";

export class ActsAndSteps {
  constructor() {
    this.acts = 0;
    this.stepOfAct = 0;
  }

  acted() {
    this.acts += 1;
  }

  wentBackOrForward() {
    this.stepOfAct = this.acts;
  }

  // Whether a change of the address is a step of its own: once for each act.
  takeStep() {
    if (this.stepOfAct === this.acts) return false;
    this.stepOfAct = this.acts;
    return true;
  }
}

// Going back sends the address of the step that is being left now, and nothing would tell it from one that a click
// brings along which was sent a moment too early. So the address itself says it, until the server takes it out again.
export function markedAsLeft(address) {
  const left = new URL(address);
  left.searchParams.set(WENT.PARAMETER, WENT.BACK);
  return left;
}

// Follows what a person does and what becomes of the history, once for the document. `marks`: the page asks who went back
// (ui.address); on the pages of readers nobody does, and no address of theirs is marked.
export function keepSteps(browser) {
  if (browser.dermdashSteps) return browser.dermdashSteps;
  const { history } = browser;
  const kept = { rule: new ActsAndSteps(), marks: false };
  browser.dermdashSteps = kept;
  for (const kind of ["pointerdown", "keydown", "change"]) browser.addEventListener(kind, () => kept.rule.acted(), { capture: true, passive: true });
  browser.addEventListener("popstate", () => kept.rule.wentBackOrForward());
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    if (!kept.rule.takeStep()) {
      history.replaceState(state, title, url);
      return;
    }
    if (kept.marks) history.replaceState(history.state, "", markedAsLeft(browser.location.href));
    push(state, title, url);
  };
  return kept;
}
