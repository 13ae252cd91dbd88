// How to annotate.
import { helpDialog, helpRow } from "./help_dialog.mjs";

export function annotationHelp(onShortcuts) {
  return helpDialog({
    title: "How to annotate",
    text: "Look at the image, choose a diagnosis and say how good the image is, then submit. Structures, marks and the other fields are as much as the record needs. Everything is kept while you type.",
    rows: [
      helpRow(["1", "–", "9"], "Diagnosis"),
      helpRow(["A", "S", "D", "F", "G"], "Image quality, 1 to 5"),
      helpRow(["U"], "Unsure: others will look, too"),
      helpRow(["X"], "Structures; then the letter of each. X or Esc leaves"),
      helpRow(["R", "P", "L"], "Mark with rectangle, polygon, line drawn by hand; V or Esc lays the tool down"),
      helpRow(["↑", "↓", "Space"], "With a tool: point and set a corner (Shift: finely). Enter closes a polygon"),
      helpRow(["N"], "Next mark (Shift: before); arrows move it, Delete deletes it, H hides all"),
      helpRow(["Z", "Y"], "Undo, redo a mark"),
      helpRow(["+", "−", "0"], "Zoom in, out, fit; or wheel, pinch; drag to move, with a tool two fingers"),
      helpRow(["C"], "Comment; Esc leaves it"),
      helpRow(["Enter"], "Submit; Ctrl and Enter from within a comment"),
      helpRow(["?"], "This help"),
    ],
    back: "Back to the record",
    onShortcuts,
  });
}
