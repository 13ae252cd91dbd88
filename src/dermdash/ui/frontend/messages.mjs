// What is read from and written to Python, held to the entries that Python declares: a misspelt one is an error here, and
// not a value that is silently missing.

// Entries can be read as usual; one that no such message has throws.
export function received(shape, value) {
  if (!shape || typeof value !== "object" || value === null) return value;
  if (Array.isArray(shape)) return value.map((one) => received(shape[0], one));
  const entries = Object.entries(value).map(([name, part]) => [name, received(Object.hasOwn(shape, name) ? shape[name] : null, part)]);
  return new Proxy(Object.fromEntries(entries), {
    get(target, name) {
      if (typeof name === "string" && !Object.hasOwn(shape, name)) throw new TypeError(`A message has no entry "${name}".`);
      return target[name];
    },
  });
}

// The message itself, which must have all entries of the shape and no others.
export function sent(shape, message) {
  for (const name of new Set([...Object.keys(shape), ...Object.keys(message)]))
    if (!Object.hasOwn(shape, name) || !Object.hasOwn(message, name)) throw new TypeError(`A message is wrong about its entry "${name}".`);
  return message;
}
