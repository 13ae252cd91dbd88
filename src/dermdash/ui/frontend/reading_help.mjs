// How to answer.
import { el } from "./elements.mjs";
import { helpDialog, helpRow } from "./help_dialog.mjs";

export function readingHelp(onShortcuts) {
  return helpDialog({
    title: "How to answer",
    text: "Look at the image, choose a diagnosis and how sure you are, then lock in your answer. Where assistance follows, you may keep or change it. A locked answer cannot be taken back.",
    rows: [
      helpRow(["1", "–", el("kbd", { id: "lastkey" })], "Diagnosis"),
      helpRow(["A", "S", "D", "…"], "How sure, from least to most"),
      helpRow(["Enter"], "Lock in, keep or change"),
      helpRow(["+", "−", "0"], "Zoom in, out, fit; or wheel, pinch, double click; drag to move"),
      helpRow(["P", "Esc"], "Pause"),
      helpRow(["?"], "This help"),
    ],
    back: "Back to the case",
    onShortcuts,
  });
}
