// The archive in the page: search in messages, and chats that the service does not send.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ask, assertAccessible, assertQuiet, chatId, open, world, write } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

/** Sends `text` into the chat `id`, and gives the id of the answer. */
async function say(to, id, message, parent) {
  const reply = await to.call("POST", "/api/chat/send", { chat_id: id, message, ...(parent && { parent_id: parent }) });
  return reply.data.message_id;
}

/** Waits until the archive of `of` has `query`. */
async function archived(of, query) {
  for (let tries = 0; tries < 150; tries += 1) {
    const found = await of.call("POST", "/api/chat/search", { query });
    if (found.source === "archive" && found.results.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the archive never had ${query}`);
}

test("messages are found by keyboard, marked, and opened in their place", async () => {
  const own = await world.server("--archive", "--sync-every", "1s");
  const id = await own.newChat("Kitchen");
  let last;
  for (const line of ["first", "Tôi muốn tìm kiếm đường đi Đà Nẵng", ...Array.from({ length: 8 }, (_, n) => `filler ${n} [[lorem:200]]`)]) last = await say(own, id, line, last);
  const other = await own.newChat("Another chat");
  await say(own, other, "duong is also here");
  await archived(own, "duong also");
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/`);
    await browser.shown(`[data-id="${id}"]`);
    await browser.run("document.querySelector('#scroller').focus()");
    await browser.click("#filter");
    assert.equal(await browser.focused(), "filter");
    await browser.press(..."tim kiem duong");
    await browser.says(".found", "tìm kiếm đường");
    await browser.says(".found", "From the archive");
    const marked = await browser.run("return [...document.querySelectorAll('.found mark')].map((m) => m.innerText).join(' ')");
    assert.match(marked, /tìm kiếm đường/);
    assert.equal(await browser.run("return document.querySelectorAll('.found [role=listitem]').length"), 1);
    await picture(browser, "search");
    await assertAccessible(browser, "search");
    await browser.press(KEYS.down);
    await browser.press(KEYS.down, KEYS.enter);
    await browser.until("return document.activeElement.matches('.message') && document.activeElement.innerText.includes('Đà Nẵng')");
    assert.equal(await browser.run("return location.hash"), `#/c/${id}`);
    const inSight = "const r = document.activeElement.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight";
    assert.equal(await browser.run(inSight), true);
    assert.ok(await browser.run("return CSS.highlights.get('found').size > 0"));
    await picture(browser, "search-opened");
    // One Chinese character is enough, a single letter is not.
    await browser.press([KEYS.control, "k"]);
    assert.equal(await browser.focused(), "palette-input");
    await browser.press(..."tim kiem duong");
    await browser.says("#palette", "tìm kiếm đường");
    await picture(browser, "palette-words");
    await browser.press(KEYS.escape);
    await browser.click("#filter");
    await browser.press(KEYS.escape);
    assert.equal(await browser.run("return document.querySelector('#filter').value"), "");
    await assertQuiet(browser);
  });
});

test("a message on another branch is opened there", async () => {
  const own = await world.server("--archive", "--sync-every", "1s");
  const id = await own.newChat("Branches");
  await say(own, id, "the hidden pineapple", "root");
  await say(own, id, "the newest version", "root");
  await archived(own, "pineapple");
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/c/${id}`);
    await browser.says("#messages", "the newest version");
    await browser.type("#filter", "pineapple");
    await browser.click(".hit");
    await browser.says(".bubble", "the hidden pineapple");
    assert.equal(await browser.count(".bubble"), 1);
    await assertQuiet(browser);
  });
});

test("without an archive the service's own search answers, and says so", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Where is the needle in this haystack?");
    const id = await chatId(browser);
    await browser.type("#filter", "haystack");
    await browser.says(".found", "haystack");
    await browser.says(".found", "service’s own search");
    await browser.run("location.hash = '#/'");
    await browser.click(".hit");
    await browser.says(".bubble", "haystack");
    assert.equal(await chatId(browser), id);
    await browser.run("const f = document.querySelector('#filter'); f.value = '++'; f.dispatchEvent(new Event('input'))");
    await browser.gone(".found");
    await assertQuiet(browser);
  });
});

test("what the service does not send is read from the archive, and cannot be continued", async () => {
  const upstream = await world.program(["local", "--port", "0", "--print-token"]);
  const own = await world.serverAt(upstream, "--archive", "--sync-every", "1s");
  const kept = await own.newChat("Kept");
  await say(own, kept, "precious words");
  await archived(own, "precious");
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/c/${kept}`);
    await browser.says("#messages", "precious words");
    assert.equal(await browser.run("return document.querySelector('#prompt').disabled"), false);
    await write(browser, "my draft");
    // Deleted by another client: the archive still has it.
    await own.call("DELETE", `/api/chats/${kept}`);
    await browser.reload();
    await browser.says("#stored", "no longer has this chat");
    await browser.says("#messages", "precious words");
    assert.equal(await browser.run("return document.querySelector('#prompt').disabled"), true);
    assert.equal(await browser.count(".prompt .edit") > 0 && await browser.run("return document.querySelector('.prompt .edit').checkVisibility()"), false);
    await picture(browser, "gone");
    await assertAccessible(browser, "gone");
    // The account never had this one.
    const other = { uuid: "one", name: "Other", chat_messages: [{ sender: "human", text: "pomegranate words" }] };
    await own.call("POST", "/api/archive/import", [other]);
    const [{ chat_id: imported }] = (await own.call("POST", "/api/chat/search", { query: "pomegranate" })).results;
    await browser.open(`${own.url}/#/c/${imported}`);
    await browser.reload();
    await browser.says("#stored", "was imported");
    await browser.says("#messages", "pomegranate words");
    assert.equal(await browser.run("return document.querySelector('#stored-retry').checkVisibility()"), false);
    const away = await own.newChat("Away");
    await say(own, away, "offline words");
    await archived(own, "offline");
    process.kill(own.upstreamPid, "SIGKILL");
    await browser.open(`${own.url}/#/c/${away}`);
    await browser.reload();
    await browser.says("#stored", "cannot be reached");
    await browser.says("#messages", "offline words");
    await browser.says("#chats", "archived chats");
    await picture(browser, "away");
    await assertAccessible(browser, "away");
    await browser.click("#new-chat");
    await browser.gone("#stored");
    assert.equal(await browser.run("return document.querySelector('#prompt').disabled"), false);
  });
});

test("a chat is downloaded as Markdown, HTML and JSON", async () => {
  const own = await world.server();
  const id = await own.newChat("Tìm đường");
  await say(own, id, "a line to keep");
  const downloadPath = await mkdtemp(join(world.home, "downloads-"));
  await world.browse({}, async (browser) => {
    await browser.devtools("Browser.setDownloadBehavior", { behavior: "allow", downloadPath });
    await browser.open(`${own.url}/#/c/${id}`);
    await browser.shown(`[data-id="${id}"]`);
    for (const format of ["md", "html", "json"]) {
      await browser.click(`[data-id="${id}"] .row-menu`);
      if (format === "md") {
        await picture(browser, "menu-download");
        await assertAccessible(browser, "menu");
      }
      await browser.click(`#menu [data-format="${format}"]`);
      const isWhole = (name) => name.endsWith(`.${format}`);
      let names = [];
      while (!names.some(isWhole)) names = await readdir(downloadPath);
      const name = names.find(isWhole);
      assert.match(name, /tim-duong|Tìm|tìm/i);
      assert.match(await readFile(join(downloadPath, name), "utf8"), /a line to keep/);
    }
    await assertQuiet(browser);
  });
});

/** Deletes the chat with this id by the page. */
async function remove(browser, id) {
  await browser.click(`[data-id="${id}"] .row-menu`);
  await browser.click("#menu-delete");
  await browser.click("#delete-confirm");
  await browser.gone(`[data-id="${id}"]`);
}

const isThere = async (own, id) => (await own.call("GET", `/api/chats/${id}`)).data?.source === undefined;

test("a deletion can be undone after a reload, and is performed when its time is over", async () => {
  const own = await world.server("--archive", "--sync-every", "1s");
  const [kept, gone] = [await own.newChat("Kept after all"), await own.newChat("Gone")];
  await say(own, kept, "words to keep");
  await say(own, gone, "words to lose");
  await archived(own, "lose");
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/c/${kept}`);
    await browser.says("#messages", "words to keep");
    await browser.click(`[data-id="${kept}"] .row-menu`);
    await browser.click("#menu-delete");
    await browser.says("#delete-text", "trash");
    await browser.click("#delete-confirm");
    await browser.gone(`[data-id="${kept}"]`);
    await browser.says("#toast", "Chat deleted");
    await browser.until("return location.hash === '#/'");
    await browser.reload();
    await browser.says("#toast", "Chat deleted");
    await browser.gone(`[data-id="${kept}"]`);
    await picture(browser, "undo-after-reload");
    await browser.click("#toast-undo");
    await browser.says(`[data-id="${kept}"]`, "Kept after all");
    assert.equal(await isThere(own, kept), true);
    await remove(browser, gone);
    await browser.says("#toast", "Chat deleted");
    assert.equal(await isThere(own, gone), true, "not yet");
    await browser.gone("#toast");
    while (await isThere(own, gone)) await browser.nextFrame();
    assert.equal(await isThere(own, kept), true);
    assert.equal(await browser.count(`[data-id="${gone}"]`), 0);
    await assertQuiet(browser);
  });
});

test("several deletions are undone together, and a closed page does not stop them", async () => {
  const own = await world.server("--archive", "--sync-every", "1s");
  const ids = [];
  for (const title of ["One", "Two"]) ids.push(await own.newChat(title));
  for (const id of ids) await say(own, id, `needle ${id}`);
  await archived(own, "needle");
  await world.browse({}, async (browser) => {
    await browser.open(`${own.url}/#/`);
    await browser.shown(`[data-id="${ids[0]}"]`);
    await remove(browser, ids[0]);
    await browser.says("#toast", "Chat deleted");
    await remove(browser, ids[1]);
    await browser.says("#toast", "2 chats deleted");
    await browser.click("#toast-undo");
    for (const id of ids) await browser.shown(`[data-id="${id}"]`);
    await remove(browser, ids[0]);
    await browser.says("#toast", "Chat deleted");
    await browser.open("about:blank");
    while (await isThere(own, ids[0])) await browser.nextFrame();
    assert.equal(await isThere(own, ids[1]), true);
  });
});

test("the trash lists deleted chats, restores them to the archive, and purges after a question", async () => {
  const own = await world.server("--archive", "--sync-every", "1s");
  const ids = [];
  for (const title of ["First", "Second", "Third"]) {
    ids.push(await own.newChat(title));
    await say(own, ids.at(-1), `pineapple ${title}`);
  }
  await archived(own, "Third");
  for (const id of ids) await own.call("DELETE", `/api/chats/${id}`);
  await world.browse({}, async (browser) => {
    const at = (title) => browser.run("return [...document.querySelectorAll('#trash-list li')].findIndex((row) => row.innerText.includes(arguments[0])) + 1", title);
    await browser.open(`${own.url}/#/`);
    await browser.click("#open-more");
    await picture(browser, "more-menu");
    await browser.click("#more-trash");
    await browser.says("#trash-list", "Second");
    await picture(browser, "trash");
    await assertAccessible(browser, "trash");
    await browser.click(`#trash-list li:nth-child(${await at("First")}) .button`);
    await browser.says("#trash-note", "in the archive again");
    await browser.until("return document.querySelectorAll('#trash-list li').length === 2");
    await browser.click(`#trash-list li:nth-child(${await at("Second")}) .danger`);
    await browser.says("#trash-list", "No copy stays");
    await picture(browser, "trash-question");
    assert.equal((await own.call("POST", "/api/chat/search", { query: "pineapple" })).results.length > 0, true);
    await browser.click(`#trash-list li:nth-child(${await at("Second")}) .danger`);
    await browser.until("return document.querySelectorAll('#trash-list li').length === 1");
    const found = await own.call("POST", "/api/chat/search", { query: "pineapple Second" });
    assert.deepEqual(found.results, []);
    await browser.click("#trash-list a");
    await browser.says("#stored", "no longer has this chat");
    await browser.click("#open-more");
    await browser.click("#more-trash");
    await browser.click("#trash-empty");
    await browser.says("#trash-empty", "Really");
    await browser.click("#trash-empty");
    await browser.says("#trash-list", "The trash is empty");
    await assertQuiet(browser);
  });
});

test("statistics show the archive, and update it", async () => {
  const own = await world.server("--archive");
  const id = await own.newChat("Counted");
  await say(own, id, "one two three");
  for (const [name, options] of [["light", {}], ["narrow-zh", { width: 320, height: 640, dark: true, language: "zh-CN" }]]) {
    await world.browse(options, async (browser) => {
      await browser.open(`${own.url}/#/`);
      if (options.width) {
        await browser.click("#open-sidebar");
        await browser.until("return document.querySelector('#sidebar').getBoundingClientRect().left === 0");
      }
      await browser.click("#open-more");
      await browser.click("#more-stats");
      await browser.shown("#stats-sync");
      if (!options.width) await browser.says("#stats-state", "never");
      await browser.click("#stats-sync");
      await browser.shown("#stats-bars tr");
      await browser.until("return !document.querySelector('#stats-sync').disabled");
      const messages = await browser.run("return [...document.querySelectorAll('#stats-state dd')][1].innerText");
      assert.equal(messages, "2");
      await browser.click('#stats-by [data-by="weekday"]');
      await browser.until("return document.querySelector('#stats-by [data-by=weekday]').getAttribute('aria-pressed') === 'true'");
      await browser.click('#stats-by [data-by="month"]');
      await picture(browser, `stats-${name}`);
      await assertAccessible(browser, `stats ${name}`);
      await assertQuiet(browser);
    });
  }
});
