// The pages that nginx has of its own, looked at in a real browser: in light and dark, on a wide screen and a phone.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { page, pageNames } from "../../components/nginx/pages";
import { Browser, type View } from "./support/browser";

const views: View[] = (["light", "dark"] as const).flatMap((scheme) => [
  { scheme, width: 1000, height: 500 },
  { scheme, width: 320, height: 568 },
]);

const pictures = join(__dirname, "..", "..", "docs", "how-to", "pictures");

/** What can be measured in a page. */
interface Measured {
  title: string;
  heading: string;
  lang: string;
  landmarks: number;
  /** Of the heading: its width and height. */
  size: [number, number];
  /** Of the whole page, also of what a person would have to scroll to. */
  width: number;
  /** The colours of each element with a text, and of what is behind it. */
  texts: { tag: string; color: string; behind: string; pixels: number }[];
  requests: string[];
}

const measure = `(() => {
  const seen = (color) => !/^rgba\\(.*, 0\\)$/.test(color);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (seen(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const heading = document.querySelector("main h1").getBoundingClientRect();
  const root = document.documentElement;
  return {
    title: document.title,
    heading: document.querySelector("h1").innerText,
    lang: root.lang,
    landmarks: document.querySelectorAll("main").length,
    size: [heading.width, heading.height],
    width: root.scrollWidth,
    texts: [...document.body.querySelectorAll("*")]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .map((element) => ({
        tag: element.tagName,
        color: getComputedStyle(element).color,
        behind: behind(element),
        pixels: parseFloat(getComputedStyle(element).fontSize),
      })),
    requests: performance.getEntriesByType("resource").map((each) => each.name),
  };
})()`;

/** The contrast of two colours, as WCAG 2 computes it. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [one, other].map(luminance).sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  assert.ok(parts, color);
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe("the pages of nginx in a browser", { timeout: 300_000 }, () => {
  let browser: Browser;
  let server: Server;
  let address: string;
  const asked: string[] = [];

  before(async () => {
    server = createServer(({ url = "" }, answer) => {
      asked.push(url);
      const name = pageNames.find((each) => url === `/${each}`);
      answer.setHeader("Content-Type", "text/html").end(name === undefined ? "" : page(name));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await Browser.start();
  });
  after(async () => {
    await browser.close();
    server.close();
  });

  for (const name of pageNames)
    for (const view of views)
      it(`${name}, ${view.scheme}, ${view.width} pixels`, async () => {
        asked.length = 0;
        await browser.open(`${address}/${name}`, view);
        const found = await browser.evaluate<Measured>(measure);
        assert.ok(found.heading.length > 10 && found.heading === found.title, found.heading);
        assert.deepEqual([found.lang, found.landmarks], ["en", 1]);
        assert.ok(found.size[0] > 200 && found.size[1] > 20, String(found.size));
        assert.ok(found.width <= view.width, `${found.width} pixels wide`);
        assert.ok(found.texts.length >= 3);
        for (const { tag, color, behind, pixels } of found.texts) {
          const ratio = contrast(color, behind);
          assert.ok(ratio >= 4.5, `${tag}: ${color} on ${behind} has a contrast of ${ratio}`);
          assert.ok(pixels >= 13, `${tag}: ${pixels} pixels`);
        }
        const background = found.texts[0]?.behind ?? "";
        assert.equal(luminance(background) > 0.5, view.scheme === "light", background);
        assert.deepEqual([found.requests, asked], [[], [`/${name}`]]);
        assert.deepEqual(browser.complaints, []);
      });

  for (const scheme of ["light", "dark"] as const)
    it(`the picture in the docs, ${scheme}`, async () => {
      const file = join(pictures, `maintenance-${scheme}.png`);
      await browser.open(`${address}/maintenance`, { scheme, width: 800, height: 280 });
      const picture = await browser.picture();
      // To make the pictures of the docs anew, after a change of the page.
      if (process.env["GREENPUSH_WRITE_PICTURES"] === "1") writeFileSync(file, picture);
      const kept = readFileSync(file);
      assert.ok(kept.length < 60_000, `${kept.length} bytes`);
      // Letters are not the same everywhere, but the size is.
      assert.deepEqual(kept.subarray(0, 24), picture.subarray(0, 24));
    });
});
