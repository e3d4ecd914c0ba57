import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import type { Findings } from "./drift/findings";
import { removalOrder } from "./registry";
import { quote } from "./remote/quote";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";
import type { HostAccess } from "./server-access";

/** What HostServer takes. */
export interface HostServerArgs extends HostAccess {
  /** Its name in the stack file, for messages. */
  server: string;
  findings: Findings;
}

/**
 * A server that exists already. Its first step checks whether Greenpush can set it up. When it leaves the stack, one step
 * undoes everything there, including what an interrupted `up` left.
 */
export class HostServer extends pulumi.ComponentResource {
  readonly server: Server;
  /** The operator's public keys. */
  readonly publicKeys: string[];

  constructor(name: string, args: HostServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:HostServer", name, {}, options);
    const { settings, privateKey: key, findings } = args;
    const { host, port, user, hostKey, privateKey } = settings;
    const words = [args.server, host, String(port), user, hostKey, privateKey ?? ""]
      .map(quote)
      .join(" ");
    // No path of this machine: everybody who shares the state can run this, in the program's folder.
    const stack = quote(pulumi.getStack());
    const connect = `sh server/connect.sh ${words}`;
    const access = new local.Command(
      `${name}-access`,
      {
        create: `${connect} check ${stack}`,
        delete: `${connect} leave ${stack}`,
        stdin: `removal_order=${quote(removalOrder.join(" "))}\n${serverFile("host-server.sh")}`,
        addPreviousOutputInEnv: false,
        // A preview shows this as a change, and the next `up` begins with `create`: see docs/explanation/drift.md.
        ...(findings.trouble ? { environment: { GREENPUSH_NOT_ASKED: findings.trouble } } : {}),
      },
      { parent: this },
    );
    this.server = {
      name: args.server,
      sudo: user !== "root",
      findings,
      resource: access,
      address: pulumi.output({ host, port, httpPort: 80 }),
      words,
      connection: { host, port, user, hostKey, ...(key ? { privateKey: key.text } : {}) },
    };
    this.publicKeys = key?.publicKey === undefined ? [] : [key.publicKey];
    this.registerOutputs();
  }
}
