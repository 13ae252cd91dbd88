// Around every page of the app.
import { ActsAndSteps, markedAsLeft } from "./page_history.mjs";

function keepHistoryShort() {
  if (window.dermdashHistory) return;
  window.dermdashHistory = true;
  const rule = new ActsAndSteps();
  for (const kind of ["pointerdown", "keydown", "change"]) window.addEventListener(kind, () => rule.acted(), { capture: true, passive: true });
  window.addEventListener("popstate", () => rule.wentBackOrForward());
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    if (!rule.takeStep()) {
      history.replaceState(state, title, url);
      return;
    }
    history.replaceState(history.state, "", markedAsLeft(location.href));
    push(state, title, url);
  };
}

export default function mount() {
  keepHistoryShort();
  return undefined;
}
