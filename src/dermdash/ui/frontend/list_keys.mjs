// The keyboard in a list that is one stop of the Tab key: some keys move inside it.

// The position a key leads to, which may lie outside the list; null where the key does not move.
export function movedTo(key, at, count, steps) {
  if (Object.hasOwn(steps, key)) return at + steps[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

export function focusInstead(from, to) {
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
