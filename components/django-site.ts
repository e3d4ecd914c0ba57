import * as pulumi from "@pulumi/pulumi";
import { acmeOf, hasTls } from "../stacks/edge";
import { AppEnvironment } from "./app-environment";
import { AcmeCertificate } from "./certificates/acme-certificate";
import { Certificate } from "./certificates/certificate";
import type { EdgeSecrets, GivenCertificate } from "./certificates/given-certificate";
import { DeployHooks } from "./deploy-hooks";
import type { GivenFiles } from "./given-files";
import { GitRepository } from "./git-repository";
import { GunicornProcess } from "./gunicorn-process";
import { NginxSite } from "./nginx/nginx-site";
import { SiteAccess } from "./nginx/site-access";
import type { Address } from "./remote/server";
import { type SiteArgs, siteUrl } from "./site";
import { SiteLayout } from "./site-layout";

/** What DjangoSite takes besides the site. */
export interface DjangoSiteArgs extends SiteArgs {
  authorizedKeys: pulumi.Input<string[]>;
  secrets: pulumi.Input<Record<string, string>>;
  /** Values of the secrets that nginx and certbot need. */
  edgeSecrets: EdgeSecrets;
  /** The certificate of the stack's files, if `tls` names some. */
  certificate: GivenCertificate | undefined;
  files: GivenFiles;
}

/** How people reach a site. */
export interface SiteOutputs {
  /** What a browser opens. */
  url: string;
  /** What `git remote add` takes. */
  gitRemote: string;
  /** The command that opens a shell as the site's user. */
  ssh: string;
}

/** A Django application on a server: all components of its site, in their order. */
export class DjangoSite extends pulumi.ComponentResource {
  readonly outputs: pulumi.Output<SiteOutputs>;

  constructor(name: string, args: DjangoSiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:DjangoSite", name, {}, options);
    const { authorizedKeys, secrets, edgeSecrets, certificate, files, ...site } = args;
    const after = (...before: pulumi.Resource[]) => ({ parent: this, dependsOn: before });
    const layout = new SiteLayout(`${name}-layout`, { ...site, authorizedKeys }, after());
    const repository = new GitRepository(`${name}-repository`, site, after(layout));
    const hooks = new DeployHooks(`${name}-hooks`, site, after(repository));
    const environment = new AppEnvironment(
      `${name}-environment`,
      { ...site, secrets, files },
      after(repository),
    );
    const gunicorn = new GunicornProcess(`${name}-gunicorn`, site, after(hooks, environment));
    const certificates = hasTls(site.settings)
      ? [
          new Certificate(
            `${name}-certificate`,
            { ...site, secrets: edgeSecrets, given: certificate },
            after(repository),
          ),
        ]
      : [];
    const htpasswd = edgeSecrets[site.settings.access?.htpasswd ?? ""];
    const locks =
      htpasswd === undefined
        ? []
        : [new SiteAccess(`${name}-access`, { ...site, htpasswd }, after(layout))];
    const nginx = new NginxSite(`${name}-nginx`, site, after(gunicorn, ...certificates, ...locks));
    if (acmeOf(site.settings) !== undefined) {
      new AcmeCertificate(`${name}-acme-certificate`, site, after(nginx));
    }
    this.outputs = args.server.address.apply((address) => siteOutputs(site, address));
    this.registerOutputs({ outputs: this.outputs });
  }
}

/** The ways to a site on a server at this address. */
export function siteOutputs(site: SiteArgs, address: Address): SiteOutputs {
  const { settings } = site;
  const path = `~/${settings.directory}/codebase`;
  const port = address.port === 22 ? "" : `:${address.port}`;
  // An IPv6 address, between the colons of a URL.
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const options = [
    ...(address.port === 22 ? [] : ["-p", String(address.port)]),
    ...(address.privateKeyFile ? ["-i", address.privateKeyFile] : []),
    ...(address.knownHostsFile ? ["-o", `UserKnownHostsFile=${address.knownHostsFile}`] : []),
  ];
  return {
    url: siteUrl(settings, address.httpPort),
    gitRemote: `ssh://${settings.user}@${host}${port}/${path}`,
    ssh: ["ssh", ...options, `${settings.user}@${address.host}`].join(" "),
  };
}
