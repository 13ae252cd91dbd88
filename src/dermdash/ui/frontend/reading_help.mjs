// How to answer.
import { el } from "./elements.mjs";
import { helpDialog, helpRow } from "./help_dialog.mjs";

// A row about a question that not every study asks.
function asked(question, row) {
  row.dataset.asked = question;
  return row;
}

export function readingHelp({ text }, { onShortcuts, more }) {
  return helpDialog({
    title: text.HELP_TITLE,
    text: text.HELP_TEXT,
    rows: [
      asked("diagnosis", helpRow(["1", "–", el("kbd", { id: "lastkey" })], text.HELP_DIAGNOSIS)),
      asked("sureness", helpRow(["A", "S", "D", "…"], text.HELP_SURENESS)),
      asked("rating", helpRow(["M"], text.HELP_RATING)),
      asked("management", helpRow(["Q", "W", "E", "R"], text.HELP_MANAGEMENT)),
      helpRow([text.ENTER_KEY], text.HELP_LOCK),
      helpRow(["+", "−", "0"], text.HELP_ZOOM),
      asked("beside", helpRow(["V", "←", "→", "Esc"], text.HELP_BESIDE)),
      helpRow(["P"], text.HELP_PAUSE),
      helpRow(["?"], text.HELP_HELP),
    ],
    back: text.HELP_BACK,
    shortcuts: text.HELP_SHORTCUTS,
    onShortcuts,
    more,
  });
}
