// The reader pane: opens the article behind a link of the conversation, the cited sentence marked and in view.
// All text is put in place with textContent. Gradio hands in: element, props, trigger, watch.
const LINK = /^#(cite|near|ask)-(\d{1,9})-(\d{1,9})$/;
const EVENTS = { cite: "open_citation", near: "open_nearest" }; // the names that Python listens for
const CARD_WAIT_MS = 120;

const heading = element.querySelector("h2");
const text = element.querySelector(".fn-text");
const narrow = window.matchMedia("(max-width: 860px)");
let opener = null; // where the focus goes back to
let openerHref = "";

function isOpen() {
  return document.body.classList.contains("fn-reading");
}

function part(name, className, content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = content;
  return made;
}

function show(name, content) {
  const line = element.querySelector(name);
  line.textContent = content || "";
  line.hidden = !content;
}

function fill(view) {
  heading.textContent = view.title || "";
  element.querySelector(".fn-by").textContent = view.byline || "";
  const link = element.querySelector(".fn-from a");
  link.hidden = !view.link;
  if (view.link) link.href = view.link;
  else link.removeAttribute("href");
  element.querySelector(".fn-from span").textContent = view.link ? "" : view.origin || "";
  show(".fn-problem", view.problem);
  show(".fn-changed", view.note);
  text.replaceChildren(view.before || "");
  if (view.quote) {
    const mark = part("mark", "", view.quote);
    mark.tabIndex = -1;
    const passage = part("span", "fn-passage", view.lead || "");
    passage.append(mark, view.trail || "");
    text.append(passage);
  }
  text.append(view.after || "");
  picture(view);
  step();
}

// The page of a PDF, below the text: it is drawn only when it is looked at.
function picture(view) {
  const figure = element.querySelector(".fn-picture");
  const image = figure.querySelector("img");
  figure.hidden = !view.picture;
  image.removeAttribute("src");
  if (!view.picture) return;
  const page = new URLSearchParams(view.picture.split("?")[1]).get("page");
  figure.querySelector("figcaption").textContent = "Page " + page + " of the PDF";
  image.alt = "Page " + page + " as it is printed";
  image.onerror = () => { figure.hidden = true; };
  image.src = view.picture;
}

const citations = () => [...document.querySelectorAll("#fn-chat .fn-cite")];

function step() {
  const all = citations();
  const place = all.indexOf(opener);
  const line = element.querySelector(".fn-step");
  line.hidden = place < 0 || all.length < 2;
  line.querySelector("span").textContent = place + 1 + " of " + all.length;
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
    if (opener.closest("#fn-chat")) opener.scrollIntoView({ block: narrow.matches ? "start" : "nearest" });
  });
}

function open(request) {
  hideCard();
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
  hideCard(); // who comes back from the article has just seen it
}

whenClicked(LINK, (parts, link) => {
  const place = { turn: Number(parts[2]), number: Number(parts[3]), conversation };
  if (parts[1] === "ask") trigger("ask_example", place);
  else open({ opener: link, ask: () => trigger(EVENTS[parts[1]], place) });
});
document.addEventListener("footnote:open", (event) => open(event.detail));
document.addEventListener("footnote:close", close);

// j and k go through the citations of the whole conversation; the first press begins at the newest answer.
function go(by) {
  const all = citations();
  if (!all.length) return;
  const from = all.indexOf(isOpen() ? opener : document.activeElement);
  const turns = document.querySelectorAll("#fn-chat .fn-turn");
  const first = all.findIndex((link) => turns[turns.length - 1].contains(link));
  const place = from < 0 ? Math.max(first, 0) : Math.min(Math.max(from + by, 0), all.length - 1);
  all[place].click();
}
element.querySelectorAll("[data-step]").forEach((button) => {
  button.addEventListener("click", () => go(Number(button.dataset.step)));
});
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    hideCard();
    close();
  }
  const typing = event.target.matches && event.target.matches("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") go(1);
  if (event.key === "k") go(-1);
});
element.querySelector(".fn-close").addEventListener("click", close);
watch("value", () => {
  if (!props.value || !opener) return;
  fill(props.value);
  reveal();
});

// What hovering over a citation shows: outlet, date and quote.
const card = part("div", "fn-card", "");
card.id = "fn-card";
card.hidden = true;
card.setAttribute("aria-hidden", "true"); // the link's own label says the same
document.body.append(card);
let cardTimer = 0;

function hideCard() {
  clearTimeout(cardTimer);
  card.hidden = true;
}

function showCard(link) {
  const said = link.dataset.about;
  const cut = said.indexOf(": “");
  card.replaceChildren(part("div", "fn-card-by", cut < 0 ? "" : said.slice(0, cut)),
    part("div", "fn-card-quote", cut < 0 ? said : said.slice(cut + 2)));
  card.hidden = false;
  const place = link.getBoundingClientRect();
  const left = Math.min(Math.max(place.left - 20, 8), window.innerWidth - card.offsetWidth - 8);
  const below = place.bottom + 8 + card.offsetHeight < window.innerHeight;
  card.style.left = left + "px";
  card.style.top = (below ? place.bottom + 8 : place.top - card.offsetHeight - 8) + "px";
}

function hovered(event) {
  const link = event.target.closest && event.target.closest("#fn-chat .fn-cite");
  if (!link) return hideCard();
  if (link.title) { // else the browser would show it too
    link.dataset.about = link.title;
    link.removeAttribute("title");
  }
  clearTimeout(cardTimer);
  cardTimer = setTimeout(() => link.isConnected && showCard(link), CARD_WAIT_MS);
}
document.addEventListener("mouseover", hovered);
document.addEventListener("focusin", hovered);
document.addEventListener("scroll", hideCard, true);
