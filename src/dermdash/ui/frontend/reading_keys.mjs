// The reader's single keys, so that a hand may stay on the keyboard from case to case.
import { digitOf, levelOf } from "./choice_keys.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

// What a key asks the reading panel to do, as the name of its method and what it takes; null where nothing.
export function shortcutOf(event, { classes, levels, paused }) {
  const { key } = event;
  if (key === "?") return ["openHelp"];
  if (key.toLowerCase() === "p") return [paused ? "resumeReading" : "pauseReading"];
  if (paused) return null;
  if (key === "+" || key === "=") return ["zoomBy", ZOOM_STEP];
  if (key === "-" || key === "−") return ["zoomBy", 1 / ZOOM_STEP];
  // Escape never pauses: it is what a hand presses to leave anything, an enlarged image too.
  if (key === "0" || key === "Escape") return ["fitImage"];
  const number = digitOf(event);
  if (number >= 1 && number <= classes.length) return ["chooseDiagnosis", classes[number - 1].code];
  const level = levelOf(key, levels);
  return level ? ["chooseConfidence", level] : null;
}
