// Which readings were begun in this browser by the link of a group: kept here, and told to the page of such a link.
import { received } from "./messages.mjs";
import { BOUND, SENDS, SHAPE } from "./names.mjs";
import { keptReadings, withReading } from "./joined_readings.mjs";

// What was told last, by element: a page that is drawn again is told nothing twice.
const TOLD = new WeakMap();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".joined-before");
  if (!root || !data) return undefined;
  const { study, remember } = received(SHAPE.JOINED, data);
  let storage = null;
  try {
    storage = localStorage;
  } catch {
    // Nothing can be kept here: whoever comes again is a new reader, as they are told.
  }
  if (remember) {
    withReading(storage, study, remember, BOUND.MOST_JOINED);
    return undefined;
  }
  const readings = keptReadings(storage, study);
  if (readings.length && TOLD.get(root) !== readings.join()) {
    TOLD.set(root, readings.join());
    setStateValue(SENDS.JOINED, readings);
  }
  return undefined;
}
