// Around every page of the app: one step in the browser's history for one act of a person.
// Streamlit makes a step of its own of every parameter that a page adds to its address. So Back would first lead to the
// same page with a bare address, which fills itself again, and nobody would ever get out. What the app does to the address
// without a new act of the person completes the step that is there.
function keepHistoryShort() {
  if (window.dermdashHistory) return;
  window.dermdashHistory = true;
  let acts = 0;
  let stepOfAct = 0;
  for (const kind of ["pointerdown", "keydown", "change"]) window.addEventListener(kind, () => (acts += 1), { capture: true, passive: true });
  window.addEventListener("popstate", () => (stepOfAct = acts));
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    if (stepOfAct === acts) {
      history.replaceState(state, title, url);
      return;
    }
    stepOfAct = acts;
    // Going back sends the address of the step that is being left now, and nothing would tell it from one that a click
    // brings along which was sent a moment too early. So the address itself says it, until the server takes it out again.
    const left = new URL(location.href);
    left.searchParams.set("went", "back");
    history.replaceState(history.state, "", left);
    push(state, title, url);
  };
}

export default function mount() {
  keepHistoryShort();
  return undefined;
}
