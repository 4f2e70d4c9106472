// The bar on top: folds the articles away, begins a new conversation, says a finished answer aloud once.
// Gradio hands in: element, props, trigger, watch.
const toggle = element.querySelector("#fn-toggle");
const narrow = window.matchMedia("(max-width: 860px)");
const TOAST_MS = 8000;
let toastTimer = 0;
let known = new URLSearchParams(location.search).get("c") || ""; // the conversation that a reload goes on with

function showLeft(open) {
  document.body.classList.toggle("fn-left-open", open);
  toggle.setAttribute("aria-expanded", String(open));
  const pane = document.getElementById("fn-left");
  if (pane) pane.inert = !open; // else what is folded away stays in the Tab order
}

function showToast(text) {
  const line = element.querySelector(".fn-toast");
  line.textContent = text;
  line.hidden = !text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { line.hidden = true; }, TOAST_MS);
}

toggle.addEventListener("click", () => {
  const open = toggle.getAttribute("aria-expanded") !== "true";
  showLeft(open);
  if (open && narrow.matches) document.querySelector("#fn-left [role=tab][aria-selected=true]").focus();
});
document.addEventListener("keydown", (event) => {
  const open = toggle.getAttribute("aria-expanded") === "true";
  if (event.key !== "Escape" || !narrow.matches || !open || document.querySelector("dialog[open]")) return;
  showLeft(false);
  toggle.focus();
});
// On a phone the list covers the page: what is picked from it must come into view.
document.addEventListener("footnote:reading", () => narrow.matches && showLeft(false));
narrow.addEventListener("change", () => showLeft(!narrow.matches));
requestAnimationFrame(() => showLeft(!narrow.matches));
document.addEventListener("footnote:left", () => showLeft(true));
document.addEventListener("footnote:toast", (event) => showToast(event.detail));

element.querySelector("#fn-new").addEventListener("click", () => {
  if (known) { // an empty one is new already, and may be asked something at this moment
    trigger("start_over", {});
    document.dispatchEvent(new CustomEvent("footnote:conversation", { detail: { conversation: "", turns: 0 } }));
  }
  document.dispatchEvent(new Event("footnote:close"));
  if (narrow.matches) showLeft(false);
  document.querySelector("#fn-box textarea").focus();
});

const aloud = element.querySelector(".fn-aloud");
watch("value", () => {
  const told = props.value;
  if (!told) return;
  aloud.textContent = told.aloud || "";
  if (told.problem) showToast(told.problem);
  if (told.conversation !== known) {
    known = told.conversation;
    history.replaceState(null, "", known ? "?c=" + encodeURIComponent(known) : location.pathname);
  }
  element.querySelector("#fn-export-open").disabled = !told.turns;
  document.dispatchEvent(new CustomEvent("footnote:conversation", { detail: told }));
});

// Chatbot's own live region would read out every piece of a streamed answer, and its labels name the markup.
new MutationObserver(() => {
  const chat = document.getElementById("fn-chat");
  if (!chat) return;
  chat.querySelectorAll('[role="log"]:not([aria-live="off"])').forEach((log) => log.setAttribute("aria-live", "off"));
  chat.querySelectorAll(".message [aria-label]:not(.fn-cite)").forEach((message) => message.removeAttribute("aria-label"));
  const box = document.querySelector("#fn-box textarea:not([aria-label])"); // its label names the button too
  if (box) box.setAttribute("aria-label", "Your question");
  chat.querySelectorAll(".fn-cite:not([aria-label])").forEach((link) => {
    link.setAttribute("aria-label", "Source " + link.textContent + ", " + link.title);
  });
}).observe(document.body, { childList: true, subtree: true });
