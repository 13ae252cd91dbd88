// The list of readings that a browser keeps of a study, the latest first.
const nameOf = (study) => `dermdash-joined:${study}`;

export function keptReadings(storage, study) {
  try {
    const kept = JSON.parse(storage.getItem(nameOf(study)) || "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function withReading(storage, study, reading, most) {
  const others = keptReadings(storage, study).filter((one) => one !== reading);
  try {
    storage.setItem(nameOf(study), JSON.stringify([reading, ...others].slice(0, most)));
  } catch {
    // A full or forbidden storage keeps nobody from reading.
  }
}
