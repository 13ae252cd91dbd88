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

const MAIN = '[data-testid="stMain"]';

// The first stop of the keyboard: past the menu and the filters, to what the page is about.
function skipLink() {
  if (document.getElementById("dermdash-skip")) return;
  const link = document.createElement("a");
  link.id = "dermdash-skip";
  link.href = "#";
  link.textContent = "Skip to content";
  const style = { position: "fixed", top: "8px", left: "8px", zIndex: "1000000", padding: "8px 14px", borderRadius: "6px", background: "#0b4f55", color: "#ffffff", font: "600 15px system-ui, sans-serif", transform: "translateY(-200%)" };
  Object.assign(link.style, style);
  link.addEventListener("focus", () => (link.style.transform = "none"));
  link.addEventListener("blur", () => (link.style.transform = style.transform));
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const main = document.querySelector(MAIN);
    const first = main?.querySelector("h1") ?? main;
    if (!first) return;
    first.tabIndex = -1;
    first.style.outline = "none";
    first.focus();
  });
  document.body.prepend(link);
}

export default function mount() {
  keepHistoryShort();
  skipLink();
  return undefined;
}
