// What Streamlit says of a lost connection ("streamlit run yourscript.py") is for whoever runs the server, and its dialog
// lies over the page. It is closed before it is seen; what the page has left to be said instead stands at the foot of
// the window until the server answers again.
import { inApp } from "./app_address.mjs";
import { wordsWhenAway } from "./away_words.mjs";

const LOST_TITLE = "Connection error";
const ASK_AGAIN_MS = 2000;
const NOTICE_LOOK = "position:fixed;left:50%;bottom:1rem;transform:translateX(-50%);z-index:1000001;width:max-content;max-width:min(40rem,calc(100vw - 2rem));padding:.75rem 1rem;border-radius:.5rem;background:#16222b;color:#fff;font:1rem/1.4 'Source Sans',sans-serif;box-shadow:0 2px 12px rgb(0 0 0/.35)";

const isStreamlits = (node) => node.querySelector?.('[role="dialog"] h2')?.textContent === LOST_TITLE;

function closeUnseen(node) {
  node.style.display = "none";
  node.querySelector('[role="dialog"] button')?.click();
}

async function appAnswers() {
  try {
    return (await fetch(inApp("_stcore/health"), { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

function showNotice(words) {
  if (!words || document.querySelector("[data-away-notice]")) return;
  const notice = document.createElement("div");
  notice.dataset.awayNotice = "";
  notice.setAttribute("role", "status");
  notice.style.cssText = NOTICE_LOOK;
  notice.textContent = words;
  document.body.append(notice);
  const look = async () => {
    if (await appAnswers()) notice.remove();
    else setTimeout(look, ASK_AGAIN_MS);
  };
  setTimeout(look, ASK_AGAIN_MS);
}

export function watchConnection() {
  const watch = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (!isStreamlits(node)) continue;
        closeUnseen(node);
        showNotice(wordsWhenAway());
      }
    }
  });
  // Dialogs stand beside the app, right in the body.
  watch.observe(document.body ?? document.documentElement, { childList: true, subtree: !document.body });
}
