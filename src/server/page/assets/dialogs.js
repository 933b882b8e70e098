// The dialogs: access token, delete, rename, system prompt. Each opens, and calls what it is given
// when a person is done with it.

import { byId } from "./dom.js";
import { explain } from "./failure.js";
import { language, t } from "./i18n.js";
import { cleanToken, hasRefresh, isKey, tokenProblem } from "./token.js";

/** Opens a dialog, and gives the focus back when it is closed. */
function show(dialog) {
  if (!dialog.open) dialog.showModal();
}

function onCancel(dialog, button) {
  button.addEventListener("click", () => dialog.close());
}

/** What went wrong, as one text. */
function wordsOf(error) {
  const { title, detail } = explain(error, { english: language === "en" });
  return [t(title), detail].filter(Boolean).join(". ");
}

/** Runs `work` when the form is sent, once at a time; an error is shown below the field. */
function onSubmit(form, problem, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    problem.textContent = "";
    try {
      await work();
    } catch (error) {
      problem.textContent = wordsOf(error);
    } finally {
      delete form.dataset.busy;
    }
  });
}

/**
 * `check(token)` asks whether the upstream takes it; `save(token)` keeps it in the page, an empty one forgets it.
 * If `mayStore()`, `store(pasted)` gives the credentials to the server, and `unstore()` takes them from it.
 */
export function tokenDialog({ check, save, isSaved, isRequired, mayStore, store, isStored, unstore }) {
  const dialog = byId("token-dialog");
  const input = byId("token-input");
  const problem = byId("token-problem");
  const button = byId("token-save");

  function tell(key) {
    problem.textContent = key ? t(key) : "";
    input.setAttribute("aria-invalid", String(Boolean(key)));
    if (key) input.focus();
  }

  onSubmit(byId("token-form"), problem, async () => {
    const token = cleanToken(input.value);
    const fault = tokenProblem(token, Date.now() / 1000);
    if (mayStore() && !isKey(token)) return storeIt(fault);
    if (fault) return tell(fault);
    input.value = token;
    button.textContent = t("tokenChecking");
    try {
      if (!(await check(token))) return tell("tokenRefused");
    } catch (error) {
      if (["token_invalid", "token_expired"].includes(error.code)) return tell("tokenRefused");
      throw error;
    } finally {
      button.textContent = t("tokenSave");
    }
    tell(null);
    input.value = "";
    dialog.close();
    save(token);
  });
  /** The server reads more forms than the page, so it has the last word; `fault` is what the page has found. */
  async function storeIt(fault) {
    if (["tokenEmpty", "tokenCut"].includes(fault) || (fault === "tokenExpired" && !hasRefresh(input.value))) return tell(fault);
    button.textContent = t("tokenChecking");
    try {
      await store(input.value);
    } catch (error) {
      if (!["token_invalid", "token_expired"].includes(error.code)) throw error;
      tell(fault ?? "tokenRefused");
      if (language === "en") problem.textContent = [error.message, error.hint].filter(Boolean).join(". ");
      return;
    } finally {
      button.textContent = t("tokenSave");
    }
    tell(null);
    dialog.close();
    save("");
  }

  input.addEventListener("input", () => tell(null));
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    byId("token-form").requestSubmit();
  });
  onCancel(dialog, byId("token-cancel"));
  byId("token-forget").addEventListener("click", async () => {
    try {
      if (!isSaved()) await unstore();
    } catch (error) {
      problem.textContent = wordsOf(error);
      return;
    }
    dialog.close();
    save("");
  });
  dialog.addEventListener("close", () => {
    input.value = "";
    byId("token-show").checked = false;
  });

  return {
    /** Opens it; `reason` says why it opens by itself. */
    open(reason = "") {
      const place = byId("token-reason");
      place.textContent = reason;
      place.hidden = !reason;
      tell(null);
      byId("token-forget").hidden = !isSaved() && !isStored();
      byId("token-forget").textContent = t(isSaved() ? "tokenForget" : "tokenRemove");
      byId("token-keeps").textContent = t(mayStore() ? "tokenKeepsServer" : "tokenKeeps");
      byId("token-cancel").hidden = isRequired();
      show(dialog);
      input.focus();
    },
  };
}

/** Asks before `remove(rows)` is called; `note()` says what becomes of them. */
export function deleteDialog(remove, note) {
  const dialog = byId("delete-dialog");
  let rows = [];
  onSubmit(byId("delete-form"), byId("delete-problem"), async () => {
    await remove(rows);
    dialog.close();
  });
  onCancel(dialog, byId("delete-cancel"));
  return {
    open(chats) {
      rows = chats;
      const [{ title }] = chats;
      byId("delete-title").textContent = chats.length === 1 ? t("deleteTitle") : t("deleteTitleCount", { count: chats.length });
      byId("delete-name").textContent = [title || t("untitled"), chats.length > 1 ? "…" : ""].join("");
      byId("delete-note").textContent = note();
      byId("delete-problem").textContent = "";
      show(dialog);
      byId("delete-cancel").focus();
    },
  };
}

/** Asks for a title, for which `rename(row, title)` is called. */
export function renameDialog(rename) {
  const dialog = byId("rename-dialog");
  const input = byId("rename-input");
  let row = null;
  onSubmit(byId("rename-form"), byId("rename-problem"), async () => {
    const title = input.value.trim();
    if (!title) return input.focus();
    await rename(row, title);
    dialog.close();
  });
  onCancel(dialog, byId("rename-cancel"));
  return {
    open(chat) {
      row = chat;
      input.value = chat.title ?? "";
      byId("rename-problem").textContent = "";
      show(dialog);
      input.select();
    },
  };
}

/** Asks for a project, for which `move(row, id)` is called; an empty id is none. */
export function moveDialog(move) {
  const dialog = byId("move-dialog");
  const input = byId("move-input");
  let row = null;
  onSubmit(byId("move-form"), byId("move-problem"), async () => {
    await move(row, input.value);
    dialog.close();
  });
  onCancel(dialog, byId("move-cancel"));
  return {
    open(chat, projects) {
      row = chat;
      input.replaceChildren(...[{ id: "", name: t("projectNone") }, ...projects].map(({ id, name }) => new Option(name, id)));
      input.value = chat.project_id ?? "";
      byId("move-problem").textContent = "";
      show(dialog);
      input.focus();
    },
  };
}

/** Shows and keeps the system prompt. */
export function settingsDialog({ get, set }) {
  const dialog = byId("settings-dialog");
  const input = byId("system-input");
  byId("settings-form").addEventListener("submit", (event) => {
    event.preventDefault();
    set(input.value.trim());
    dialog.close();
  });
  onCancel(dialog, byId("settings-cancel"));
  return {
    open() {
      input.value = get();
      show(dialog);
      input.focus();
    },
  };
}
