// The tabs of the left pane, and the list of conversations. All text is put in place with textContent.
const tabs = [...element.querySelectorAll("[role=tab]")];
const search = element.querySelector("#fn-conversation-words");
const list = element.querySelector("#fn-conversations .fn-rows");
let waiting = 0;

function select(tab, focus) {
  tabs.forEach((each) => {
    const on = each === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
    element.querySelector("#" + each.getAttribute("aria-controls")).hidden = !on;
  });
  if (focus) tab.focus();
  if (tab.id === "fn-tab-conversations") refresh();
}
tabs.forEach((tab, place) => {
  tab.addEventListener("click", () => select(tab, false));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) select(tabs[(place + step + tabs.length) % tabs.length], true);
  });
});

function button(className, text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function rowOf(found) {
  const row = document.createElement("li");
  row.className = "fn-item";
  const open = button("fn-row", "", "", () => {
    trigger("open_conversation", { id: found.id });
    document.dispatchEvent(new Event("footnote:close"));
    document.dispatchEvent(new Event("footnote:reading"));
  });
  if (found.id === conversation) open.setAttribute("aria-current", "true");
  const title = document.createElement("span");
  title.className = "fn-row-title";
  title.textContent = found.title;
  const byline = document.createElement("span");
  byline.className = "fn-row-by";
  const day = new Date(found.changed).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  byline.textContent = day + " · " + plural(found.questions, "question");
  if (found.outdated) {
    const mark = document.createElement("span");
    mark.className = "fn-row-mark";
    mark.textContent = "Sources changed";
    mark.title = "An article that is cited here was changed or removed since";
    byline.append(" · ", mark);
  }
  open.append(title, byline);
  const rename = button("fn-small", "Rename", "Rename: " + found.title, () => {
    document.dispatchEvent(new CustomEvent("footnote:prompt", { detail: {
      title: "Rename this conversation", label: "Name", text: found.title, button: "Rename",
      done: (text) => reached("POST", "page/conversations/rename", { id: found.id, title: text }).then(refresh),
    } }));
  });
  const remove = button("fn-small", "Delete", "Delete: " + found.title, () => {
    document.dispatchEvent(new CustomEvent("footnote:prompt", { detail: {
      title: "Delete “" + found.title + "”? This can't be undone.", button: "Delete",
      done: async () => {
        await reached("POST", "page/conversations/delete", { id: found.id });
        if (found.id === conversation) document.getElementById("fn-new").click();
        await refresh();
      },
    } }));
  });
  const tools = document.createElement("span");
  tools.className = "fn-item-tools";
  tools.append(rename, remove);
  row.append(open, tools);
  return row;
}

async function refresh() {
  const hint = element.querySelector("#fn-conversations .fn-hint");
  let text = "";
  try {
    const found = (await reached("GET", "page/conversations?words=" + encodeURIComponent(search.value))).conversations;
    list.replaceChildren(...found.map(rowOf));
    if (!found.length) text = search.value ? "No conversation has these words." : "Your conversations appear here.";
  } catch (error) {
    text = error.message;
  }
  hint.textContent = text;
  hint.hidden = !text;
}

search.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 150);
});
document.addEventListener("footnote:conversation", () => {
  if (!element.querySelector("#fn-conversations").hidden) refresh();
});
const wanted = new URLSearchParams(location.search).get("c");
if (wanted) trigger("open_conversation", { id: wanted });
