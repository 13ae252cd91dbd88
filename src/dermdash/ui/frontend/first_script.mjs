// Runs in every page before Streamlit's own script. The page frame comes too late: a page that writes its address in its
// first run has done so before any component is there, and Back would lead to the bare address, which fills itself again.
import { watchConnection } from "./connection_lost.mjs";
import { keepSteps } from "./page_history.mjs";

export default function begin() {
  keepSteps(window);
  watchConnection();
}

if (globalThis.document) begin();
