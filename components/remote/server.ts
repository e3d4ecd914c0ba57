import type * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";
import type { Findings } from "../drift/findings";

/** A server that components are applied to. */
export interface Server {
  /** Its name in the stack file. */
  name: string;
  /** How the command provider reaches it. */
  connection: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** The words by which connect.sh reaches it, quoted for a shell: NAME HOST PORT USER HOST_KEY KEY_FILE. */
  words: pulumi.Input<string>;
  /** Whether the connection's user is not root and has to go through sudo. */
  sudo: boolean;
  /** What the probe found there. */
  findings: Findings;
  /** The server's own resource: when it is deleted, everything on the server goes with it. */
  resource: pulumi.Resource;
  /** How a person reaches it. */
  address: pulumi.Output<Address>;
}

/** Where a server listens, and the key files that ssh needs besides a person's own. */
export interface Address {
  host: string;
  /** The port of sshd. */
  port: number;
  /** The port that reaches the server's port 80. */
  httpPort: number;
  privateKeyFile?: string;
  knownHostsFile?: string;
}
