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
