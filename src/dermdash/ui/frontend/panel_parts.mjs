// What the screens of reader and annotator have in common: progress, where their work is, height and colour of the
// panel, groups of choices.
import { el } from "./elements.mjs";
import { CONNECTION } from "./names.mjs";

// Nobody sees an image and decides in a quarter of a second: what arrives sooner was meant for the screen before.
export const GUARD_MS = 250;
export const CHECK = "M6.2 12.4 2 8.2l1.5-1.5 2.7 2.7L12.5 3 14 4.5z";
const NOT_KEPT_TEXT = "Not connected: please keep this page open";

export const nextFrames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
export const moment = () => new Date().toISOString();

// What a person chose once for this browser, such as the switch for single keys.
export function remember(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`dermdash-${name}`, value);
    return localStorage.getItem(`dermdash-${name}`);
  } catch {
    return null;
  }
}

// Whether keys that are pressed there are text.
export function isTyping(origin) {
  return origin instanceof Element && Boolean(origin.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]"));
}

export function progressBar() {
  const text = el("span", { class: "progresstext" });
  const fill = el("span", { class: "progressfill" });
  const bar = el("div", { class: "progress" }, text, el("span", { class: "progresstrack", "aria-hidden": "true" }, fill));
  return {
    bar,
    draw(words, done) {
      text.textContent = words;
      fill.style.width = `${Math.min(1, done) * 100}%`;
    },
  };
}

// A line that says where a person's work is. `texts` by `CONNECTION`; `say` tells a screen reader; `notKept`: where
// nothing can be kept on this device.
export function connectionLine(texts, say, notKept = NOT_KEPT_TEXT) {
  const line = el("p", { class: "connection" });
  return {
    line,
    draw(now, durable) {
      if (line.dataset.state === now) return;
      const away = now === CONNECTION.OFFLINE || now === CONNECTION.UNREACHABLE;
      line.dataset.state = now;
      line.textContent = away && !durable ? notKept : texts[now];
      if (away) say(line.textContent);
    },
  };
}

// Fill the window below whatever stands above, so that the page itself need not scroll.
export function fitPanel(panel) {
  // A window within the page, as a preview draws one.
  const drawn = Number.parseFloat(getComputedStyle(panel).getPropertyValue("--window-height"));
  if (drawn) {
    panel.style.setProperty("--height", `${drawn - 12}px`);
    return;
  }
  const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop || 0;
  const top = panel.getBoundingClientRect().top + scrolled;
  panel.style.setProperty("--height", `${Math.max(520, window.innerHeight - Math.max(0, top) - 12)}px`);
}

// The theme's accent may be light or dark: choose the text on it for contrast.
export function tintPanel(panel) {
  const probe = el("span", { class: "probe" });
  panel.append(probe);
  const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
  probe.remove();
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  panel.style.setProperty("--on-accent", 1.05 / (luminance + 0.05) >= 4.5 ? "#ffffff" : "#101214");
}

// Show which of a group's choices is chosen; one of them takes the focus of the Tab key.
export function markChosen(group, isChosen, open) {
  let any = false;
  for (const b of group.children) {
    const chosen = isChosen(b);
    any = any || chosen;
    b.setAttribute("aria-checked", String(chosen));
    b.setAttribute("aria-disabled", String(!open));
    b.tabIndex = chosen ? 0 : -1;
  }
  if (!any && group.firstElementChild) group.firstElementChild.tabIndex = 0;
}

export function nudge(panel) {
  if (panel.classList.contains("nudge")) return;
  panel.classList.add("nudge");
  setTimeout(() => panel.classList.remove("nudge"), 220);
}
