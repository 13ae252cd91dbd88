// The annotator's single keys, so that a hand may stay on the keyboard from record to record.
import { LEVEL_KEYS, digitOf, levelOf } from "./choice_keys.mjs";
import { MARK } from "./names.mjs";
import { QUALITY_LEVELS, STRUCTURES } from "./nomenclature.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

export const QUALITY_KEYS = LEVEL_KEYS;
export const STRUCTURE_KEYS = STRUCTURES.map((_, i) => "abcdefghijklmnopqrstuvwxyz"[i]);
const TOOL_KEYS = { r: MARK.RECTANGLE, p: MARK.POLYGON, l: MARK.FREEHAND };
const PLAIN = {
  "?": ["openHelp"],
  "+": ["zoomBy", ZOOM_STEP],
  "=": ["zoomBy", ZOOM_STEP],
  "-": ["zoomBy", 1 / ZOOM_STEP],
  "−": ["zoomBy", 1 / ZOOM_STEP],
  0: ["fitImage"],
  u: ["toggleUnsure"],
  c: ["focusComment"],
  x: ["openStructures"],
  v: ["layDownTool"],
  n: ["nextMark", 1],
  h: ["toggleMarks"],
  z: ["undo"],
  y: ["redo"],
  delete: ["deleteMark"],
  backspace: ["deleteMark"],
};

// What a key asks the panel to do, as the name of its method and what it takes; null where nothing. `naming`: letters
// mean structures.
export function shortcutOf(event, { classes, naming }) {
  const key = event.key.toLowerCase();
  if (naming) {
    const structure = STRUCTURES[STRUCTURE_KEYS.indexOf(key)];
    if (structure && STRUCTURE_KEYS.includes(key)) return ["pressStructure", structure.name];
    if (key === "x") return ["closeStructures"];
  }
  if (key === "n" && event.shiftKey) return ["nextMark", -1];
  if (Object.hasOwn(TOOL_KEYS, key)) return ["pickTool", TOOL_KEYS[key]];
  if (Object.hasOwn(PLAIN, key)) return PLAIN[key];
  const number = digitOf(event);
  if (number >= 1 && number <= classes.length) return ["chooseDiagnosis", classes[number - 1].code];
  const level = levelOf(key, QUALITY_LEVELS.length);
  return level ? ["chooseQuality", level] : null;
}

// The same with Ctrl or Cmd held down.
export function commandOf({ key, shiftKey }) {
  if (key === "Enter") return ["submit"];
  if (key.toLowerCase() === "z") return [shiftKey ? "redo" : "undo"];
  return key.toLowerCase() === "y" ? ["redo"] : null;
}
