// Pictures that somebody will likely ask for next, fetched and decoded while they look at what is there.
import { thumbnailSource } from "./thumbnails.mjs";

// First comes what is on the screen; who clicks on quickly has nothing fetched.
const AFTER_MS = 500;

const HERE = {
  image: () => new Image(),
  later: (act, ms) => setTimeout(act, ms),
  cancel: (timer) => clearTimeout(timer),
  // Who pays for what comes over the line, or has little of it, gets what they ask for.
  sparing: () => Boolean(navigator.connection?.saveData),
};

export class PicturesAhead {
  constructor(browser = HERE) {
    this.browser = browser;
    this.images = new Map();
    this.timer = null;
  }

  // The picture of an address, fetched or on its way; null where it is not.
  take(address) {
    const image = this.images.get(address) || null;
    this.images.delete(address);
    return image;
  }

  // `inView`: how many of them will be seen at once; asked later.
  fetch(addresses, inView) {
    this.browser.cancel(this.timer);
    for (const address of [...this.images.keys()]) if (!addresses.includes(address)) this.images.delete(address);
    if (!addresses.length || this.browser.sparing()) return;
    this.timer = this.browser.later(() => {
      for (const address of addresses.slice(0, inView())) if (!this.images.has(address)) this.begin(address);
    }, AFTER_MS);
  }

  begin(address) {
    const image = this.browser.image();
    image.fetchPriority = "low";
    this.images.set(address, image);
    image.addEventListener("error", () => {
      if (this.images.get(address) === image) this.images.delete(address);
    });
    image.src = thumbnailSource(address);
    image.decode?.().catch(() => {});
  }
}
