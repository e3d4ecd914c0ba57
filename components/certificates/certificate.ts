import * as pulumi from "@pulumi/pulumi";
import { acmeOf, certificateNames } from "../../stacks/edge";
import { remoteScript } from "../remote/remote-script";
import type { SiteArgs } from "../site";
import type { EdgeSecrets, GivenCertificate } from "./given-certificate";

/** What Certificate takes besides the site. */
export interface CertificateArgs extends SiteArgs {
  /** The certificate of the stack's files, if `tls` names some. */
  given?: GivenCertificate | undefined;
  /** Values of the secrets that `tls` names. */
  secrets: EdgeSecrets;
}

/** What a site wants of its certificate, as server/edge/wanted.py reads it. */
export function wantedCertificate({ settings }: Pick<SiteArgs, "settings">): string {
  const { tls } = settings;
  const acme = acmeOf(settings);
  const { secrets: _, ...dns } = acme?.dns ?? { secrets: [] };
  const wanted = {
    source: acme ? "acme" : typeof tls === "object" ? "files" : "self-signed",
    names: certificateNames(settings),
    user: settings.user,
    ...(acme ? { acme: { ...acme, dns } } : {}),
  };
  return `${JSON.stringify(wanted, undefined, 1)}\n`;
}

/** The certificate that nginx serves for a site: what is wanted of it, and what nginx is told. */
export class Certificate extends pulumi.ComponentResource {
  constructor(name: string, args: CertificateArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:Certificate", name, {}, options);
    const { given, settings } = args;
    const { tls } = settings;
    const key = typeof tls === "object" && "key" in tls ? args.secrets[tls.key] : undefined;
    const { dns, eab } = acmeOf(settings) ?? {};
    const named = dns?.secrets ?? [];
    const variables = Object.fromEntries(named.map((each) => [each, args.secrets[each] ?? ""]));
    const hasVariables = named.length > 0;
    remoteScript(
      `${name}-apply`,
      {
        component: "certificate",
        name: args.site,
        server: args.server,
        values: {
          given: given === undefined ? "no" : "yes",
          variables: hasVariables ? "yes" : "no",
          account: eab ? "yes" : "no",
        },
        files: {
          wanted: wantedCertificate(args),
          given: given === undefined ? "" : `${(key ?? "").trim()}\n${given.chain.trim()}\n`,
          variables: hasVariables ? `${JSON.stringify(variables, undefined, 1)}\n` : "",
          // certbot's own form. Everybody may read an argument list.
          account: eab
            ? `eab-kid = ${eab.kid}\neab-hmac-key = ${args.secrets[eab.hmacKey] ?? ""}\n`
            : "",
        },
        secret: given !== undefined || hasVariables || eab !== undefined,
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
