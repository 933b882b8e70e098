// Nothing that was typed is lost: drafts, edits, and messages that failed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GROWING, ask, assertAccessible, assertQuiet, chatId, open, send, server, shownPrompts, world, write, written } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

test("each chat keeps its draft, also over a reload", async () => {
  const id = await server.newChat("With a draft");
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.shown(".empty");
    await browser.type("#prompt", "for this chat");
    await browser.click("#new-chat");
    await browser.until("return document.querySelector('#prompt').value === ''");
    await browser.type("#prompt", "for a new one");
    await browser.reload();
    await browser.shown("#model");
    assert.equal(await written(browser), "for a new one");
    await browser.run("location.hash = arguments[0]", `#/c/${id}`);
    await browser.until("return document.querySelector('#prompt').value === 'for this chat'");
    await browser.press(KEYS.enter);
    await browser.run("document.querySelector('#prompt').focus()");
    await browser.press(KEYS.enter);
    await browser.shown('[data-state="done"]');
    await browser.reload();
    await browser.shown('[data-state="done"]');
    assert.equal(await written(browser), "", "a sent message is no draft");
    await assertQuiet(browser);
  });
});

test("a draft of an earlier tab that is sent does not come back", async () => {
  const id = await server.newChat("Begun elsewhere");
  await world.browse({}, async (browser) => {
    await open(browser, `#/c/${id}`);
    await browser.shown(".empty");
    await browser.type("#prompt", "begun elsewhere");
    await browser.tab(`${server.url}/#/c/${id}`);
    await browser.shown(".empty");
    await browser.shown("#model");
    assert.equal(await written(browser), "begun elsewhere");
    await browser.click("#send");
    await browser.shown('[data-state="done"]');
    await browser.reload();
    await browser.shown('[data-state="done"]');
    assert.equal(await written(browser), "");
  });
});

test("an edit leaves the draft alone, and survives a reload", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "A question");
    await browser.shown("#send");
    await browser.type("#prompt", "my unsent draft");
    await browser.run("document.querySelector('.prompt .edit').click()");
    assert.equal(await written(browser), "A question");
    await browser.press(KEYS.escape);
    assert.equal(await written(browser), "my unsent draft");
    await browser.run("document.querySelector('.prompt .edit').click()");
    await browser.type("#prompt", " in other words");
    await browser.reload();
    await browser.shown(".composer.editing");
    assert.equal(await written(browser), "A question in other words");
    await picture(browser, "editing");
    await browser.run("document.querySelector('#prompt').focus()");
    await browser.press(KEYS.enter);
    await browser.says(".answer .text", "A question in other words");
    assert.equal(await written(browser), "my unsent draft");
    assert.deepEqual(await shownPrompts(browser), ["A question in other words"]);
  });
});

test("a first message that fails leaves no chat, and its words go back into the box", async () => {
  const quiet = await world.server();
  await world.browse({}, async (browser) => {
    await browser.open(`${quiet.url}/`);
    await browser.shown("#model");
    for (const fault of ["F33", "F39", "F37", "F22"]) {
      await write(browser, `[[fault:${fault}]] precious words`);
      await browser.click("#send");
      await browser.shown(".failure");
      await browser.until("return document.querySelector('#prompt').value === arguments[0]", `[[fault:${fault}]] precious words`);
      await browser.until("return location.hash === '#/'");
      assert.equal(await browser.count("#chats li"), 0, fault);
      assert.deepEqual(await quiet.titles(), [], fault);
      await browser.reload();
      await browser.shown("#model");
      assert.equal(await written(browser), `[[fault:${fault}]] precious words`, "also after a reload");
    }
    await picture(browser, "given-back");
    await send(browser, "[[fault:F63]] half a start");
    await browser.shown(".failure");
    await browser.says("#chats", "half a start");
    await browser.until("return /^#\\/c\\//.test(location.hash)");
    const titled = async () => (await quiet.titles()).every((title) => title.includes("half a start"));
    for (const end = Date.now() + 5_000; !(await titled()) && Date.now() < end; ) await browser.nextFrame();
    assert.ok(await titled(), "what stays has the message as its title");
  });
});

test("a later message that fails stays with its remedy, until it is sent or discarded", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Before");
    await browser.shown("#send");
    await send(browser, "[[fault:F33]] precious words");
    await browser.shown(".failure .retry");
    await browser.reload();
    await browser.says(".prompt.unsent", "precious words");
    await browser.says(".failure", "quota");
    assert.match(await browser.text(".failure .retry"), /in (2:59:\d\d|3:00:00)/, "the time that is left");
    await picture(browser, "unsent");
    await assertAccessible(browser, "unsent");
    const id = await chatId(browser);
    const first = await browser.handle();
    await browser.tab(`${server.url}/#/c/${id}`);
    await browser.says(".prompt.unsent", "precious words");
    await browser.use(first);
    await browser.run("document.querySelector('.prompt.unsent .edit').click()");
    await ask(browser, "plain words", 2);
    assert.deepEqual(await shownPrompts(browser), ["Before", "plain words"]);
    await send(browser, "[[fault:F37]] more words");
    await browser.shown(".prompt.unsent .discard");
    await browser.run("document.querySelector('.prompt.unsent .discard').click()");
    assert.deepEqual(await shownPrompts(browser), ["Before", "plain words"]);
    await browser.reload();
    await browser.shown(".answer:last-child[data-state=done]");
    assert.deepEqual(await shownPrompts(browser), ["Before", "plain words"]);
    const messages = await server.messages(id);
    assert.deepEqual(messages.filter(({ role }) => role === "user").map(({ content }) => content), ["Before", "plain words"]);
  });
});

test("Enter while an answer is written sends the message after it", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await send(browser, "[[lorem:60]] [[slow:30]]");
    await browser.until(GROWING);
    await browser.type("#prompt", `the next one${KEYS.enter}`);
    await browser.says("#queue", "Sent when this answer is finished");
    await picture(browser, "queued");
    await browser.until("return document.querySelectorAll('[data-state=done]').length === 2");
    await browser.says(".answer:last-child .text", "the next one");
    assert.equal(await written(browser), "");
    await browser.shown("#send");
    await send(browser, "[[lorem:5000]] [[slow:30]]");
    await browser.until(GROWING);
    await browser.type("#prompt", `not this one${KEYS.enter}`);
    await browser.press(KEYS.escape);
    assert.equal(await browser.count("[data-state=growing]"), 1, "the first Esc takes the message out of the queue");
    await browser.press(KEYS.escape);
    await browser.shown('[data-state="stopped"]');
    assert.equal(await written(browser), "not this one");
  });
});

test("a system prompt that the account keeps in front of a message is not shown, and sent once", async () => {
  const { server: bare, token } = await world.serverWithoutToken();
  await world.browse({}, async (browser) => {
    await browser.open(`${bare.url}/assets/`);
    await browser.run("localStorage.setItem('qwen_token', arguments[0]); localStorage.setItem('qwen_system_prompt', 'Answer in Vietnamese')", token);
    await browser.open(`${bare.url}/#/`);
    await browser.shown("#model");
    await ask(browser, "hi there");
    const id = await chatId(browser);
    const prompts = async () => {
      const { data } = await bare.call("GET", `/api/chats/${id}?tree=true`, undefined, token);
      return data.messages.filter(({ role }) => role === "user").map(({ content }) => content);
    };
    assert.deepEqual(await prompts(), ["Answer in Vietnamese\n\nhi there"], "as the real account keeps it");
    await browser.until("return !document.querySelector('#title').innerText.includes('Vietnamese')");
    await browser.reload();
    await browser.shown('[data-state="done"]');
    assert.deepEqual(await shownPrompts(browser), ["hi there"]);
    await browser.says("#title", "hi there");
    await browser.until("return document.querySelector('#chats li').innerText.trim() === 'hi there'");
    await browser.run("document.querySelector('.prompt .edit').click()");
    assert.equal(await written(browser), "hi there");
    await browser.type("#prompt", `, you${KEYS.enter}`);
    await browser.says(".answer .text", "hi there, you");
    assert.deepEqual((await prompts()).at(-1), "Answer in Vietnamese\n\nhi there, you");
  });
});
