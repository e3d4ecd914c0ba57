import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { type SiteArgs, siteNames, siteUrl } from "./site";

/** What SiteLayout takes besides the site. */
export interface SiteLayoutArgs extends SiteArgs {
  /** Public keys that may push, as in authorized_keys. */
  authorizedKeys: pulumi.Input<string[]>;
}

/** The host name that the health check asks for: instead of a wildcard, a name that it matches. */
function askedName(names: string[]): string {
  const plain = names.find((name) => /^[^*.]/.test(name));
  return plain ?? (names[0] ?? "localhost").replace(/^\*?\./, "www.");
}

/** What a release may have only if the stack file says so; if it says nothing, a test server allows it. */
const unsafe = ["debug", "insecureSecretKey", "developmentSettings"] as const;

/** The deploy engine's configuration of a site. It has each setting, because the stack file's defaults are filled in. */
export function deployConfig(args: SiteArgs, httpPort: number): string {
  const { settings } = args;
  const config = {
    site: args.site,
    branch: settings.branch,
    url: siteUrl(settings, httpPort),
    host: askedName(settings.serverNames),
    names: settings.serverNames,
    scheme: settings.url?.startsWith("https:") ? "https" : "http",
    nginx: "127.0.0.1:80",
    proxy_protocol: args.proxyProtocol ?? false,
    health: settings.health,
    pages: settings.pages,
    unit: siteNames(args).unit,
    root: settings.root ?? "",
    python: settings.python ?? null,
    requirements: settings.requirements ?? null,
    groups: settings.groups,
    extras: settings.extras,
    extra_requirements: settings.extraRequirements,
    migrate: settings.migrate,
    migrations: settings.migrations,
    collectstatic: settings.collectstatic,
    brotli: settings.nginx.brotli,
    locations: Object.keys(settings.nginx.locations),
    keep: settings.releases,
    shared: settings.shared,
    refuses: unsafe.filter((name) => settings[name] !== true),
    build: settings.build,
    first: settings.first,
    release: settings.release ?? null,
    node: settings.node ?? null,
    limits: settings.limits,
  };
  return `${JSON.stringify(config, undefined, 1)}\n`;
}

/** The classic layout in ~/www: a virtualenv with var beside it, the releases, and who may push to it. */
export class SiteLayout extends pulumi.ComponentResource {
  constructor(name: string, args: SiteLayoutArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:SiteLayout", name, {}, options);
    const { home, www, configuration } = siteNames(args);
    remoteScript(
      `${name}-apply`,
      {
        component: "site-layout",
        name: args.site,
        server: args.server,
        values: {
          site_user: args.settings.user,
          home,
          www,
          configuration,
          keep: args.settings.keep ? "yes" : "no",
          authorized_keys: pulumi.output(args.authorizedKeys).apply((keys) => keys.join("\n")),
        },
        laterFiles: {
          deploy_config: args.server.address.apply(({ httpPort }) => deployConfig(args, httpPort)),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
