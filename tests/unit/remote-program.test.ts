// The text that a server gets, and what stands in it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { composeProgram } from "../../components/remote/program";
import { quote } from "../../components/remote/quote";
import { render } from "../../components/remote/template";

describe("quote", () => {
  for (const text of ["", "plain", "two words", "it's", '$HOME `id` \\ "', "a\nb", "-n", "ümläut"])
    it(`gives a shell ${JSON.stringify(text)} as it is`, () => {
      const { stdout } = spawnSync("sh", ["-c", `printf %s ${quote(text)}`], { encoding: "utf8" });
      assert.equal(stdout, text);
    });
});

describe("render", () => {
  it("fills names, repeats the line of a list, drops the line of what is not there", () => {
    const template = "a {{one}}\n  b {{many}};\nc {{none}}\nd";
    const values = { one: 1, many: ["x", "y"], none: undefined };
    assert.equal(render(template, values), "a 1\n  b x;\n  b y;\nd");
  });

  it("names what has no value", () => {
    assert.throws(() => render("{{other}}", {}), /\{\{other\}\}, which has no value/);
  });

  const strange = ["$$", "$&", "$'", "$`", "$1", "{{x}}", "{{one}}", "\\", "a\nb", "\u2028"];
  for (const text of [...strange, "location ~ '\\.php$' { return 404; }"])
    it(`leaves a value as it is: ${JSON.stringify(text)}`, () => {
      assert.equal(render("<{{one}}>", { one: text }), `<${text}>`);
      assert.equal(render("<{{one}}>", { one: [text, text] }), `<${text}>\n<${text}>`);
      assert.equal(
        render("{{one}} {{two}} {{one}}", { one: text, two: text }),
        `${text} ${text} ${text}`,
      );
    });

  it("repeats a line for each of two lists", () => {
    const values = { one: ["a", "b"], two: ["c", "d"] };
    assert.equal(render("{{one}}{{two}}{{one}}", values), "aca\nada\nbcb\nbdb");
  });

  it("knows only the names that were given", () => {
    assert.throws(() => render("{{constructor}}", {}), /\{\{constructor\}\}, which has no value/);
  });
});

describe("a remote program", () => {
  const parts = {
    component: "nginx-site",
    name: "codebase",
    server: "own",
    stack: "test",
    values: {},
  };

  it("begins with its values, one a line", () => {
    const text = composeProgram({ ...parts, generation: "g1", values: { www: "/home/a b" } });
    const lines = text.split("\n");
    const at = lines.indexOf("component=nginx-site");
    assert.deepEqual(lines.slice(at, at + 6), [
      "component=nginx-site",
      "name=codebase",
      "server=own",
      "stack=test",
      "generation=g1",
      "www='/home/a b'",
    ]);
  });

  it("has values that can only be read", () => {
    const text = composeProgram({ ...parts, values: { www: "/home/a b" } });
    assert.match(text, /^readonly component name server stack generation www$/m);
  });

  it("differs in one line where one value differs", () => {
    const [one = [], other = []] = ["1", "2"].map((value) =>
      composeProgram({ ...parts, values: { value } }).split("\n"),
    );
    assert.equal(one.filter((line, index) => line !== other[index]).length, 1);
  });

  it("is a program that dash can read", () => {
    const text = composeProgram({ ...parts, files: { site: "text\n" } });
    const { status, stderr } = spawnSync("dash", ["-n"], { input: text, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });

  it("refuses texts that would end it early", () => {
    for (const line of ["GREENPUSH_FILE", "GREENPUSH_PROGRAM"])
      assert.throws(() => composeProgram({ ...parts, files: { site: `a\n${line}\nb` } }));
  });
});
