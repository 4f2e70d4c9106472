// Adding articles: files, a folder, an address, a text; and how far it is. All text is put in place with textContent.
const MAX_FILES = 500;
const MAX_FILE_BYTES = 20 * 1024 * 1024;
const EVERY_MS = 500;

const dialog = element.querySelector("#fn-add");
const strip = element.querySelector(".fn-progress");
const bar = strip.querySelector("progress");
const refused = strip.querySelector(".fn-skipped");
let chosen = new Map(); // name → File
let notTaken = []; // files that were not even sent, and why
let polling = false;
let sending = false;
let halted = false; // Stop was pressed while files were being sent

const nameOf = (file) => file.webkitRelativePath || file.name;

function problem(text) {
  const line = dialog.querySelector(".fn-problem");
  line.textContent = text;
  line.hidden = !text;
}

function choose(files) {
  for (const file of files) {
    if (!file.name.startsWith(".")) chosen.set(nameOf(file), file);
  }
  const shown = [...chosen.keys()].slice(0, 8).map((name) => {
    const row = document.createElement("li");
    row.textContent = name;
    return row;
  });
  if (chosen.size > 8) {
    const rest = document.createElement("li");
    rest.textContent = "and " + (chosen.size - 8) + " more";
    shown.push(rest);
  }
  dialog.querySelector(".fn-chosen").replaceChildren(...shown);
  problem(chosen.size > MAX_FILES ? "At most 500 files at once. For more: footnote add FOLDER in the terminal." : "");
}

function openDialog() {
  choose([]);
  document.dispatchEvent(new Event("footnote:left"));
  dialog.showModal();
}

function emptyDialog() {
  chosen = new Map();
  dialog.querySelector("#fn-address").value = dialog.querySelector("#fn-paste").value = "";
}

// Sends the files one after the other; gives the names of those that arrived.
async function upload(files) {
  const arrived = [];
  notTaken = [];
  for (const [name, file] of files) {
    if (halted) break;
    say("Sending file " + (arrived.length + notTaken.length + 1) + " of " + files.size, arrived.length / files.size);
    if (file.size > MAX_FILE_BYTES) {
      notTaken.push({ name, reason: "it has more than 20 MB" });
      continue;
    }
    try {
      await reached("PUT", "api/uploads?name=" + encodeURIComponent(name), file);
      arrived.push(name);
    } catch (error) {
      notTaken.push({ name, reason: error.message });
    }
  }
  return arrived;
}

function say(text, share) {
  strip.hidden = false;
  strip.querySelector(".fn-progress-text").textContent = text;
  bar.hidden = share === undefined;
  if (share === null) bar.removeAttribute("value");
  else if (share !== undefined) bar.value = share;
}

async function start() {
  const address = dialog.querySelector("#fn-address").value.trim();
  const text = dialog.querySelector("#fn-paste").value;
  if (chosen.size > MAX_FILES) return;
  if (!chosen.size && !address && !text.trim()) {
    problem("Choose files, or give an address or a text.");
    return;
  }
  dialog.close();
  refused.hidden = true;
  ending(false);
  sending = true;
  halted = false;
  const uploads = await upload(chosen);
  sending = false;
  const texts = text.trim() ? [{ title: "", text }] : [];
  if (halted || !(uploads.length || address || texts.length)) {
    if (!halted) emptyDialog();
    ended({ stopped: halted, skipped: [], skipped_count: 0 });
    return;
  }
  try {
    await reached("POST", "api/add", { uploads, addresses: address ? [address] : [], texts });
    emptyDialog();
    poll(true);
  } catch (error) { // what was given stands in the dialog still
    ended({ problem: error.message, skipped: [], skipped_count: 0 });
  }
}

function ending(over) {
  element.querySelector("#fn-add-stop").hidden = over;
  element.querySelector("#fn-add-done").hidden = !over;
}

function ended(job) {
  const told = [];
  if (job.added) told.push(plural(job.added, "article") + " added");
  if (job.updated) told.push(job.updated + " updated");
  if (job.unchanged) told.push(job.unchanged + " there already");
  if (job.duplicates) told.push(job.duplicates + " a copy of another");
  const skipped = [...notTaken, ...job.skipped];
  const count = notTaken.length + job.skipped_count;
  if (count) told.push(count + " skipped");
  if (job.stopped) told.push("stopped");
  const words = told.join(", ") || "Nothing was added";
  say(job.problem || words[0].toUpperCase() + words.slice(1) + ".", undefined);
  refused.hidden = !count;
  refused.querySelector("summary").textContent = "What was skipped, and why";
  refused.querySelector("ul").replaceChildren(...skipped.map((each) => {
    const row = document.createElement("li");
    row.textContent = each.name + ": " + each.reason;
    return row;
  }));
  refused.open = count > 0 && count <= 5;
  ending(true);
  notTaken = [];
  document.dispatchEvent(new Event("footnote:articles"));
}

async function poll(ours) {
  if (polling) return;
  polling = true;
  try {
    let job = (await reached("GET", "api/add")).job;
    const began = ours || (job && job.running);
    while (job && job.running) {
      ending(false);
      const count = job.expected ? job.done + " of " + job.expected : plural(job.done, "article");
      say((job.stopped ? "Stopping: " : "Adding " + job.what + ": ") + count + ", " + plural(job.passages, "passage"),
        job.expected ? job.done / job.expected : null);
      await new Promise((done) => setTimeout(done, EVERY_MS));
      job = (await reached("GET", "api/add")).job;
    }
    if (began) ended(job || { skipped: [], skipped_count: 0 });
  } catch (error) {
    ended({ problem: error.message, skipped: [], skipped_count: 0 });
  } finally {
    polling = false;
  }
}

element.querySelector("#fn-add-open").addEventListener("click", openDialog);
document.addEventListener("footnote:add", openDialog);
dialog.querySelector(".fn-cancel").addEventListener("click", () => dialog.close());
dialog.querySelector("#fn-add-start").addEventListener("click", start);
dialog.querySelector("#fn-choose-files").addEventListener("click", () => dialog.querySelector("#fn-files").click());
dialog.querySelector("#fn-choose-folder").addEventListener("click", () => dialog.querySelector("#fn-folder").click());
["#fn-files", "#fn-folder"].forEach((name) => dialog.querySelector(name).addEventListener("change", (event) => {
  choose(event.target.files);
  event.target.value = "";
}));
element.querySelector("#fn-add-stop").addEventListener("click", () => {
  if (sending) halted = true;
  else reached("POST", "api/add/stop").catch((error) => toast(error.message));
});
element.querySelector("#fn-add-done").addEventListener("click", () => { strip.hidden = true; });

const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault(); // else the browser would leave the page and show the file
  dialog.classList.add("fn-dragging");
  if (!dialog.open) openDialog();
});
document.addEventListener("dragleave", () => dialog.classList.remove("fn-dragging"));
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  dialog.classList.remove("fn-dragging");
  choose(event.dataTransfer.files);
});
poll(false);
