// The reader's single keys, so that a hand may stay on the keyboard from case to case.
import { ZOOM_STEP } from "./zoom_geometry.mjs";

export const CONFIDENCE_KEYS = ["a", "s", "d", "f", "g"];

// What a key asks the reading panel to do, as the name of its method and what it takes; null where nothing.
export function shortcutOf({ key, code = "", shiftKey = false }, { classes, levels, paused }) {
  if (key === "?") return ["openHelp"];
  if (key.toLowerCase() === "p") return [paused ? "resumeReading" : "pauseReading"];
  if (paused) return null;
  if (key === "+" || key === "=") return ["zoomBy", ZOOM_STEP];
  if (key === "-" || key === "−") return ["zoomBy", 1 / ZOOM_STEP];
  if (key === "0") return ["fitImage"];
  // The row of digits by its place too: on some keyboards it gives digits only with Shift.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  const number = /^[1-9]$/.test(key) ? Number(key) : digit && !shiftKey ? Number(digit[1]) : 0;
  if (number >= 1 && number <= classes.length) return ["chooseDiagnosis", classes[number - 1].code];
  const level = CONFIDENCE_KEYS.indexOf(key.toLowerCase());
  if (level >= 0 && level < levels) return ["chooseConfidence", level + 1];
  return null;
}

// The choice that an arrow leads to, from the last one to the first.
export function arrowTo(key, at, count) {
  const step = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
  return (at + step + count) % count;
}
