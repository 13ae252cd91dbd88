// Pictures that have come, by name: each travels once, however often it is shown.
export const INLINE = "data:";

export class Pictures {
  constructor() {
    this.held = new Map();
  }

  take(arrived) {
    for (const [name, data] of Object.entries(arrived || {})) this.held.set(name, data);
  }

  // The data of a picture that is named or inline; empty where it has not come.
  data(picture) {
    return picture.startsWith(INLINE) ? picture : this.held.get(picture) || "";
  }

  get names() {
    return [...this.held.keys()];
  }

  // Only these are needed any more; returns those that are not here, each once.
  keep(needed) {
    for (const name of this.names) if (!needed.includes(name)) this.held.delete(name);
    return this.missing(needed);
  }

  missing(needed) {
    return [...new Set(needed)].filter((picture) => !picture.startsWith(INLINE) && !this.held.has(picture));
  }
}
