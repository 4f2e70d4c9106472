// What can be done with an answer: copy, judge, edit the question, ask again. Also the dialog that asks for a word.
const ACTION = /^#do-(copy|up|down|edit|understood|again|add)-(\d{1,9})$/;

const asking = element.querySelector("#fn-prompt");
const words = asking.querySelector("#fn-prompt-text");
let settle = () => {};

// Asks for a text (or just for a yes, without a label), and calls `done` with it. Its error is shown, to try again.
function prompt(detail) {
  asking.querySelector("h2").textContent = detail.title;
  asking.querySelector("label").textContent = detail.label || "";
  words.hidden = asking.querySelector("label").hidden = !detail.label;
  words.value = detail.text || "";
  asking.querySelector("#fn-prompt-done").textContent = detail.button;
  asking.querySelector(".fn-problem").hidden = true;
  settle = async () => {
    try {
      await detail.done(words.value.trim());
      asking.close();
    } catch (error) {
      asking.querySelector(".fn-problem").textContent = error.message;
      asking.querySelector(".fn-problem").hidden = false;
    }
  };
  asking.showModal();
  if (detail.label) words.select();
}
document.addEventListener("footnote:prompt", (event) => prompt(event.detail));
asking.querySelector("#fn-prompt-done").addEventListener("click", () => settle());
words.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  settle();
});

async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // a page that came by plain http has no clipboard of its own
  area.value = text;
  document.body.append(area);
  area.select();
  const worked = document.execCommand("copy");
  area.remove();
  if (!worked) throw new Error("not allowed");
}

async function copy(turn) {
  try {
    const reply = await fetch("page/references?conversation=" + encodeURIComponent(conversation) + "&turn=" + turn);
    if (!reply.ok) throw new Error("This answer is not kept any more.");
    await copied(await reply.text());
    toast("Copied, with its references.");
  } catch (error) {
    toast("It could not be copied: " + error.message);
  }
}

function put(text, turn) {
  const box = document.querySelector("#fn-box textarea");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  document.dispatchEvent(new CustomEvent("footnote:replace", { detail: turn }));
}

function act(name, turn, link) {
  if (name === "copy") copy(turn);
  else if (name === "up") trigger("judge", { turn, verdict: "up", conversation });
  else if (name === "again") trigger("ask_again", {});
  else if (name === "add") document.dispatchEvent(new Event("footnote:add"));
  else if (name === "edit") put(document.querySelectorAll("#fn-chat .user-row .md")[turn - 1].innerText.trim(), turn);
  else if (name === "understood") put(link.parentElement.querySelector(".fn-understood").textContent, turn);
  else if (name === "down") {
    prompt({
      title: "What is wrong with this answer?", label: "A word or two (may stay empty)", button: "Send",
      done: (reason) => trigger("judge", { turn, verdict: "down", reason, conversation }),
    });
  }
}

whenClicked(ACTION, (parts, link) => act(parts[1], Number(parts[2]), link));
document.addEventListener("keydown", (event) => { // a link that is a button is pressed with the space bar too
  if (event.key === " " && event.target.matches && event.target.matches('#fn-chat a[role="button"]')) {
    event.preventDefault();
    event.target.click();
  }
});
