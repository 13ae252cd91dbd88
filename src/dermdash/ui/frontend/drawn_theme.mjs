// The theme that charts were drawn in, and the one that the browser shows.
// The server draws them when a page runs, and none runs when a system turns dark: dark writing would stay on the dark page.
export class DrawnTheme {
  constructor() {
    this.drawn = "";
    this.asked = "";
    this.ask = () => {};
  }

  // The page has run: what it was drawn in, and how to have it run again.
  ran(theme, ask) {
    this.drawn = theme;
    this.ask = ask;
  }

  // Asks once for a theme, so that a page which cannot follow is not asked for ever.
  shows(theme) {
    if (theme === this.drawn) {
      this.asked = "";
    } else if (theme !== this.asked) {
      this.asked = theme;
      this.ask(theme);
    }
  }
}

// Whether a background ("rgb(20, 24, 27)") is that of a dark page.
export function themeOf(background) {
  const parts = background.match(/\d+(\.\d+)?/g) ?? [];
  const light = parts.slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
  return parts.length >= 3 && light < 382 ? "dark" : "light";
}
