// Assembles the parts: the account, the chat, and the effects of a sent message.

import { createActivity } from "./activity.js";
import { createApi } from "./api.js";
import { compareHash, comparedIn, createCompare } from "./compare.js";
import { createComposer } from "./composer.js";
import { createConnection } from "./connection.js";
import { deleteDialog, moveDialog, renameDialog, settingsDialog, tokenDialog } from "./dialogs.js";
import { announce, byId, el } from "./dom.js";
import { explain } from "./failure.js";
import { label, language, languages, t } from "./i18n.js";
import { CTRL, shortcuts } from "./keys.js";
import { clockTime } from "./limits.js";
import { popoverMenu } from "./menu.js";
import { icon } from "./icons.js";
import { createModels } from "./models.js";
import { createNotify } from "./notify.js";
import { createNotice } from "./notice.js";
import { createPalette } from "./palette.js";
import { THEMES, createPreferences, setLanguage, setTheme, theme } from "./preferences.js";
import { createQueue, waiting } from "./queue.js";
import { createResize } from "./resize.js";
import { createRetryMenu, retryChoices } from "./retry-menu.js";
import { throttle } from "./throttle.js";
import { settings } from "./settings.js";
import { createSidebar } from "./sidebar.js";
import { firstWords, titleWithoutSystem } from "./system.js";
import { createTabs } from "./tabs.js";
import { statsDialog } from "./stats.js";
import { createThread } from "./thread.js";
import { isKey } from "./token.js";
import { createTrash, deletedWords } from "./trash.js";
import { createUndo } from "./undo.js";

/** The address of a chat that is kept nowhere. */
const TEMPORARY = "#/temporary";
/** The number of chats that are shown below the box of a new one. */
const RECENT = 3;
/** When a new chat is looked at again after its first answer, in milliseconds: the upstream names it meanwhile. */
const TITLE_WAITS = [0, 1500, 3000, 6000];

/** How often the page looks whether the server is there, in milliseconds. */
const LOOK_EVERY = 30_000;

/** What is said of a chat in the archive that the account does not have, by its state. */
const STORED = { gone: "storedGone", imported: "storedImported" };

export async function startApp() {
  let session = { server_token: false, upstream: "qwen" };
  const isLocal = () => session.upstream === "local" && session.server_token && !session.key_required;
  // The local upstream does not need the token of a real account, so it does not receive it.
  const token = () => (isLocal() ? "" : settings.token.get());
  const api = createApi({ token, onLost: () => connection.lost() });
  /** The first words of chats that have no title yet, by id. */
  const words = new Map();
  const titleOf = (id, title) => titleWithoutSystem(title, settings.usedSystems.get()) || words.get(id) || null;
  let hasStarted = false;
  /** Whether the shown answer is being written. */
  let isBusy = false;

  const connection = createConnection({
    ping: () => api.session(),
    onBack() {
      if (!hasStarted) return startAgain();
      if (!models.areKnown()) models.load(() => api.models());
      sidebar.refresh();
      thread.refresh();
    },
  });

  const tabs = createTabs(({ chat, title, gone, isWriting = false }) => {
    if (gone) return drop(gone);
    if (chat !== thread.id()) activity.elsewhere(chat, isWriting);
    if (title && !words.has(chat)) words.set(chat, title);
    sidebar.refresh();
    if (chat === thread.id()) thread.refresh();
  });
  const tellTabs = (id) => tabs.tell({ chat: id, title: words.get(id), isWriting: isBusy && id === thread.id() });
  const activity = createActivity({ read: (id, signal) => api.chat(id, signal), show: (id, state) => sidebar.setState(id, state) });

  const enterToken = (reason) => tokens.open(reason);
  const askForToken = (error) => enterToken(`${t(explain(error).title)}. ${t(explain(error).text)}`);

  const hooks = {
    greeting,
    remedies: (content) => ({
      enterToken: () => enterToken(""),
      showChats: () => sidebar.show(),
      chooseModel: () => models.open(),
      newChat() {
        goTo("");
        composer.giveBack(content() ?? "");
        composer.focus();
      },
    }),
    tokenRefused: askForToken,
    refused(model, until) {
      if (until === 0 && settings.refusals.get(model) === 0) return;
      settings.refusals.set(model, until);
      composer.showHint();
      showAccount();
    },
    reconnected: () => connection.lost(),
    retryWith: (button, model, choose) => retryMenu.open(button, retryChoices({ models: models.all(), model, think: settings.think.get(), search: settings.search.get() }), choose),
    busy: (busy, mayAsk) => compare.setBusy(0, busy, mayAsk),
    done: (text) => notify.ended(byId("title").textContent, text),
    edit: (id, text, edited) => composer.edit(id, text, edited),
    interruptedEdit: () => composer.interrupted(),
    giveUpEdit: () => composer.giveUpEdit(),
    sent: (text) => composer.sent(text),
    ended: (isWhole) => compare.ended(isWhole),
    settled: () => queue.flush(),
    changed: tellTabs,
    began(id, title) {
      addChat(id, title);
      activity.seen(id, true);
      composer.began(id);
      waiting.move(null, id);
      queue.open(id);
      sidebar.setCurrent(id);
      showTitle(title);
      nameChat(id);
    },
    giveBack: (text) => composer.giveBack(text),
    /** The chat `id` that was made for a first prompt is gone again. */
    unmade(id, isShown) {
      sidebar.drop(id);
      tabs.tell({ gone: id });
      composer.unmade(id);
      waiting.move(id, null);
      if (!isShown) return;
      queue.open(null);
      sidebar.setCurrent(null);
      showTitle("");
      history.replaceState(null, "", "#/");
    },
    loaded(chat) {
      showChatTitle(chat);
      showStored(chat);
      models.choose(chat.model);
    },
    renewed(chat) {
      showChatTitle(chat);
      showStored(chat);
    },
    finished: refreshTitles,
  };
  const thread = createThread({ api, settings, model: () => models.chosen(), hooks });

  function addChat(id, title) {
    words.set(id, title);
    sidebar.put({ id, title: null, updated_at: Date.now() / 1000 });
  }

  /** The address names the chat `id`, or both that are compared. */
  function nameChat(id) {
    const hash = compare.isOn() ? compareHash([thread.id(), compare.other().id()]) : `#/c/${encodeURIComponent(id)}`;
    history.replaceState(null, "", hash);
  }

  const notify = createNotify();
  const compare = createCompare({
    names: () => ({ first: models.chosenName(), second: models.nameOf(models.other()) }),
    hooks: {
      busy(busy, mayAsk) {
        notify.busy(busy);
        isBusy = busy;
        if (thread.id() !== null) activity.seen(thread.id(), busy);
        composer.setBusy(busy, mayAsk);
        queue.setBusy(busy);
      },
      ended: (isWhole) => isWhole && queue.flush(),
    },
    start: (place) => createThread({ api, settings, place, model: () => models.other(), hooks: { ...hooks, ...otherHooks } }),
  });
  /** What is different for the second of two conversations. */
  const otherHooks = {
    greeting: () => "",
    busy: (busy, mayAsk) => compare.setBusy(1, busy, mayAsk),
    done() {},
    sent() {},
    interruptedEdit: () => null,
    began(id, title) {
      addChat(id, title);
      nameChat(thread.id());
    },
    unmade(id) {
      sidebar.drop(id);
      tabs.tell({ gone: id });
    },
    loaded(chat) {
      if (chat.words) words.set(chat.id, chat.words);
      models.chooseOther(chat.model);
    },
    renewed() {},
    finished: (id) => tellTabs(id),
  };

  function greeting(isTemporary) {
    if (compare.isOn()) return compare.greeting();
    if (isTemporary) return el("div", { className: "empty" }, el("h2", {}, t("temporary")), el("p", {}, t("temporaryHint")));
    const key = !isLocal() ? "emptyHint" : session.engine ? "emptyHintEngine" : "emptyHintLocal";
    const model = models.chosenName();
    const hint = el("p", {}, t(key, { model: model || t("model"), engine: session.engine }));
    return el("div", { className: "empty" }, el("h2", {}, t("emptyTitle")), hint);
  }

  const models = createModels({
    settings,
    onChange(model) {
      composer.setModel(model);
      composer.showHint();
      thread.refreshGreeting();
      showAccount();
    },
  });

  const composer = createComposer({
    settings,
    send: sendAll,
    wait: (content) => location.hash !== TEMPORARY && queue.add(content),
    stop,
    cancel: () => thread.takeEdit(),
    refusedUntil: () => (isLocal() ? 0 : settings.refusals.get(models.chosen())),
    hasLimit: () => !session.engine,
    editLast: () => queue.takeLast() || thread.editLast(),
  });

  const queue = createQueue({
    send: ({ content, key }) => sendAll(content, false, key),
    isDone: () => thread.isDone() && (!compare.isOn() || compare.other().isDone()),
    giveBack: (text) => composer.add(text),
  });

  function sendAll(content, force, key) {
    thread.send({ content, force, key, ...thread.takeEdit() });
    if (compare.isOn()) compare.other().send({ content, force });
  }

  function stop() {
    thread.stop();
    if (compare.isOn()) compare.other().stop();
  }

  /** The newest chats are a click away from a new one. */
  function showRecent(rows) {
    const links = rows.slice(0, RECENT).map(({ id, title }) => el("a", { href: `#/c/${encodeURIComponent(id)}`, dir: "auto" }, icon("bubble"), el("span", {}, titleOf(id, title) ?? t("untitled"))));
    byId("recent").replaceChildren(...links);
  }

  const named = (row) => ({ ...row, title: titleOf(row.id, row.title) });
  const sidebar = createSidebar({
    async load(page) {
      const read = await api.chats(page);
      if (page === 1) showRecent(read.rows);
      return read;
    },
    projects: () => api.projects(),
    loadList: (query) => api.list(query),
    titleOf: (row) => titleOf(row.id, row.title),
    ask: (request, signal) => api.search(request, signal),
    actions: {
      rename: (row) => renaming.open(named(row)),
      remove: (rows) => deleting.open(rows.map(named)),
      mark: setMark,
      move: (row, projects) => moving.open(named(row), projects),
      download,
    },
    enterToken: () => enterToken(""),
  });

  async function download(row, format) {
    try {
      const { name, content } = await api.download(row.id, format);
      const href = URL.createObjectURL(content);
      el("a", { href, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    } catch (error) {
      undo.tell(t(explain(error).title));
    }
  }

  async function setMark(row, mark) {
    try {
      await api.mark(row.id, mark);
      sidebar.put({ ...row, ...mark });
      announce(t("marked"));
    } catch (error) {
      undo.tell(`${t(explain(error).title)}. ${t("markFailed")}`);
    }
  }

  /** The message that the palette opens: `{ id, words }`, with the words that were found in it. */
  let sought = null;
  const retryMenu = createRetryMenu();
  const undo = createUndo();
  const notice = createNotice(() => enterToken(""));

  async function rename(row, title) {
    await api.rename(row.id, title);
    sidebar.put({ ...row, title });
    tellTabs(row.id);
    if (thread.id() === row.id) showTitle(title);
    announce(t("renamed"));
  }
  const renaming = renameDialog(rename);

  const moving = moveDialog(async (row, project) => {
    await api.mark(row.id, { project_id: project });
    sidebar.put({ ...row, project_id: project || null });
    announce(t("marked"));
  });

  const hide = (ids, now) => ids.forEach((id) => sidebar.hide(id, now));

  /** Leaves the chat that is shown if it is among `rows`, and returns it. A draft for it becomes one for the next. */
  function leave(rows) {
    const shown = rows.find(({ id }) => id === thread.id());
    if (!shown) return;
    const draft = [...waiting.take(shown.id), composer.takeDraft()].filter(Boolean).join("\n\n");
    goTo("");
    composer.giveBack(draft);
    return shown;
  }

  /** The chat that was left for its deletion. */
  let left;
  const trash = createTrash({
    api,
    undo,
    hide,
    titleOf: (row) => titleOf(row.id, row.title),
    gone(id) {
      drop(id);
      sidebar.hide(id, false);
      tabs.tell({ gone: id });
    },
    back(ids) {
      sidebar.refresh();
      if (ids.includes(left?.id) && thread.id() === null) goTo(left.id);
    },
  });

  /** The chats are gone from the page at once, and from the account a few seconds later. */
  const deleting = deleteDialog((rows) => {
    if (!trash.isOn()) return removeLater(rows);
    left = leave(rows) ?? left;
    trash.remove(rows);
  }, () => t(trash.isOn() ? "deleteTextTrash" : "deleteText"));

  /** Without a trash, this page waits before it deletes them. */
  function removeLater(rows) {
    const ids = rows.map(({ id }) => id);
    hide(ids, true);
    const shown = leave(rows);
    const restore = () => {
      hide(ids, false);
      if (shown && thread.id() === null) goTo(shown.id);
    };
    const removeOne = async ({ id }, isLeaving) => {
      try {
        await api.remove(id, isLeaving);
      } catch (error) {
        if (error.code !== "not_found") return error;
      }
      drop(id);
      tabs.tell({ gone: id });
      return null;
    };
    undo.offer(deletedWords(rows.length), {
      undo: restore,
      async perform(isLeaving) {
        const failures = isLeaving ? await Promise.all(rows.map((row) => removeOne(row, true))) : [];
        if (!isLeaving) for (const row of rows) failures.push(await removeOne(row, false));
        const failure = failures.find(Boolean);
        if (!failure) return hide(ids, false);
        restore();
        undo.tell(t(explain(failure).title));
      },
    });
  }

  /** The chat `id` is deleted. */
  function drop(id) {
    sidebar.drop(id);
    leave([{ id }]);
    waiting.take(id);
  }

  const tokens = tokenDialog({
    check: (pasted) => api.isSignedIn(pasted),
    async save(pasted) {
      // An API key stays beside the token of the server.
      if (pasted || !isKey(settings.token.get())) settings.token.set(pasted);
      session = await api.session().catch(() => session);
      signIn();
    },
    isSaved: () => settings.token.get() !== "",
    isRequired: () => !session.server_token && settings.token.get() === "",
    mayStore: () => session.may_store_token,
    async store(pasted) {
      await api.storeToken(pasted);
      if (!isKey(settings.token.get())) settings.token.set("");
    },
    isStored: () => session.server_token && session.may_store_token,
    unstore: () => api.removeToken(),
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
    byId("instructions").hidden = !used;
    byId("instructions-text").textContent = t("instructions", { text: firstWords(settings.system.get()) });
  }
  byId("instructions-open").addEventListener("click", () => system.open());
  byId("instructions-clear").addEventListener("click", () => {
    const text = settings.system.get();
    const set = (now) => {
      settings.system.set(now);
      showSystem();
    };
    set("");
    undo.offer(t("instructionsCleared"), { undo: () => set(text), perform() {} });
    composer.focus();
  });

  function showChatTitle(chat) {
    if (chat.words) words.set(chat.id, chat.words);
    showTitle(titleOf(chat.id, chat.title));
    if (!chat.title) sidebar.redraw();
  }

  /** Says that a chat comes from the archive. Nothing can be sent there. */
  function showStored({ source, state, synced_at: at }) {
    const isStored = source === "archive";
    const time = at ? clockTime(at * 1000, language) : "–";
    byId("stored").hidden = !isStored;
    const words = STORED[state] ?? "storedAway";
    byId("stored-text").textContent = isStored ? t(words, { time }) : "";
    byId("stored-retry").hidden = words !== "storedAway";
    composer.lock(isStored);
  }

  function showTitle(title) {
    byId("title").textContent = title || t("untitled");
    byId("title").classList.toggle("editable", sidebar.current() !== null);
    byId("chat-menu").hidden = sidebar.current() === null;
    document.title = title ? `${title} · qwenctl` : "qwenctl";
  }

  function showAccount() {
    const key = isLocal() ? (session.engine ? "usingEngine" : "usingLocal") : settings.token.get() ? "usingOwn" : session.server_token ? "usingServer" : "";
    byId("account").textContent = key ? t(key, { engine: session.engine }) : "";
    byId("open-token").hidden = isLocal();
    const until = isLocal() ? 0 : settings.refusals.get(models.chosen());
    byId("account-quota").textContent = until > Date.now() ? t("quotaUntil", { time: clockTime(until, language) }) : "";
    watchToken();
  }

  /** Mentions a token that ends soon. A key has no end that the page knows. */
  function watchToken() {
    const own = settings.token.get();
    if (!isLocal()) notice.watch(isKey(own) ? "" : own, session.token_state);
  }

  /** The upstream generates a title shortly after the first answer. */
  async function refreshTitles(id) {
    tellTabs(id);
    const before = sidebar.find(id)?.title;
    for (const delay of TITLE_WAITS) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      await sidebar.refresh();
      const row = sidebar.find(id);
      if (!row?.title) continue;
      if (thread.id() === id) showTitle(titleOf(id, row.title));
      if (row.title !== before) tellTabs(id);
      // A title that comes later than at once may still change.
      if (delay > 0) return;
    }
  }

  const goTo = (id) => goToHash(id ? `#/c/${encodeURIComponent(id)}` : "#/");
  function goToHash(hash) {
    if (location.hash !== hash) history.pushState(null, "", hash);
    showChat();
  }

  byId("temporary").addEventListener("click", () => goToHash(location.hash === TEMPORARY ? "#/" : TEMPORARY));
  byId("compare").addEventListener("click", () => goToHash(compare.isOn() ? "#/" : compareHash([])));

  /** Shows two chats side by side, or the place for two new ones. */
  function showPair(pair) {
    compare.on();
    models.compare(true);
    sidebar.close();
    const threads = [thread, compare.other()];
    if (pair[0] !== null && threads.every((thread, at) => thread.id() === pair[at])) return;
    composer.open(pair[0]);
    queue.open(pair[0]);
    sidebar.setCurrent(pair[0]);
    showTitle(pair[0] ? titleOf(pair[0], sidebar.find(pair[0])?.title) : t("compare"));
    threads.forEach((thread, at) => (pair[at] === null ? thread.clear() : thread.open(pair[at])));
    if (pair[0] === null && matchMedia("(hover: hover)").matches) composer.focus();
  }

  /** Shows the chat that the address names, and the message in it. */
  function showChat() {
    const isTemporary = location.hash === TEMPORARY;
    byId("temporary").ariaPressed = String(isTemporary);
    byId("temporary-chip").hidden = !isTemporary;
    const pair = comparedIn(location.hash);
    if (pair) return showPair(pair);
    compare.off();
    models.compare(false);
    const [, chat, message] = /^#\/c\/([^/]+)(?:\/(.+))?$/.exec(location.hash) ?? [];
    const id = chat ? decode(chat) : null;
    const wanted = message ? decode(message) : null;
    const found = message ? { id: wanted, words: sought?.id === wanted ? sought.words : sidebar.wordsOf(wanted) } : null;
    if (found) history.replaceState(null, "", `#/c/${chat}`);
    if (id !== null && id === thread.id()) {
      if (!found) return;
      thread.open(id, found);
      return sidebar.close();
    }
    const left = isBusy ? thread.id() : null;
    endTitle();
    composer.open(id);
    queue.open(id);
    sidebar.setCurrent(id);
    showStored({});
    if (id === null) {
      showTitle(isTemporary ? t("temporary") : "");
      thread.clear(isTemporary);
      // On a phone that would open the keyboard.
      if (matchMedia("(hover: hover)").matches) composer.focus();
    } else {
      showTitle(titleOf(id, sidebar.find(id)?.title));
      thread.open(id, found);
    }
    if (left !== null) activity.left(left);
    if (id !== null && !isBusy) activity.seen(id, false);
    sidebar.close();
  }

  const title = byId("title");
  const titleInput = byId("title-input");
  /** The chat whose title is being written in the header. */
  let titled = null;

  /** A click on the title changes it in its place. */
  function editTitle() {
    const row = sidebar.find(thread.id());
    if (!row) return;
    titled = row;
    titleInput.value = titleOf(row.id, row.title) ?? "";
    titleInput.hidden = false;
    title.hidden = true;
    titleInput.select();
    titleInput.focus();
  }

  function endTitle() {
    titled = null;
    titleInput.hidden = true;
    title.hidden = false;
  }

  async function saveTitle() {
    const [row, text] = [titled, titleInput.value.trim()];
    endTitle();
    if (row === null || text === "" || text === titleOf(row.id, row.title)) return;
    try {
      await rename(row, text);
    } catch (error) {
      undo.tell(t(explain(error).title));
    }
  }

  title.addEventListener("click", editTitle);
  titleInput.addEventListener("blur", saveTitle);
  titleInput.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") endTitle();
    else saveTitle();
    composer.focus();
  });
  byId("chat-menu").addEventListener("click", () => {
    const row = sidebar.find(thread.id());
    if (row) sidebar.openMenu(byId("chat-menu"), row);
  });

  async function signIn() {
    showAccount();
    if (!session.server_token && !settings.token.get()) {
      thread.clear();
      sidebar.clear();
      sidebar.setCurrent(null);
      enterToken("");
      return;
    }
    sidebar.reset();
    trash.look();
    models.load(() => api.models()).then(() => models.compare(compare.isOn()));
    // The server remembers refusals for all of its clients.
    if (!isLocal()) api.quotas().then((quotas) => {
      for (const { model, until } of quotas) settings.refusals.set(model, until * 1000);
      composer.showHint();
    }, () => {});
    if (thread.id() || thread.hasUnsent()) thread.reopen();
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
  const lookAgain = throttle(() => Promise.all([sidebar.refresh(), thread.refresh(), compare.other()?.refresh(), lookAtSession()]));
  async function lookAtSession() {
    session = await api.session().catch(() => session);
    watchToken();
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lookAgain();
  });
  addEventListener("focus", lookAgain);
  // A lost server is noticed before something is sent.
  setInterval(() => document.visibilityState === "visible" && hasStarted && !isBusy && lookAtSession(), LOOK_EVERY);
  addEventListener("keydown", (event) => {
    const isTaken = event.isComposing || /^(SELECT|OPTION)$/.test(event.target.tagName);
    if (event.key !== "Escape" || isTaken || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (sidebar.isOver()) byId("close-sidebar").click();
    else if (composer.isEmpty() && queue.takeLast()) return;
    else if (composer.isEditing()) composer.cancelEdit();
    else stop();
  });

  byId("stored-retry").addEventListener("click", () => thread.refresh());
  const more = popoverMenu(byId("more-menu"));
  byId("open-more").addEventListener("click", () => more.open(byId("open-more")));
  const newChat = () => byId("new-chat").click();
  const keys = shortcuts({ newChat, palette: () => palette.open(), box: () => composer.focus(), sidebar: () => sidebar.toggle() });
  byId("more-keys").addEventListener("click", () => keys.open());
  byId("more-trash").addEventListener("click", () => trash.open());
  const stats = statsDialog({ api, onSynced: () => sidebar.refresh() });
  byId("more-stats").addEventListener("click", () => stats.open());
  const preferences = createPreferences({ onSendKey: () => composer.showKeys() });
  byId("more-preferences").addEventListener("click", () => preferences.open());

  const press = (id) => byId(id).click();
  const palette = createPalette({
    commands,
    chats: () => sidebar.known().map(named),
    ask: (request, signal) => api.search(request, signal),
    titleOf: (id, title) => titleOf(id, title),
    go(chat, found) {
      sought = found;
      const hash = `#/c/${[chat, ...(found ? [found.id] : [])].map(encodeURIComponent).join("/")}`;
      if (location.hash === hash) showChat();
      else location.hash = hash;
    },
  });
  createResize();
  byId("open-keys").addEventListener("click", () => keys.open());
  function showTheme(name) {
    setTheme(name);
    label(byId("next-theme"), `${t("theme")}: ${t(`theme_${name}`)}`);
  }
  byId("next-theme").addEventListener("click", () => {
    showTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    announce(byId("next-theme").title);
  });
  showTheme(theme());
  byId("palette-keys").textContent = `${CTRL} K`;
  byId("open-palette").addEventListener("click", () => palette.open());

  /** What can be done from the palette. */
  function commands() {
    const row = sidebar.find(thread.id());
    const models = [...byId("model").options].filter(({ selected }) => !selected);
    const use = (id) => {
      byId("model").value = id;
      byId("model").dispatchEvent(new Event("change"));
    };
    const nameOf = (option) => option.querySelector(".model-name")?.textContent ?? option.text;
    return [
      { title: t("newChat"), sign: "plus", keys: `${CTRL} Shift O`, run: newChat },
      { title: t("temporary"), sign: "ghost", run: () => press("temporary") },
      { title: t("compare"), sign: "columns", run: () => press("compare") },
      ...(row ? [{ title: t("renameTitle"), sign: "pencil", run: () => renaming.open(named(row)) }, { title: t("delete"), sign: "bin", run: () => deleting.open([named(row)]) }] : []),
      ...(row ? ["md", "html", "json"].map((format) => ({ title: `${t("download")}: ${format.toUpperCase()}`, sign: "save", run: () => download(row, format) })) : []),
      { title: t("more"), sign: "sliders", run: () => preferences.open() },
      { title: t("systemPrompt"), sign: "lines", run: () => system.open() },
      ...["think", "search"].filter((id) => !byId(id).hidden).map((id) => ({ title: t(id === "think" ? "toggleThink" : "toggleSearch"), sign: id === "think" ? "think" : "globe", run: () => press(id) })),
      ...models.map((option) => ({ title: `${t("model")}: ${nameOf(option)}`, sign: "bubble", run: () => use(option.value) })),
      ...THEMES.map((name) => ({ title: `${t("theme")}: ${t(`theme_${name}`)}`, sign: "sliders", run: () => showTheme(name) })),
      ...languages.map(([name, words]) => ({ title: `${t("language")}: ${words}`, sign: "globe", run: () => setLanguage(name) })),
      { title: t("keySidebar"), sign: "panel", keys: `${CTRL} B`, run: () => sidebar.toggle() },
      { title: t("filter"), sign: "search", run: () => sidebar.show() },
      { title: t("trash"), sign: "bin", run: () => trash.open() },
      { title: t("statsSync"), sign: "retry", run: syncNow },
      { title: t("stats"), sign: "chart", run: () => stats.open() },
      ...(isLocal() ? [] : [{ title: t("tokenTitle"), sign: "key", run: () => enterToken("") }]),
      { title: t("shortcuts"), sign: "keyboard", keys: "?", run: () => keys.open() },
    ];
  }

  /** The progress is in the statistics. */
  function syncNow() {
    stats.open();
    press("stats-sync");
  }

  for (const [name, text] of [["Explain", "code"], ["Translate", "globe"], ["Summarize", "lines"], ["Search", "search"]]) {
    const start = () => {
      if (name === "Search" && byId("search").getAttribute("aria-pressed") === "false") byId("search").click();
      composer.suggest(t(`start${name}Prompt`));
    };
    byId("starters").append(el("button", { type: "button", className: "button", onclick: start }, icon(text), t(`start${name}`)));
  }

  for (const [value, name] of languages) byId("language").append(el("option", { value, lang: value, selected: value === document.documentElement.lang }, name));
  byId("language").addEventListener("change", () => setLanguage(byId("language").value));

  showSystem();
  showTitle("");
  try {
    session = await api.session();
  } catch (error) {
    thread.fail(error, startAgain);
    return;
  }
  hasStarted = true;
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
