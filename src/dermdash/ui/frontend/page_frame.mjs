// Around every page of the app.
import { saysWhenAway } from "./away_words.mjs";
import { DrawnTheme, themeOf } from "./drawn_theme.mjs";
import { received } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";
import { keepSteps } from "./page_history.mjs";

const SETTLED_MS = 250;
const AWAY = "The app cannot be reached. This page tries again by itself; what was saved is kept.";

// What Streamlit sets at its outermost element when the theme changes, in the system or in its menu.
function followTheme(drawn, ask) {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app) return;
  window.dermdashTheme ??= { drawn: new DrawnTheme(), watched: null };
  const kept = window.dermdashTheme;
  kept.drawn.ran(drawn, ask);
  const look = () => kept.drawn.shows(themeOf(getComputedStyle(app).backgroundColor));
  if (kept.watched !== app) {
    kept.watched = app;
    let settled;
    // The colour is looked at when it has come to rest.
    const changed = () => {
      clearTimeout(settled);
      settled = setTimeout(look, SETTLED_MS);
    };
    new MutationObserver(changed).observe(app, { attributes: true, attributeFilter: ["class"] });
  }
  look();
}

export default function mount({ data: message, setTriggerValue }) {
  keepSteps(window).marks = true;
  saysWhenAway(AWAY);
  if (message) followTheme(received(SHAPE.PAGE_FRAME, message).theme, (theme) => setTriggerValue(SENDS.THEME, theme));
  return undefined;
}
