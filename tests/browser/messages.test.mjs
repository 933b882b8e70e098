// Around the text of messages: thoughts, sources, code, tables, and what can be done with an answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FINISHED, ask, assertAccessible, assertQuiet, open, send, shownPrompts, world } from "./pages.mjs";
import { KEYS } from "./webdriver.mjs";
import { picture } from "./world.mjs";

const LONG_CODE = `\`\`\`js\n${Array.from({ length: 60 }, (_, line) => `const line${line} = ${line}; // ${line === 3 ? "a long comment ".repeat(20) : ""}`).join("\n")}\n\`\`\``;

/** Every event of this kind, with the text that the page copies. */
const CATCH_COPIES = "globalThis.copies = []; navigator.clipboard.writeText = async (text) => { copies.push(text); }";

test("thinking is one live line with seconds, and afterwards says how long it took", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run("globalThis.lines = []; new MutationObserver(() => { const title = document.querySelector('.thought-title')?.innerText, line = document.querySelector('.thought-line')?.innerText; if (line) lines.push(`${title}|${line}`); }).observe(document.body, { subtree: true, childList: true, characterData: true })");
    await send(browser, "[[think]] [[slow:120]] [[lorem:30]] Why?");
    await browser.shown(".thinking");
    await browser.shown(FINISHED);
    const lines = await browser.run("return lines");
    assert.ok(lines.some((line) => /^Thinking for \d+ s\|/.test(line)), lines.slice(0, 5).join("\n"));
    assert.match(await browser.text(".thought-title"), /^Thought for \d+ s$/);
    assert.equal(await browser.text(".thought-line"), "");
    await browser.click(".thinking summary");
    await browser.shown(".thought-steps li strong");
    await picture(browser, "thoughts");
    await assertAccessible(browser, "thoughts");
    const title = await browser.text(".thought-title");
    await browser.reload();
    await browser.shown(FINISHED);
    assert.equal(await browser.text(".thought-title"), title);
    await assertQuiet(browser);
  });
});

test("queries are chips, sources are merged, and a mark shows its source", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.click("#search");
    await ask(browser, "What is new?");
    assert.ok((await browser.count(".queries li")) > 0);
    await browser.says(".sources summary", "source");
    await browser.run("document.querySelector('a.cite').focus()");
    await browser.shown("#cite-card");
    await browser.says("#cite-card", "Page 1");
    assert.equal(await browser.run("return document.querySelector('a.cite').getAttribute('aria-describedby')"), "cite-card");
    await picture(browser, "cite-card");
    await assertAccessible(browser, "card of a source");
    await browser.press(KEYS.escape);
    await browser.gone("#cite-card");
    await browser.click(".sources summary");
    await picture(browser, "sources");
    await assertAccessible(browser, "sources");
    await assertQuiet(browser);
  });
});

test("long code has line numbers, a head that stays, wrapped lines and a download", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run(CATCH_COPIES);
    await ask(browser, LONG_CODE);
    assert.equal(await browser.run("return document.querySelector('.answer .line-numbers').dataset.lines.split('\\n').length"), 60);
    await browser.run("document.querySelector('#scroller').scrollTop = document.querySelector('.answer .code').offsetTop + 400");
    await browser.nextFrame();
    const top = await browser.run("const head = document.querySelector('.answer .code-head').getBoundingClientRect(); return [head.top - document.querySelector('#scroller').getBoundingClientRect().top, head.bottom]");
    assert.ok(Math.abs(top[0]) < 2, `the head is ${top[0]} from the top`);
    await picture(browser, "code-head");
    assert.equal(await browser.run("return document.querySelector('.answer .code pre').classList.contains('more-after')"), true);
    await browser.click(".answer .code .wrap");
    await browser.until("const pre = document.querySelector('.answer .code pre'); return pre.scrollWidth <= pre.clientWidth && !pre.classList.contains('more-after')");
    assert.equal(await browser.count(".code .wrap[aria-pressed=true]"), await browser.count(".code .wrap"));
    await browser.click(".answer .code .copy");
    assert.match((await browser.run("return copies"))[0], /^const line0 = 0; \/\/ \nconst line1/);
    await browser.run("globalThis.named = []; HTMLAnchorElement.prototype.click = function () { named.push(this.download) }; document.querySelector('.answer .code .tool:not(.wrap)').click()");
    assert.deepEqual(await browser.run("return named"), ["code.js"]);
    await assertAccessible(browser, "long code");
    await browser.reload();
    await browser.shown(".answer .code");
    assert.equal(await browser.count("html.wrap-code"), 1);
    await assertQuiet(browser);
  });
});

test("HTML and SVG are previewed in a frame that runs no script and loads nothing", async () => {
  const hostile = [
    "```html",
    "<style>body { background: rgb(1, 2, 3) }</style>",
    "<meta http-equiv=refresh content='0;url=https://pages.example/'>",
    "<h1 id=it>Preview</h1><img src=x onerror=\"parent.postMessage('hacked','*')\"><script>parent.postMessage('hacked', '*')</script>",
    "<img src='https://pages.example/x.png'><iframe src=https://pages.example></iframe><link rel=preconnect href=https://pages.example>",
    "<a id=link href='/api/session'>x</a>",
    "```",
  ].join("\n");
  await world.browse({}, async (browser) => {
    await open(browser);
    await browser.run("globalThis.heard = []; addEventListener('message', ({ data }) => heard.push(data))");
    await ask(browser, hostile);
    await browser.click(".answer .preview-toggle");
    await browser.shown(".answer iframe.preview");
    assert.equal(await browser.run("return document.querySelector('iframe.preview').sandbox.value"), "allow-scripts");
    await browser.enter(".answer iframe.preview");
    await browser.until("return document.querySelector('#it')?.innerText === 'Preview'");
    assert.equal(await browser.run("return getComputedStyle(document.body).backgroundColor"), "rgb(1, 2, 3)");
    assert.equal(await browser.count("script, meta, iframe, link"), 0);
    assert.equal(await browser.run("return origin"), "null");
    const blocked = await browser.runAsync("const done = arguments[0]; fetch('/api/session').then(() => done('sent'), () => done('blocked'))");
    assert.equal(blocked, "blocked");
    await browser.enter(null);
    assert.deepEqual(await browser.run("return heard"), []);
    await picture(browser, "preview");
    await assertAccessible(browser, "preview");
    await browser.click(".answer .preview-toggle");
    await browser.gone(".answer iframe.preview");
    await browser.shown(".answer .code pre");
    // Only what the frame refuses has been reported.
    for (const line of await browser.console()) assert.match(line, /preview\.html/, line);
  });
});

test("a table can be copied for other programs, and shows that it scrolls", async () => {
  await world.browse({ width: 320, height: 700 }, async (browser) => {
    await open(browser);
    await browser.run(CATCH_COPIES);
    const head = Array.from({ length: 12 }, (_, column) => `column ${column}`);
    await ask(browser, `| ${head.join(" | ")} |\n|${"--:|".repeat(12)}\n| ${head.map((_, column) => `${column},5`).join(" | ")} |`);
    await browser.until("return document.querySelector('.answer .table').classList.contains('more-after')");
    assert.equal(await browser.run("return document.querySelector('.answer .table').classList.contains('more-before')"), false);
    await browser.run("document.querySelector('.answer .table').scrollLeft = 100");
    await browser.until("return document.querySelector('.answer .table').classList.contains('more-before')");
    await browser.run("document.querySelector('.answer .table-tools').querySelectorAll('.copy').forEach((button) => button.click())");
    await browser.until("return copies.length === 2");
    const [csv, markdown] = await browser.run("return copies");
    assert.match(csv, /^column 0,column 1,.*\r\n"0,5","1,5"/);
    assert.match(markdown, /^\| column 0 \|.*\n\| ---: \|/);
    await browser.run("document.querySelector('.answer .table-tools .copy').focus()");
    await picture(browser, "table-narrow");
    await assertAccessible(browser, "table");
    await assertQuiet(browser);
  });
});

test("code in a prompt is shown as code", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Why does this fail?\n\n```diff\n- old line\n+ new line\n```\nThanks");
    assert.equal(await browser.count(".bubble .code .code-added"), 1);
    assert.match((await shownPrompts(browser))[0], /^Why does this fail\?[\s\S]*new line[\s\S]*Thanks$/);
    await browser.run("document.querySelector('.prompt .edit').click()");
    assert.match(await browser.run("return document.querySelector('#prompt').value"), /\n```diff\n- old line/);
    await browser.press(KEYS.escape);
    await picture(browser, "prompt-code");
    await assertAccessible(browser, "code in a prompt");
    await assertQuiet(browser);
  });
});

test("an answer is requested again from another model, and with thinking", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Who are you?");
    const models = await browser.run("return [...document.querySelectorAll('#model option')].map(({ value }) => value)");
    await browser.click(".answer .retry-with");
    await browser.shown(".retry-menu");
    await picture(browser, "retry-menu");
    await assertAccessible(browser, "menu of retries");
    assert.equal(await browser.run("return document.activeElement.getAttribute('role')"), "menuitem");
    await browser.press(KEYS.enter);
    await browser.says(".versions", "2/2");
    await browser.shown(FINISHED);
    await browser.shown(".thinking");
    assert.equal(await browser.count("#think[aria-pressed=true]"), 0);
    await browser.click(".answer .retry-with");
    await browser.run("[...document.querySelectorAll('.retry-menu button')].at(-1).click()");
    await browser.says(".versions", "3/3");
    await browser.shown(FINISHED);
    const by = await browser.text(".answer:last-child .by");
    assert.ok(models.slice(1).some((model) => by === model), by);
    assert.equal(await browser.run("return document.querySelector('#model').value"), models[0]);
    assert.match(await browser.run("return document.querySelector('.answer:last-child .facts').textContent"), /\d+:\d\d.* · \d+ tokens/);
    await assertQuiet(browser);
  });
});

test("an answer is read aloud, and the second click ends it", async () => {
  await world.browse({}, async (browser) => {
    await open(browser);
    await ask(browser, "Read this");
    await browser.run("globalThis.said = []; Object.defineProperty(globalThis, 'speechSynthesis', { value: { speaking: false, speak(words) { this.speaking = true; said.push(words.text); }, cancel() { this.speaking = false; } } })");
    await browser.click(".answer .speak");
    assert.match((await browser.run("return said"))[0], /^You wrote[\s\S]*Read this/);
    await browser.click(".answer .speak");
    assert.equal((await browser.run("return said")).length, 1);
    await assertQuiet(browser);
  });
});
