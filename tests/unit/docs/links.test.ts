// Each link of a page leads to a file that exists, and to a heading if it names one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";

const root = join(__dirname, "..", "..", "..");

const pages = execFileSync(
  "git",
  ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
  { cwd: root, encoding: "utf8" },
)
  .split("\0")
  .filter((name) => name !== "" && existsSync(join(root, name)));

/** A page without its code, which may contain text like links and headings. */
const prose = (text: string) => text.replace(/^( *)```[^]*?^\1```/gm, "").replace(/^ {4}.*$/gm, "");

/** The targets of a page's links. */
const targets = (text: string) =>
  [...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);

/** The anchors that GitHub makes from a page's headings. */
function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading = ""] of prose(text).matchAll(/^#{1,6} (.*)$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = shown.replace(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
    let repeated = 0;
    while (found.has(repeated ? `${anchor}-${String(repeated)}` : anchor)) repeated++;
    found.add(repeated ? `${anchor}-${String(repeated)}` : anchor);
  }
  return found;
}

/** What is wrong with a link of a page; "" if it resolves. */
function trouble(page: string, target: string): string {
  if (/^[a-z]+:/.test(target)) return "";
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(root, page) : join(root, dirname(page), decodeURI(path));
  const name = relative(root, file);
  if (name.startsWith("..")) return `${target} is outside of the repository`;
  if (!existsSync(file)) return `${target}: there is no ${name}`;
  if (anchor !== undefined && !anchors(readFileSync(file, "utf8")).has(anchor))
    return `${target}: ${name} has no heading #${anchor}`;
  return "";
}

describe("links", () => {
  for (const page of pages) {
    it(`of ${page} resolve`, () => {
      const text = readFileSync(join(root, page), "utf8");
      assert.deepEqual(
        targets(text)
          .map((target) => trouble(page, target))
          .filter(Boolean),
        [],
      );
    });
  }

  it("lead from the README to each page of docs/", () => {
    const seen = new Set<string>();
    const visit = (page: string) => {
      if (seen.has(page)) return;
      seen.add(page);
      for (const target of targets(readFileSync(join(root, page), "utf8"))) {
        const name = join(dirname(page), target.split("#")[0] ?? "");
        if (pages.includes(name)) visit(name);
      }
    };
    visit("README.md");
    const pagesOfDocs = pages.filter((page) => page.startsWith("docs/"));
    assert.deepEqual(
      pagesOfDocs.filter((page) => !seen.has(page)),
      [],
    );
  });
});
