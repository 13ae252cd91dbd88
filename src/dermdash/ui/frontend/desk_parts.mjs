// What the desks with one large image share: acts with their keys, the steps from image to image, whose key a press
// is, and how a desk comes onto its page and leaves it.
import { el } from "./elements.mjs";
import { received } from "./messages.mjs";
import { isTyping, progressBar } from "./panel_parts.mjs";

const CONTROLS = "button, a, summary, label, [role=tab], [role=radio], [role=option], [role=dialog]";

export function actButton(label, key, act, look = "plain") {
  return el("button", { type: "button", class: `act ${look}`, onclick: act }, el("span", {}, label), key && el("kbd", { "aria-hidden": "true" }, key));
}

// Back and on, and how far one is. `back` and `on` are labels, `step` is called with the act of either.
export function stepBar(back, on, step, acts) {
  const progress = progressBar();
  const previous = actButton(back, "←", () => step(acts.PREVIOUS));
  const next = actButton(on, "→", () => step(acts.NEXT));
  return {
    nodes: [previous, next, progress.bar],
    draw(data, waits, words, share) {
      progress.draw(words, share);
      previous.disabled = data.place <= 1 || waits;
      next.disabled = data.place >= data.total || waits;
    },
  };
}

// Whose key a press is: that of a field, of a control, or the desk's, which is asked by `desk.meant(event)`.
export class DeskKeys {
  constructor(desk) {
    this.desk = desk;
    this.abort = new AbortController();
    // In the capture phase: Streamlit's own single-key shortcuts must not fire.
    window.addEventListener("keydown", (event) => this.onKey(event), { capture: true, signal: this.signal });
  }

  get signal() {
    return this.abort.signal;
  }

  onKey(event) {
    const { root, state } = this.desk;
    if (!root.isConnected) {
      leave(this.desk);
      return;
    }
    if (state.data === null || event.altKey || event.ctrlKey || event.metaKey || !root.checkVisibility()) return;
    const origin = event.composedPath()[0] instanceof Element ? event.composedPath()[0] : null;
    if (!this.take(event, origin)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // Returns whether the key was meant for the desk.
  take(event, origin) {
    const { root } = this.desk;
    if (isTyping(origin)) {
      if (event.key !== "Escape" || !root.contains(origin)) return false;
      origin.blur();
      return true;
    }
    const control = origin && origin.closest(CONTROLS);
    const presses = event.key === "Enter" || event.key === " ";
    if (control && (presses || (event.key.startsWith("Arrow") && !root.contains(control)))) return false;
    return this.desk.meant(event);
  }
}

const DESKS = new Map();

function leave(desk) {
  desk.keys.abort.abort();
  desk.resized.disconnect();
  DESKS.delete(desk.root);
}

// Bring the data of a page to the desk in its place, which `make` builds at the first time.
export function onPage(selector, shape, make, { data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(selector);
  if (!root || !data) return undefined;
  if (!DESKS.has(root)) DESKS.set(root, make(root));
  const desk = DESKS.get(root);
  desk.update(received(shape, data), setStateValue);
  // Streamlit also runs the clean-up of superseded renders: only a desk that left the page is taken down.
  return () => setTimeout(() => !root.isConnected && leave(desk), 0);
}
