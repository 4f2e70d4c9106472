// The list of articles: filter, tick which to ask, open, remove. All text is put in place with textContent.
// Gradio hands in: element, props, trigger, watch. The value of this component is the scope of the next question.
const WAIT_MS = 150; // after the last key, so that a word typed quickly is one request
const MORE_ROWS = 200;
const MAX_TICKED = 2000;

const pane = element.querySelector("#fn-sources");
const filter = pane.querySelector("#fn-filter");
const outlet = pane.querySelector("#fn-outlet");
const days = { from: pane.querySelector("#fn-from"), to: pane.querySelector("#fn-to") };
const rows = pane.querySelector(".fn-rows");
const more = pane.querySelector(".fn-more");
const ticked = new Map(); // id → title
let wantedRows = 0;
let timer = 0;
let asked = 0; // the newest request's number: an older answer that comes later is dropped
let replaced = 0;
let total = 0;
let removed = null; // what Undo brings back

function show(name, text) {
  const line = pane.querySelector(name);
  line.textContent = text;
  line.hidden = !text;
}

function scopeWords() {
  if (ticked.size) return plural(ticked.size, "ticked article");
  const parts = [];
  if (outlet.value) parts.push("of " + outlet.value);
  if (days.from.value) parts.push("from " + days.from.value);
  if (days.to.value) parts.push("to " + days.to.value);
  return parts.length ? "articles " + parts.join(" ") : "all " + plural(total, "article");
}

// Tells the server which articles the next question is asked of, and a person too.
function publish() {
  props.value = {
    articles: [...ticked.keys()], source: outlet.value, from: days.from.value, to: days.to.value, replace: replaced,
    conversation, // which the server may have forgotten
  };
  const limited = Boolean(ticked.size || outlet.value || days.from.value || days.to.value);
  pane.querySelector(".fn-scope").hidden = !total;
  pane.querySelector(".fn-scope p").textContent = "Questions go to " + scopeWords();
  pane.querySelector("#fn-scope-clear").hidden = !limited;
  const box = document.querySelector("#fn-box textarea");
  if (box) box.placeholder = limited ? "Ask " + scopeWords() : "Ask about these articles";
}

function tick(box, source) {
  if (box.checked && ticked.size >= MAX_TICKED) {
    box.checked = false;
    show(".fn-problem", "At most 2,000 articles can be ticked: filter by outlet or date instead.");
    return;
  }
  if (box.checked) ticked.set(source.id, source.title);
  else ticked.delete(source.id);
  publish();
}

function rowOf(source) {
  const row = document.createElement("li");
  row.className = "fn-item";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = ticked.has(source.id);
  box.setAttribute("aria-label", "Ask only ticked articles: " + source.title);
  box.title = "Ask only ticked articles";
  box.addEventListener("change", () => tick(box, source));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fn-row";
  const title = document.createElement("span");
  title.className = "fn-row-title";
  title.textContent = source.title;
  const byline = document.createElement("span");
  byline.className = "fn-row-by";
  byline.textContent = source.byline;
  button.append(title, byline);
  button.addEventListener("click", () => {
    document.dispatchEvent(new CustomEvent("footnote:open", {
      detail: { opener: button, ask: () => trigger("open_article", { id: source.id }) },
    }));
  });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "fn-small fn-remove";
  remove.textContent = "Remove";
  remove.setAttribute("aria-label", "Remove: " + source.title);
  remove.addEventListener("click", () => take(source, remove));
  row.append(box, button, remove);
  return row;
}

async function take(source, button) {
  button.disabled = true;
  try {
    await reached("POST", "api/remove", { ids: [source.id] });
    ticked.delete(source.id);
    removed = source;
    pane.querySelector(".fn-undo span").textContent = "Removed “" + source.title + "”.";
    pane.querySelector(".fn-undo").hidden = false;
    await changed();
    pane.querySelector("#fn-undo").focus();
  } catch (error) {
    show(".fn-problem", error.message);
    button.disabled = false;
  }
}

pane.querySelector("#fn-undo").addEventListener("click", async () => {
  pane.querySelector(".fn-undo span").textContent = "Bringing it back…";
  try {
    await reached("POST", "api/restore", { ids: [removed.id] });
    pane.querySelector(".fn-undo").hidden = true;
    await changed();
    filter.focus();
  } catch (error) {
    pane.querySelector(".fn-undo span").textContent = "Removed “" + removed.title + "”.";
    show(".fn-problem", error.message);
  }
});

async function changed() {
  trigger("articles_changed", {});
  await find();
}
document.addEventListener("footnote:articles", changed);

function renew(outlets) {
  const chosen = outlet.value;
  const options = [{ name: "", label: "All outlets" }, ...outlets].map((each) => {
    const option = document.createElement("option");
    option.value = each.name;
    option.textContent = each.label;
    return option;
  });
  outlet.replaceChildren(...options);
  outlet.value = chosen;
}

function render(view) {
  total = view.total;
  rows.replaceChildren(...view.rows.map(rowOf));
  more.hidden = view.rows.length >= view.matching;
  show(".fn-count", view.summary || "No articles");
  show(".fn-problem", view.problem);
  renew(view.outlets);
  let hint = "";
  if (!view.total) hint = "Articles that you add appear here.";
  else if (!view.matching) hint = "No article matches.";
  else if (view.matching < view.total) hint = plural(view.matching, "article") + " of " + view.total.toLocaleString("en");
  show(".fn-hint", hint);
  publish();
}

async function find() {
  const number = ++asked;
  const wanted = new URLSearchParams({
    words: filter.value, source: outlet.value, from: days.from.value, to: days.to.value, rows: String(wantedRows),
  });
  try {
    const view = await reached("GET", "page/sources?" + wanted);
    if (number === asked) render(view);
  } catch (error) {
    if (number === asked) show(".fn-problem", error.message);
  }
}

filter.addEventListener("input", () => {
  wantedRows = 0;
  clearTimeout(timer);
  timer = setTimeout(find, WAIT_MS);
});
[outlet, days.from, days.to].forEach((each) => each.addEventListener("change", () => {
  wantedRows = 0;
  find();
}));
pane.querySelector("#fn-scope-clear").addEventListener("click", () => {
  ticked.clear();
  outlet.value = days.from.value = days.to.value = "";
  find();
  filter.focus();
});
more.addEventListener("click", () => {
  wantedRows = rows.childElementCount + MORE_ROWS;
  find();
});
// The next question stands in for turn `detail`, if that is still the last one when it is asked.
document.addEventListener("footnote:replace", (event) => {
  replaced = event.detail;
  publish();
});
document.addEventListener("input", (event) => {
  if (!replaced || !event.target.matches("#fn-box textarea") || event.target.value) return;
  replaced = 0;
  publish();
});
document.addEventListener("footnote:conversation", () => {
  if (!replaced && props.value.conversation === conversation) return;
  replaced = 0;
  publish();
});
find();
