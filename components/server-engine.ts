import * as pulumi from "@pulumi/pulumi";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { registry, scriptOf } from "./registry";
import { packed } from "./remote/packed-files";
import { remoteScript } from "./remote/remote-script";
import { libraryText, madeOnce, serverFile, serverFolder } from "./remote/program";
import type { Server } from "./remote/server";

/** What ServerEngine takes. */
export interface ServerEngineArgs {
  server: Server;
}

/** The modules of a package under server/. */
const modulesOf = (folder: string) =>
  madeOnce(`modules of ${folder}`, () =>
    packed(
      readdirSync(join(serverFolder, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".py"))
        .sort()
        .map((name) => [name, serverFile(`${folder}/${name}`)]),
    ),
  );

/** The scripts of the components of a site. */
const siteScripts = [
  ...new Set(registry.filter(({ of }) => of === "site").map((each) => scriptOf(each))),
].sort();

/** What all sites of a server share, in /usr/lib/greenpush: the deploy engine, and the library of their scripts. Only root can write there. */
export class ServerEngine extends pulumi.ComponentResource {
  constructor(name: string, args: ServerEngineArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerEngine", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "server-engine",
        name: args.server.name,
        server: args.server,
        values: {},
        files: {
          engine: serverFile("engine/deploy"),
          library: libraryText(),
          certificates: serverFile("certificates.py"),
          home: serverFile("home.py"),
        },
        packed: {
          engine_modules: modulesOf("engine"),
          resources: madeOnce("resources", () =>
            packed(siteScripts.map((name) => [`${name}.sh`, serverFile(`resources/${name}.sh`)])),
          ),
          edge_modules: modulesOf("edge"),
          home_modules: modulesOf("in_home"),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
