import type * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";
import type { Findings } from "../drift/findings";

/** A server that components are applied to. */
export interface Server {
  /** Its name in the stack file. */
  name: string;
  /** How the command provider reaches it. */
  connection: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** Whether the connection's user is not root and has to go through sudo. */
  sudo: boolean;
  /** What the probe found there. */
  findings: Findings;
  /** The resource that is the server itself: when that goes, all on it goes with it, as a whole. */
  resource: pulumi.Resource;
  /** How a person reaches it. */
  address: pulumi.Output<Address>;
}

/** Where a server listens, and the key files that a person's ssh needs where its own don't do. */
export interface Address {
  host: string;
  /** The port of sshd. */
  port: number;
  /** The port that reaches the server's port 80. */
  httpPort: number;
  privateKeyFile?: string;
  knownHostsFile?: string;
}
