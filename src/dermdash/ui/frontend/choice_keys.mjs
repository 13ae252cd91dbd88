// Keys of choices that reader and annotator share: digits for the diagnosis, a row of letters for a level.
export const LEVEL_KEYS = ["a", "s", "d", "f", "g"];

// The digit (1 to 9) that a key means; 0 for another. By its place too: on some keyboards the row of digits gives them
// only with Shift.
export function digitOf({ key, code = "", shiftKey = false }) {
  if (/^[1-9]$/.test(key)) return Number(key);
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  return digit && !shiftKey ? Number(digit[1]) : 0;
}

// The level (1 upwards) that a letter means; 0 for another.
export function levelOf(key, levels) {
  const level = LEVEL_KEYS.indexOf(key.toLowerCase()) + 1;
  return level <= levels ? level : 0;
}

// The choice that an arrow leads to, from the last one to the first.
export function arrowTo(key, at, count) {
  const step = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
  return (at + step + count) % count;
}

// Of managements, the row above that of the levels.
export const MANAGEMENT_KEYS = ["q", "w", "e", "r"];
// Of the diagnoses after the ninth: letters that mean nothing else, under the other hand first.
const LATER_CLASS_KEYS = ["u", "i", "o", "j", "k", "l", "b", "n", "h", "t", "c", "v", "x", "y", "z"];

// The key of a diagnosis by its place from 0; empty where there are more diagnoses than keys.
export const classKey = (place) => (place < 9 ? String(place + 1) : LATER_CLASS_KEYS[place - 9] || "");

// The place (from 0) of the diagnosis that a key means; -1 for another.
export function classOf(event) {
  const digit = digitOf(event);
  if (digit) return digit - 1;
  const later = LATER_CLASS_KEYS.indexOf(letterOf(event));
  return later < 0 ? -1 : later + 9;
}

// The Latin letter that a key means, in small; by its place where the keyboard writes another alphabet. Empty for others.
export function letterOf({ key, code = "" }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(code);
  return letter && /^\p{L}$/u.test(key) ? letter[1].toLowerCase() : "";
}
