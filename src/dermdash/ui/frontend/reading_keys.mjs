// The reader's single keys, so that a hand may stay on the keyboard from case to case.
import { MANAGEMENT_KEYS, classOf, letterOf, levelOf } from "./choice_keys.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

// What a key asks the reading panel to do, as the name of its method and what it takes; null where nothing.
export function shortcutOf(event, { classes, levels, managements = [], rating = false, diagnosis = true, paused }) {
  const { key } = event;
  const letter = letterOf(event);
  if (key === "?") return ["openHelp"];
  if (letter === "p") return [paused ? "resumeReading" : "pauseReading"];
  if (paused) return null;
  if (key === "+" || key === "=") return ["zoomBy", ZOOM_STEP];
  if (key === "-" || key === "−") return ["zoomBy", 1 / ZOOM_STEP];
  if (letter === "v") return ["openBeside"];
  // Escape never pauses: it is what a hand presses to leave anything, an enlarged image too.
  if (key === "0" || key === "Escape") return ["fitImage"];
  const place = classOf(event);
  if (diagnosis && place >= 0 && place < classes.length) return ["chooseDiagnosis", classes[place].code];
  if (rating && letter === "m") return ["focusRating"];
  const management = MANAGEMENT_KEYS.indexOf(letter);
  if (management >= 0 && management < managements.length) return ["chooseManagement", managements[management].code];
  const level = levelOf(letter || key, levels);
  return level ? ["chooseConfidence", level] : null;
}
