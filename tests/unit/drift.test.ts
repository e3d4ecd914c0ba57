// What the probe's answer means for a preview.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFindings } from "../../components/remote/drift";

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
});
