import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { render } from "../../../../components/remote/template";

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
