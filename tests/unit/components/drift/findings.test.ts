// What a preview makes of the probe's answer.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFindings } from "../../../../components/drift/findings";

const record = (component: string, generation: string) =>
  `record\t${component}\tone\t${generation}\n`;
const drift = (component: string, text: string) => `drift\t${component}\tone\t${text}\n`;

describe("a probe's answer", () => {
  it("nothing changed: the recorded generation, so that no step changes", () => {
    const finding = readFindings(record("nginx-site", "g1")).of("nginx-site", "one");
    assert.deepEqual(finding, { generation: "g1", drift: [] });
  });

  it("a change by hand makes a new generation of that component alone", () => {
    const findings = readFindings(
      record("nginx-site", "g1") +
        drift("nginx-site", "/a: was changed") +
        record("deploy-hooks", "g2"),
    );
    const { generation, drift: sentences } = findings.of("nginx-site", "one");
    assert.notEqual(generation, "g1");
    assert.deepEqual(sentences, ["/a: was changed"]);
    assert.equal(findings.of("deploy-hooks", "one").generation, "g2");
  });

  it("the same finding gives the same generation: preview and up agree", () => {
    const text = record("a", "g1") + drift("a", "x");
    assert.deepEqual(readFindings(text).of("a", "one"), readFindings(text).of("a", "one"));
  });

  it("another finding gives another generation", () => {
    const of = (sentence: string) =>
      readFindings(record("a", "g1") + drift("a", sentence)).of("a", "one").generation;
    assert.notEqual(of("x"), of("y"));
  });

  it("a server that never had an up has no generation", () => {
    assert.equal(readFindings("").of("a", "one").generation, "");
  });

  it("a record that was removed is drift too", () => {
    const findings = readFindings(`lost\ttoken\n${record("b", "g2")}`);
    assert.notEqual(findings.of("a", "one").generation, "");
    assert.equal(findings.of("b", "one").generation, "g2");
  });

  it("has what nginx serves by hand, by host name", () => {
    const findings = readFindings(
      `serves\ta.example.org\t/one\nserves\ta.example.org\t/two\n${record("a", "g1")}`,
    );
    assert.deepEqual(findings.filesByHand("a.example.org"), ["/one", "/two"]);
    assert.deepEqual(findings.filesByHand("b.example.org"), []);
    assert.deepEqual([findings.has("a", "one"), findings.has("b", "one")], [true, false]);
  });

  describe("of a server that somebody else has got", () => {
    const sentences = (text: string) => readFindings(text).of("a", "one").drift;

    it("has nothing in it that a terminal obeys", () => {
      const wild = "/a\u001b]0;x\u0007: \u009b2J\u202eb\u2066\r\u0000c\u200d was changed";
      const found = sentences(record("a", "g1") + drift("a", wild));
      assert.deepEqual(found, ["/a]0;x: 2Jbc was changed"]);
    });

    it("has sentences that end", () => {
      const [sentence = ""] = sentences(record("a", "g1") + drift("a", "x".repeat(1_000_000)));
      assert.equal(sentence, `${"x".repeat(299)}…`);
    });

    it("has so many sentences and no more", () => {
      const many = Array.from({ length: 10_000 }, (_, index) => drift("a", `/${index}`)).join("");
      const found = sentences(record("a", "g1") + many);
      assert.equal(found.length, 51);
      assert.deepEqual(found.slice(-2), ["/49", "and 9950 more"]);
    });

    it("puts nothing of its own into a program or the state", () => {
      for (const odd of ["$(id)", "a b", "\u001b[2J", "x".repeat(65), "'"]) {
        const { generation } = readFindings(record("a", odd)).of("a", "one");
        assert.match(generation, /^[0-9a-f]{12}$/, odd);
      }
      const findings = readFindings("record\t../x\tone\tg1\nrecord\ta\t__proto__\tg1\n");
      assert.equal(findings.of("../x", "one").generation, "");
      assert.equal(findings.of("a", "__proto__").generation, "");
    });
  });
});
