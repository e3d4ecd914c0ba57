// What is seen of a certificate of files before anything is touched: real ones, made by openssl.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  certificateTroubles,
  givenCertificates,
} from "../../../../components/certificates/given-certificate";
import { parseStack } from "../../../../stacks/load";

const head = `servers:
  own: {host: www.example.org, hostKey: ssh-ed25519 AAAA}
sites:
  shop:
    serverNames: [www.example.org]
`;
const settingsOf = (lines: string) => parseStack(`${head}${lines}`, "own.yaml");
const byFiles = "    tls: {certificate: chain.pem, key: KEY}\n";
const shop = (lines = "") => {
  const { shop } = settingsOf(`${byFiles}${lines}`).sites;
  if (shop === undefined) throw new Error("no site");
  return shop;
};

describe("a certificate of files", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...words: string[]) =>
    execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  let chain: string;

  before(() => {
    openssl(...["req", "-x509", ...key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem"]);
    writeFileSync(join(folder, "names"), "subjectAltName=DNS:www.example.org,DNS:*.example.net\n");
    openssl(...["req", "-new", ...key, "-subj", "/CN=site", "-keyout", "key.pem", "-out", "csr"]);
    const sign = ["x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key"];
    openssl(...sign, "-CAcreateserial", "-days", "30", "-extfile", "names", "-out", "own.pem");
    chain = read("own.pem") + read("ca.pem");
  });

  it("is good with its key and its chain", () => {
    assert.deepEqual(certificateTroubles(shop(), chain, read("key.pem")), []);
    assert.deepEqual(certificateTroubles(shop(), read("own.pem"), read("key.pem")), []);
  });

  it("is good for a name by a wildcard, and for a wildcard by the same", () => {
    const wild = shop('    aliases: [shop.example.net, "*.example.net"]\n');
    assert.deepEqual(certificateTroubles(wild, chain, read("key.pem")), []);
  });

  it("is not good", () => {
    const bad = (more: string, text: string, secret: string) =>
      certificateTroubles(shop(more), text, secret).join("; ");
    const own = read("key.pem");
    assert.match(bad("", chain, read("ca.key")), /do not belong together/);
    assert.match(bad("", chain, "no key"), /no private key in PEM/);
    assert.match(bad("", "", own), /has no certificate in PEM/);
    assert.match(bad("", chain + own, own), /has a private key: keep that in the secret/);
    assert.match(bad("    aliases: [example.org]\n", chain, own), /is not for example\.org$/);
    assert.match(
      bad('    aliases: ["*.example.org"]\n', chain, own),
      /is not for \*\.example\.org/,
    );
    assert.match(bad("", read("ca.pem") + read("own.pem"), read("ca.key")), /another order/);
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert.match(bad("", broken, own), /can't be read/);
  });

  it("that has expired is not good", () => {
    const sign = ["x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key"];
    openssl(...sign, "-CAcreateserial", "-days", "-1", "-extfile", "names", "-out", "old.pem");
    const [trouble = ""] = certificateTroubles(shop(), read("old.pem"), read("key.pem"));
    assert.match(trouble, /^has expired on /);
  });

  it("is looked at with its file's name, and all of a stack at once", () => {
    const settings = settingsOf(
      `${byFiles}  two:\n    serverNames: [two.example.org]\n    directory: two\n    tls: {certificate: none.pem, key: KEY}\n`,
    );
    writeFileSync(join(folder, "chain.pem"), chain);
    const secrets = { shop: { KEY: read("ca.key") }, two: { KEY: "" } };
    assert.throws(
      () => givenCertificates(settings, secrets, folder),
      /sites\.shop\.tls: .*chain\.pem and the secret[^]*sites\.two\.tls\.certificate: .*none\.pem can't be read \(ENOENT\)/,
    );
  });
});
