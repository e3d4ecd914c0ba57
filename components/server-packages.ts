import * as pulumi from "@pulumi/pulumi";
import { pagesConfiguration } from "./nginx/pages";
import { remoteScript } from "./remote/remote-script";
import { nginxLines } from "./nginx/template";
import { proxied } from "./nginx/visitor";
import { serverFile } from "./remote/program";
import { render } from "./remote/template";
import type { Server } from "./remote/server";

/** What ServerPackages takes. */
export interface ServerPackagesArgs {
  server: Server;
  /**
   * Debian packages besides those that Greenpush needs.
   * @default []
   * @example ["libpq5", "postgresql-client"]
   */
  packages?: string[];
  /**
   * Whether nginx refuses host names that no site has.
   * @default true
   */
  catchAll?: boolean;
  /**
   * Whether a site of the server has HTTPS.
   * @default false
   */
  https?: boolean;
  /**
   * Whether visitors come through proxies that speak the PROXY protocol.
   * @default false
   */
  proxyProtocol?: boolean;
}

/** What every server needs. */
export const basePackages = ["git", "nginx", "python3", "sudo", "virtualenv"];

/** How many files nginx may hold open. Each site may have it keep some hundred (templates/nginx/keep-open.conf). */
const openFiles = 16_384;

/** The part of nginx's configuration that all sites of a server share. */
export function sharedNginxFiles(https: boolean, proxyProtocol = false): Record<string, string> {
  const behind = proxied({ proxyProtocol });
  return {
    refuse: render(serverFile("templates/nginx/refuse.conf"), {
      https: https ? nginxLines("refuse-https", { proxied: behind }) : undefined,
      proxied: behind,
    }),
    maps: serverFile("templates/nginx/maps.conf"),
    names: serverFile("templates/nginx/names.conf"),
    pages: pagesConfiguration(),
  };
}

/** The packages of a server. Its nginx refuses host names that no site has. */
export class ServerPackages extends pulumi.ComponentResource {
  constructor(name: string, args: ServerPackagesArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerPackages", name, {}, options);
    const packages = [...new Set([...basePackages, ...(args.packages ?? [])])].sort();
    remoteScript(
      `${name}-apply`,
      {
        component: "server-packages",
        name: args.server.name,
        server: args.server,
        values: {
          packages_wanted: packages.join(" "),
          // These may have data, which a removal keeps: see server/lib/packages.sh.
          packages_named: (args.packages ?? []).join(" "),
          catch_all: (args.catchAll ?? true) ? "yes" : "no",
          open_files: String(openFiles),
        },
        files: {
          ...sharedNginxFiles(args.https === true, args.proxyProtocol),
          open_files: render(serverFile("templates/nginx/open-files.conf"), {
            files: String(openFiles),
          }),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
