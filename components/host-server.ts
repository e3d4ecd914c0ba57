import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import type { HostSettings } from "../stacks/schema";
import { quote } from "./remote/quote";
import { serverFile } from "./remote/program";

/** What HostServer takes. */
export interface HostServerArgs {
  /** Its name in the stack file, for messages. */
  server: string;
  settings: HostSettings;
  /** Why it could not be asked what was changed by hand; "" where it was. */
  notAsked: string;
}

/**
 * A server that exists already, as a whole: asked first whether it is fit to be set up; given back in one go when it
 * leaves the stack, with what an interrupted `up` has left there.
 */
export class HostServer extends pulumi.ComponentResource {
  /** The resource that goes when the server leaves the stack. */
  readonly machine: pulumi.Resource;

  constructor(name: string, args: HostServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:HostServer", name, {}, options);
    const { host, port, user, hostKey, privateKey } = args.settings;
    const words = [args.server, host, String(port), user, hostKey, privateKey ?? ""];
    // Nothing of this machine in it: whoever shares the state can run it, in the folder of the program.
    const stack = quote(pulumi.getStack());
    const connect = ["sh", "components/remote/connect.sh", ...words.map(quote)].join(" ");
    this.machine = new local.Command(
      `${name}-access`,
      {
        create: `${connect} check ${stack}`,
        delete: `${connect} leave ${stack}`,
        stdin: serverFile("host-server.sh"),
        addPreviousOutputInEnv: false,
        // A change that a preview shows, and that has the next `up` begin with `create`: see docs/drift.md.
        ...(args.notAsked ? { environment: { GREENPUSH_NOT_ASKED: args.notAsked } } : {}),
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
