// The settings drawer and the export dialog. All text is put in place with textContent.
const drawer = element.querySelector("#fn-settings");
const field = (id) => drawer.querySelector(id);

function problem(text) {
  const line = drawer.querySelector(".fn-problem");
  line.textContent = text;
  line.hidden = !text;
}

const chosen = (name) => drawer.querySelector('input[name="' + name + '"]:checked').value;

function choose(name, value) {
  const option = drawer.querySelector('input[name="' + name + '"][value="' + value + '"]');
  if (option) option.checked = true;
}

function choices() {
  const llm = chosen("fn-writer") === "llm" ? field("#fn-llm").value.trim() : "";
  if (chosen("fn-writer") === "llm" && !llm) throw new Error("Name the language model, or choose quoted answers.");
  const passages = field("#fn-passages").valueAsNumber;
  if (!Number.isInteger(passages)) throw new Error("Give the passages as a whole number from 1 to 50.");
  return { llm, sureness: chosen("fn-sureness"), passages, drop_unsupported: field("#fn-drop").checked };
}

function showParts() {
  field("#fn-llm-parts").hidden = chosen("fn-writer") !== "llm";
}

element.querySelector("#fn-settings-open").addEventListener("click", async () => {
  problem("");
  field(".fn-llm-said").textContent = "";
  drawer.showModal();
  try {
    const kept = await reached("GET", "page/settings");
    choose("fn-writer", kept.choices.llm ? "llm" : "quotes");
    field("#fn-llm").value = kept.choices.llm;
    choose("fn-sureness", kept.choices.sureness);
    field("#fn-passages").value = kept.choices.passages;
    field("#fn-drop").checked = kept.choices.drop_unsupported;
    field("#fn-logout").hidden = !kept.login;
    field("#fn-logout").textContent = "Log out " + kept.user;
    showParts();
  } catch (error) {
    problem(error.message);
  }
});
drawer.querySelectorAll('input[name="fn-writer"]').forEach((each) => each.addEventListener("change", showParts));
field("#fn-llm-test").addEventListener("click", async () => {
  problem("");
  field(".fn-llm-said").textContent = "Asking…";
  try {
    const reply = await reached("POST", "page/settings/test", choices());
    field(".fn-llm-said").textContent = "It works. It said: " + reply.said;
  } catch (error) {
    field(".fn-llm-said").textContent = "";
    problem(error.message);
  }
});
field("#fn-settings-save").addEventListener("click", async () => {
  try {
    await reached("PUT", "page/settings", choices());
    drawer.close();
    toast("Saved. It applies from the next question on.");
  } catch (error) {
    problem(error.message);
  }
});
field("#fn-logout").addEventListener("click", async () => {
  await fetch("logout", { method: "POST" });
  location.assign("login");
});

const exporting = element.querySelector("#fn-export");
element.querySelector("#fn-export-open").addEventListener("click", () => {
  exporting.querySelectorAll("a").forEach((link) => {
    link.href = "page/export?conversation=" + encodeURIComponent(conversation) + "&format=" + link.dataset.format;
  });
  exporting.showModal();
});
exporting.addEventListener("click", (event) => event.target.closest("a") && exporting.close());

element.querySelectorAll("dialog").forEach((dialog) => {
  dialog.querySelector(".fn-cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
});
