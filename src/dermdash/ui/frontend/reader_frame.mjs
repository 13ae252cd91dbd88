// The head of a reader's page: the languages on offer, and a file to take home.
import { saysWhenAway } from "./away_words.mjs";
import { el } from "./elements.mjs";
import { received } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";
import { downloadButton, languageChoice } from "./reader_parts.mjs";

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".reader-frame");
  if (!root || !data) return undefined;
  const { language, label, title, languages, download, preview, away } = received(SHAPE.READER_FRAME, data);
  if (!preview) {
    document.documentElement.lang = language;
    document.title = title;
    saysWhenAway(away);
  }
  root.replaceChildren(
    el(
      "div",
      { class: "row", lang: language },
      languageChoice({ label, language, languages, onChoice: (code) => setStateValue(SENDS.LANGUAGE, code) }),
      download ? downloadButton(download) : null,
    ),
  );
  return undefined;
}
