// Assembles the parts: the account, the chat, and the effects of a sent message.

import { createApi } from "./api.js";
import { createComposer } from "./composer.js";
import { newPrompt } from "./conversation.js";
import { deleteDialog, renameDialog, settingsDialog, tokenDialog } from "./dialogs.js";
import { announce, byId } from "./dom.js";
import { explain } from "./failure.js";
import { label, t } from "./i18n.js";
import { createModels } from "./models.js";
import { throttle } from "./throttle.js";
import { settings } from "./settings.js";
import { createSidebar } from "./sidebar.js";
import { createThread } from "./thread.js";

export async function startApp() {
  let session = { server_token: false, upstream: "qwen" };
  const isLocal = () => session.upstream === "local" && session.server_token && !session.key_required;
  // The local upstream does not need the token of a real account, so it does not receive it.
  const token = () => (isLocal() ? "" : settings.token.get());
  const api = createApi({ token });

  const enterToken = (reason) => tokens.open(reason);
  const askForToken = (error) => enterToken(`${t(explain(error).title)}. ${t(explain(error).text)}`);

  const thread = createThread({
    api,
    settings,
    model: () => models.chosen(),
    hooks: {
      enterToken: () => enterToken(""),
      tokenRefused: askForToken,
      busy: (busy) => composer.setBusy(busy),
      edit: (text) => composer.edit(text),
      began(id) {
        sidebar.put({ id, title: null, updated_at: Date.now() / 1000 });
        sidebar.setCurrent(id);
        showTitle("");
        history.replaceState(null, "", `#/c/${encodeURIComponent(id)}`);
      },
      loaded(chat) {
        showTitle(chat.title);
        models.choose(chat.model);
      },
      renewed: (chat) => showTitle(chat.title),
      finished: refreshTitles,
    },
  });

  const composer = createComposer({
    settings,
    send: (text) => thread.send(newPrompt(text, thread.takeEdit())),
    stop: () => thread.stop(),
    cancel: () => thread.takeEdit(),
  });

  const sidebar = createSidebar({
    load: (page) => api.chats(page),
    rename: (row) => renaming.open(row),
    remove: (row) => deleting.open(row),
    enterToken: () => enterToken(""),
  });

  const models = createModels({ settings, onChange: (model) => composer.setAbilities(model?.abilities) });

  const renaming = renameDialog(async (row, title) => {
    await api.rename(row.id, title);
    sidebar.put({ ...row, title });
    if (thread.id() === row.id) showTitle(title);
    announce(t("renamed"));
  });

  const deleting = deleteDialog(async (row) => {
    await api.remove(row.id).catch((error) => {
      if (error.code !== "not_found") throw error;
    });
    sidebar.drop(row.id);
    if (thread.id() === row.id) goTo("");
    announce(t("deleted"));
  });

  const tokens = tokenDialog({
    check: (pasted) => api.isSignedIn(pasted),
    save(pasted) {
      settings.token.set(pasted);
      signIn();
    },
    isSaved: () => settings.token.get() !== "",
    isRequired: () => !session.server_token && settings.token.get() === "",
  });

  const system = settingsDialog({
    get: () => settings.system.get(),
    set(text) {
      settings.system.set(text);
      showSystem();
    },
  });

  function showSystem() {
    const used = settings.system.get() !== "";
    byId("open-settings").classList.toggle("in-use", used);
    label(byId("open-settings"), t(used ? "systemPromptOn" : "systemPrompt"));
  }

  function showTitle(title) {
    byId("title").textContent = title || t("untitled");
    document.title = title ? `${title} · Qwen` : "Qwen";
  }

  function showAccount() {
    const key = isLocal() ? "usingLocal" : settings.token.get() ? "usingOwn" : session.server_token ? "usingServer" : "";
    byId("account").textContent = key ? t(key) : "";
    byId("open-token").hidden = isLocal();
  }

  /** The upstream generates a title shortly after the first answer. */
  async function refreshTitles(id) {
    for (const delay of [0, 4000]) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      await sidebar.refresh();
      const row = sidebar.find(id);
      if (row?.title && thread.id() === id) showTitle(row.title);
    }
  }

  function goTo(id) {
    const hash = id ? `#/c/${encodeURIComponent(id)}` : "#/";
    if (location.hash === hash) showChat();
    else location.hash = hash;
  }

  /** Shows the chat that the address names. */
  function showChat() {
    const match = /^#\/c\/(.+)$/.exec(location.hash);
    const id = match ? decode(match[1]) : null;
    if (id !== null && id === thread.id()) return;
    if (composer.isEditing()) composer.cancelEdit();
    sidebar.setCurrent(id);
    if (id === null) {
      showTitle("");
      thread.clear(isLocal());
      // On a phone that would open the keyboard.
      if (matchMedia("(hover: hover)").matches) composer.focus();
    } else {
      showTitle(sidebar.find(id)?.title);
      thread.open(id);
    }
    sidebar.close();
  }

  async function signIn() {
    showAccount();
    if (!session.server_token && !settings.token.get()) {
      thread.clear(false);
      sidebar.clear();
      sidebar.setCurrent(null);
      enterToken("");
      return;
    }
    sidebar.reset();
    models.load(() => api.models());
    if (thread.id()) thread.reopen();
    else showChat();
  }

  byId("new-chat").addEventListener("click", () => {
    goTo("");
    composer.focus();
  });
  byId("open-token").addEventListener("click", () => enterToken(""));
  byId("open-settings").addEventListener("click", () => system.open());
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  addEventListener("hashchange", showChat);
  // The chat may have been continued in another tab or on another machine.
  const lookAgain = throttle(() => Promise.all([sidebar.refresh(), thread.refresh()]));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lookAgain();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (sidebar.isOpen()) byId("close-sidebar").click();
    else if (composer.isEditing()) composer.cancelEdit();
    else thread.stop();
  });

  showSystem();
  showTitle("");
  try {
    session = await api.session();
  } catch (error) {
    thread.fail(error, startAgain);
    return;
  }
  signIn();
}

const startAgain = () => location.reload();

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
