// The list of sources. All text is put in place with textContent.
// Gradio hands in: element, props, trigger, watch.
const WAIT_MS = 150; // after the last key, so that a word typed quickly is one request
const MORE_ROWS = 200;

const filter = element.querySelector("#fn-filter");
const rows = element.querySelector(".fn-rows");
const more = element.querySelector(".fn-more");
let wantedRows = 0;
let timer = 0;

function show(name, text) {
  const line = element.querySelector(name);
  line.textContent = text;
  line.hidden = !text;
}

function rowOf(source) {
  const row = document.createElement("li");
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
  row.append(button);
  return row;
}

function render() {
  const view = props.value;
  if (!view || !view.rows) return;
  rows.replaceChildren(...view.rows.map(rowOf));
  more.hidden = view.rows.length >= view.matching;
  show(".fn-count", view.summary);
  show(".fn-problem", view.problem);
  let hint = "";
  if (!view.total && !view.problem) hint = "Articles that you add stand here. In the terminal: footnote add FOLDER";
  else if (!view.matching && !view.problem) hint = "No title, outlet or date has these words.";
  show(".fn-hint", hint);
}

function find() {
  trigger("find_sources", { wanted: filter.value, rows: wantedRows });
}

filter.addEventListener("input", () => {
  wantedRows = 0;
  clearTimeout(timer);
  timer = setTimeout(find, WAIT_MS);
});
more.addEventListener("click", () => {
  wantedRows = rows.childElementCount + MORE_ROWS;
  find();
});
watch("value", render);
render();
