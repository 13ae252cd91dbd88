// Which tiles are chosen: from page to page of a gallery, over a reload and Back, in this tab alone.
export class ChosenTiles {
  constructor(storage) {
    this.storage = storage;
    this.name = "";
    this.ids = new Set();
  }

  // Take up what this tab kept under a name.
  under(name) {
    if (name === this.name) return;
    this.name = name;
    this.ids = new Set(this.kept());
  }

  kept() {
    try {
      const ids = JSON.parse(this.storage.getItem(this.name) ?? "[]");
      return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
    } catch {
      return [];
    }
  }

  has(id) {
    return this.ids.has(id);
  }

  toggle(id) {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.keep();
  }

  clear() {
    this.ids.clear();
    this.keep();
  }

  keep() {
    try {
      this.storage.setItem(this.name, JSON.stringify([...this.ids]));
    } catch {
      // A browser that keeps nothing still chooses on the page that is open.
    }
  }

  allows({ least, most }) {
    return this.ids.size >= least && this.ids.size <= most;
  }
}
