// Where the points of a map lie: the places came along with the message, or are fetched once from an address of the app.
import { inApp } from "./app_address.mjs";
import { PLACES } from "./names.mjs";
import { placesOf, placesOfBytes } from "./point_geometry.mjs";

const ADDRESS = new RegExp(`^${PLACES.PATH}/[0-9a-f]{32}$`);
const KEPT = 2;
const AGAIN_MS = [500, 2000, 5000];

const HERE = {
  pause: (ms) => new Promise((go) => setTimeout(go, ms)),
  async bytes(address) {
    const answer = await fetch(inApp(address), { cache: "no-store" });
    return answer.ok ? answer.arrayBuffer() : null;
  },
};

export class PointPlaces {
  constructor(browser = HERE) {
    this.browser = browser;
    this.kept = new Map();
  }

  // The places that a message names; null where they have to be fetched.
  here(value) {
    return ADDRESS.test(value) ? this.kept.get(value) || null : placesOf(value);
  }

  // Fetched; null where they did not come, however often they were asked for.
  async come(value) {
    for (let tries = 0; ; tries += 1) {
      const bytes = await this.browser.bytes(value).catch(() => null);
      if (bytes) return this.keep(value, placesOfBytes(new Uint8Array(bytes)));
      if (tries === AGAIN_MS.length) return null;
      await this.browser.pause(AGAIN_MS[tries]);
    }
  }

  keep(value, places) {
    this.kept.delete(value);
    this.kept.set(value, places);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return places;
  }
}
