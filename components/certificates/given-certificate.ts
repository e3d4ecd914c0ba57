import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { certificateNames } from "../../stacks/edge";
import type { SiteSettings, StackSettings } from "../../stacks/schema";

/** A certificate that the stack file names. */
export interface GivenCertificate {
  /** The certificate and its chain, in PEM. */
  chain: string;
}

/** Values of the secrets that a site's edge needs, by name: no variables of the application. */
export type EdgeSecrets = Record<string, string>;

/**
 * The certificates of files, by site, each looked at together with its key.
 *
 * @param folder where their paths start from: the stack file's
 * @throws pulumi.RunError that names each that is missing, or that no browser would take
 */
export function givenCertificates(
  { sites }: StackSettings,
  secrets: Record<string, EdgeSecrets>,
  folder: string,
): Record<string, GivenCertificate> {
  const troubles: string[] = [];
  const found: Record<string, GivenCertificate> = {};
  for (const [site, settings] of Object.entries(sites)) {
    const { tls } = settings;
    if (typeof tls !== "object" || !("certificate" in tls)) continue;
    const file = resolve(folder, tls.certificate);
    try {
      const chain = readFileSync(file, "utf8");
      found[site] = { chain };
      const setting = `sites.${site}.tls`;
      troubles.push(
        ...certificateTroubles(settings, chain, secrets[site]?.[tls.key] ?? "").map(
          (trouble) => `${setting}: ${file} ${trouble}`,
        ),
      );
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      troubles.push(
        `sites.${site}.tls.certificate: ${file} can't be read (${code ?? "it is no text"}). Name the certificate's file, from the stack file's folder.`,
      );
    }
  }
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
  return found;
}

/** What is wrong with a certificate and its key, in words that go on after the file's name. */
export function certificateTroubles(settings: SiteSettings, chain: string, key: string): string[] {
  const blocks = chain.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return ["has no certificate in PEM (-----BEGIN CERTIFICATE-----)"];
  if (chain.includes("PRIVATE KEY"))
    return ["has a private key: keep that in the secret that tls.key names, and nowhere else"];
  let certificates: X509Certificate[];
  try {
    certificates = blocks.map((block) => new X509Certificate(block));
  } catch {
    return ["has a certificate that can't be read"];
  }
  const [own, ...above] = certificates;
  if (own === undefined) return [];
  const troubles: string[] = [];
  try {
    if (!own.checkPrivateKey(createPrivateKey(key)))
      troubles.push("and the secret that tls.key names do not belong together");
  } catch {
    troubles.push(
      "has a key, the secret that tls.key names, which is no private key in PEM without a passphrase",
    );
  }
  if (new Date(own.validTo).getTime() <= Date.now()) troubles.push(`has expired on ${own.validTo}`);
  const names = (own.subjectAltName ?? "").toLowerCase().split(/,\s*/);
  const isIn = (name: string) => names.includes(`dns:${name}`);
  const isGood = (name: string) => {
    if (name.startsWith("*.")) return isIn(name);
    return (isIP(name) > 0 ? own.checkIP(name) : own.checkHost(name)) !== undefined;
  };
  const without = certificateNames(settings).filter(
    (name) => !name.endsWith(".*") && !isGood(name),
  );
  if (without.length > 0) troubles.push(`is not for ${without.join(", ")}`);
  const wrong = above.findIndex((issuer, at) => certificates[at]?.checkIssued(issuer) !== true);
  if (wrong >= 0)
    troubles.push(
      `has its certificates in another order than nginx needs: the site's own first, then each that has signed the one before (number ${wrong + 2} has not)`,
    );
  return troubles;
}
