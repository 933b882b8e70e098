// Answers as models write them: formulas, footnotes, notes, and a little HTML.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, assertAccessible, assertQuiet, open, world } from "./pages.mjs";
import { picture } from "./world.mjs";

const ANSWER = String.raw`Nghiệm của phương trình $ax^2 + bx + c = 0$ là

$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$

Trong đó \(\Delta = b^2 - 4ac\). 分段函数：

\[f(x) = \begin{cases} x^2 & \text{nếu } x \ge 0 \\ -x & \text{其他} \end{cases} \qquad A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}\]

\begin{align} (a+b)^2 &= a^2 + 2ab + b^2 \\ &= \boxed{c} \end{align}

$$\sum_{i=1}^{n} i = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14 + 15 + 16 + 17 + 18 + \dots + n$$

This stays: $\unknown{x}$, and $5 and $6.

> [!WARNING]
> H<sub>2</sub>SO<sub>4</sub> is *strong*.<br>Press <kbd>Ctrl</kbd>.

Fact[^1].

<details>
<summary>More</summary>

Inner **text**

</details>

- [x] done
- [ ] open

[^1]: From https://docs.example/a.`;

for (const [name, options] of [["wide", { width: 1280, height: 1200 }], ["narrow-dark", { width: 320, height: 700, dark: true, language: "vi-VN" }]]) {
  test(`${name}: formulas, footnotes, notes and details are shown, and copied as they were written`, async () => {
    await world.browse(options, async (browser) => {
      await open(browser);
      await ask(browser, `[[deltas:${ANSWER}]]`);
      await browser.until("return document.querySelectorAll('.answer math').length === 6");
      assert.ok((await browser.run("return document.querySelector('.answer math mfrac').getBoundingClientRect().height")) > 20);
      assert.equal(await browser.text(".answer code.tex"), String.raw`$\unknown{x}$`);
      assert.match(await browser.text(".answer .text"), /\$5 and \$6/);
      assert.equal(await browser.run("return getComputedStyle(document.querySelector('.answer mrow.boxed')).borderTopStyle"), "solid");
      assert.equal(await browser.run("return getComputedStyle(document.querySelector('.answer mtable.menv-align mtd')).textAlign"), "-webkit-right");
      assert.equal(await browser.text(".answer sup.note"), "1");
      assert.match(await browser.text(".answer ol.notes"), /From https:\/\/docs\.example\/a\./);
      const alert = "return getComputedStyle(document.querySelector('.answer blockquote'), '::before').content";
      assert.equal(await browser.run(alert), options.language ? '"Cảnh báo"' : '"Warning"');
      await picture(browser, `markdown-${name}-end`);
      await browser.run("document.querySelector('.answer .text summary').click(); document.querySelector('#scroller').scrollTop = document.querySelector('.answer').offsetTop - 60");
      await browser.says(".answer .text details", "Inner text");
      await picture(browser, `markdown-${name}`);
      await assertAccessible(browser, name);
      const { wide, scrolls } = await browser.run("const s = document.querySelector('#scroller'); return { wide: document.documentElement.scrollWidth > innerWidth, scrolls: s.scrollWidth > s.clientWidth }");
      assert.deepEqual({ wide, scrolls }, { wide: false, scrolls: false });
      const copied = await browser.run(`
        let copied = null;
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(".answer .text"));
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        const data = new DataTransfer();
        document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }));
        return data.getData("text/plain");`);
      assert.ok(copied.includes(String.raw`$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$`), copied);
      assert.ok(copied.includes("$ax^2 + bx + c = 0$"), copied);
      await assertQuiet(browser);
    });
  });
}
