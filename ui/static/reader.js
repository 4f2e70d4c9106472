// The reader pane: opens the article behind a link of the conversation, the cited sentence marked and in view.
// All text is put in place with textContent. Gradio hands in: element, props, trigger, watch.
const LINK = /^#(cite|near|ask)-(\d{1,9})-(\d{1,9})$/;
const EVENTS = { cite: "open_citation", near: "open_nearest" }; // the names that Python listens for

const heading = element.querySelector("h2");
const text = element.querySelector(".fn-text");
const narrow = window.matchMedia("(max-width: 860px)");
let opener = null; // where the focus goes back to
let openerHref = "";

function isOpen() {
  return document.body.classList.contains("fn-reading");
}

function fill(view) {
  heading.textContent = view.title || "";
  element.querySelector(".fn-by").textContent = view.byline || "";
  const link = element.querySelector(".fn-from a");
  link.hidden = !view.link;
  if (view.link) link.href = view.link;
  else link.removeAttribute("href");
  element.querySelector(".fn-from span").textContent = view.link ? "" : view.origin || "";
  const problem = element.querySelector(".fn-problem");
  problem.textContent = view.problem || "";
  problem.hidden = !view.problem;
  text.replaceChildren(document.createTextNode(view.before || ""));
  if (view.quote) {
    const mark = document.createElement("mark");
    mark.tabIndex = -1;
    mark.textContent = view.quote;
    text.append(mark);
  }
  text.append(document.createTextNode(view.after || ""));
}

function reveal() {
  document.querySelectorAll(".fn-opened").forEach((link) => link.classList.remove("fn-opened"));
  opener.classList.add("fn-opened");
  document.body.classList.add("fn-reading");
  document.dispatchEvent(new Event("footnote:reading"));
  const mark = text.querySelector("mark");
  // The pane has to be laid out before anything in it can be scrolled to.
  requestAnimationFrame(() => {
    (mark || heading).focus({ preventScroll: true });
    if (mark) mark.scrollIntoView({ block: "center" });
    else element.querySelector(".fn-reader").scrollTop = 0;
    if (narrow.matches && opener.closest("#fn-chat")) opener.scrollIntoView({ block: "start" });
  });
}

function open(request) {
  opener = request.opener;
  openerHref = opener.getAttribute("href") || "";
  request.ask();
}

function close() {
  if (!isOpen()) return;
  document.body.classList.remove("fn-reading");
  if (opener) opener.classList.remove("fn-opened");
  // Chatbot makes a message anew when it changes, so the link may be another element now.
  const again = openerHref && document.querySelector('#fn-chat a[href="' + CSS.escape(openerHref) + '"]');
  const target = opener && opener.isConnected ? opener : again;
  (target || document.querySelector("#fn-box textarea")).focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("#fn-chat a");
  const parts = link && LINK.exec(link.getAttribute("href"));
  if (!parts) return;
  event.preventDefault();
  event.stopPropagation();
  const place = { turn: Number(parts[2]), number: Number(parts[3]) };
  if (parts[1] === "ask") trigger("ask_example", place);
  else open({ opener: link, ask: () => trigger(EVENTS[parts[1]], place) });
}, true);
document.addEventListener("footnote:open", (event) => open(event.detail));
document.addEventListener("footnote:close", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
element.querySelector(".fn-close").addEventListener("click", close);
watch("value", () => {
  if (!props.value || !opener) return;
  fill(props.value);
  reveal();
});
