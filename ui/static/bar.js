// The bar on top: folds the sources away, starts a new conversation, says a finished answer aloud once.
// Gradio hands in: element, props, trigger, watch.
const toggle = element.querySelector("#fn-toggle");
const narrow = window.matchMedia("(max-width: 860px)");

function showSources(open) {
  document.body.classList.toggle("fn-sources-open", open);
  toggle.setAttribute("aria-expanded", String(open));
  const pane = document.getElementById("fn-left");
  if (pane) pane.inert = !open; // else what is folded away stays in the Tab order
}

toggle.addEventListener("click", () => {
  const open = toggle.getAttribute("aria-expanded") !== "true";
  showSources(open);
  if (open && narrow.matches) document.getElementById("fn-filter").focus();
});
document.addEventListener("keydown", (event) => {
  const open = toggle.getAttribute("aria-expanded") === "true";
  if (event.key !== "Escape" || !narrow.matches || !open) return;
  showSources(false);
  toggle.focus();
});
// On a phone the list covers the page: an article picked from it must come into view.
document.addEventListener("footnote:reading", () => narrow.matches && showSources(false));
narrow.addEventListener("change", () => showSources(!narrow.matches));
requestAnimationFrame(() => showSources(!narrow.matches));

element.querySelector("#fn-new").addEventListener("click", () => {
  trigger("start_over", {});
  document.dispatchEvent(new Event("footnote:close"));
  document.querySelector("#fn-box textarea").focus();
});

const aloud = element.querySelector(".fn-aloud");
watch("value", () => { aloud.textContent = (props.value && props.value.aloud) || ""; });

// Chatbot's own live region would read out every piece of a streamed answer, and its labels name the markup.
new MutationObserver(() => {
  const chat = document.getElementById("fn-chat");
  if (!chat) return;
  chat.querySelectorAll('[role="log"]:not([aria-live="off"])').forEach((log) => log.setAttribute("aria-live", "off"));
  chat.querySelectorAll(".message [aria-label]").forEach((message) => message.removeAttribute("aria-label"));
  const box = document.querySelector("#fn-box textarea:not([aria-label])"); // its label names the button too
  if (box) box.setAttribute("aria-label", "Your question");
  chat.querySelectorAll(".fn-cite:not([aria-label])").forEach((link) => {
    link.setAttribute("aria-label", "Source " + link.textContent + ", " + link.title);
  });
}).observe(document.body, { childList: true, subtree: true });
