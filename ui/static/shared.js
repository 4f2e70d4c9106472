// What several scripts of a pane share; it stands before them, outside of their blocks.
const plural = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");

// The JSON that the server answers with. Throws an Error in words for a person.
async function reached(method, path, body) {
  const options = { method };
  if (body instanceof Blob) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const reply = await fetch(path, options).catch(() => {
    throw new Error("Footnote did not answer. Is it still running?");
  });
  const text = await reply.text();
  if (reply.ok) return JSON.parse(text);
  let said = text; // a refusal by what stands before the page is plain text
  try {
    said = JSON.parse(text).error.message;
  } catch { /* it is */ }
  throw new Error(said || "Footnote refused this (" + reply.status + ").");
}

let conversation = ""; // the id of the one on the page
document.addEventListener("footnote:conversation", (event) => { conversation = event.detail.conversation; });

function toast(text) {
  document.dispatchEvent(new CustomEvent("footnote:toast", { detail: text }));
}

// Calls `act` with what the pattern finds in the address of a link of the conversation that is clicked, and the link.
function whenClicked(pattern, act) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("#fn-chat a");
    const parts = link && pattern.exec(link.getAttribute("href"));
    if (!parts) return;
    event.preventDefault();
    event.stopPropagation();
    act(parts, link);
  }, true);
}
