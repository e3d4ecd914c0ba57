import { z } from "zod";
import * as texts from "../texts";

/** Two years, which is what lists of browsers ask for. */
const longest = 63_072_000;
const hstsAge = z.int().min(0).max(longest);

const hsts = z
  .union([
    hstsAge.transform((maxAge) => ({ maxAge, includeSubDomains: false, preload: false })),
    z.strictObject({
      maxAge: hstsAge.describe("Seconds"),
      includeSubDomains: z
        .boolean()
        .default(false)
        .describe("Whether it holds for all names below the site's, too"),
      preload: z
        .boolean()
        .default(false)
        .describe("Whether browsers may build it in: their list takes years to leave"),
    }),
  ])
  .default({ maxAge: 300, includeSubDomains: false, preload: false })
  .describe(
    "Seconds for which browsers ask for https only (Strict-Transport-Security), or `{ maxAge, includeSubDomains, preload }`: begin short, and make it longer when all works; 0 has browsers forget it. What the application says itself counts instead",
  );

const dns = z
  .strictObject({
    hook: texts.command.describe(
      "The command on the server that makes the record: `_acme-challenge.$CERTBOT_DOMAIN` with $CERTBOT_VALIDATION, as TXT; root runs it, and it returns when the record can be seen",
    ),
    cleanup: texts.command.optional().describe("The command that removes the record"),
    secrets: z
      .array(texts.variable)
      .default([])
      .describe(
        "Variables of these commands whose values are Pulumi secrets: `npx pulumi config set --secret --path secrets.SITE.NAME`",
      ),
  })
  .describe("Prove the names by records of DNS (DNS-01), as a wildcard needs it");

const eab = z
  .strictObject({
    kid: z
      .string()
      .regex(/^[\w.~+/=-]+$/, "the key identifier as the authority shows it")
      .describe("The key identifier, as the authority shows it"),
    hmacKey: texts.variable.describe(
      "The name of the Pulumi secret with its HMAC key, in base64url as the authority shows it: `npx pulumi config set --secret --path secrets.SITE.NAME`",
    ),
  })
  .describe(
    "The customer account at the authority that the ACME account is bound to (external account binding), as ZeroSSL, Google and companies' own authorities ask for it",
  );

const acme = z
  .strictObject({
    email: texts.email.describe("The address of the account, which the authority may write to"),
    directory: z
      .union([z.literal("staging"), texts.url])
      .optional()
      .describe(
        "The URL of another authority's directory, or `staging` for Let's Encrypt's own to try things; by default Let's Encrypt",
      ),
    eab: eab.optional(),
    dns: dns.optional(),
  })
  .describe("Have certbot get a certificate for all names of the site, and renew it");

const byAcme = z.strictObject({ acme, hsts });
const byFiles = z.strictObject({
  certificate: texts.localFile.describe(
    "The file with the certificate and its chain, in PEM, from the stack file's folder",
  ),
  key: texts.variable.describe(
    "The name of the Pulumi secret with its private key, in PEM: `npx pulumi config set --secret --path secrets.SITE.NAME < FILE`",
  ),
  hsts,
});

/** Where a site's certificate comes from. */
export const tls = z.union([z.enum(["off", "self-signed"]), byAcme, byFiles], {
  error:
    "wanted `{ acme: { email: … } }`, `{ certificate: FILE, key: SECRET }`, self-signed or off",
});

/** Where a site's certificate comes from, and what browsers are told. */
export type TlsSettings = z.output<typeof tls>;
/** What certbot needs. */
export type AcmeSettings = z.output<typeof acme>;
