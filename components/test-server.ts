import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { nextGeneration } from "./remote/drift";
import { quote } from "./remote/quote";

const root = join(__dirname, "..");

/** What TestServer takes. */
export interface TestServerArgs {
  /** The container's name after `greenpush-`. */
  container: string;
  /** The Debian release: bookworm (12) or trixie (13). */
  suite: "bookworm" | "trixie";
  /** A folder on this machine for the server's key pair and address. */
  folder: string;
  /** Why the container has to be started or made again; "" where it runs. */
  trouble: string;
}

/** What the script says of a server that it made. */
export interface TestServerAddress {
  host: string;
  port: number;
  httpPort: number;
  user: string;
  hostKey: string;
  privateKeyFile: string;
  knownHostsFile: string;
}

/** A server to try things on: systemd and sshd in a container of this machine, made and destroyed with the stack. */
export class TestServer extends pulumi.ComponentResource {
  readonly address: pulumi.Output<TestServerAddress>;
  /** The resource that goes when the server goes. */
  readonly machine: pulumi.Resource;

  constructor(name: string, args: TestServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:TestServer", name, {}, options);
    const script = quote(join("test-server", "test-server.sh"));
    const generation = join(args.folder, "generation");
    const known = existsSync(generation) ? readFileSync(generation, "utf8") : "";
    const command = new local.Command(
      `${name}-container`,
      {
        dir: root,
        create: `sh ${script} make ${quote(args.container)} ${args.suite} ${quote(args.folder)} </dev/null && cat >${quote(generation)}`,
        delete: `rm -f ${quote(generation)} && sh ${script} remove ${quote(args.container)} ${quote(args.folder)}`,
        // A change has `create` run again, which starts what was stopped and makes what is gone: see docs/drift.md.
        stdin: args.trouble ? nextGeneration({ generation: known, drift: [args.trouble] }) : known,
        addPreviousOutputInEnv: false,
      },
      { parent: this, replaceOnChanges: ["create"], deleteBeforeReplace: true },
    );
    this.machine = command;
    this.address = command.stdout.apply((line) => JSON.parse(line) as TestServerAddress);
    this.registerOutputs({ address: this.address });
  }
}

/** Whether a test server's container is there and runs. */
export function testServerState(container: string): "running" | "stopped" | "half-made" | "absent" {
  const script = join(root, "test-server", "test-server.sh");
  const printed = execFileSync("sh", [script, "status", container], { encoding: "utf8" });
  return printed.trim() as ReturnType<typeof testServerState>;
}

/** Where a test server that was made before is reached; the probe asks it before anything is declared. */
export function knownAddress(folder: string): TestServerAddress | undefined {
  const file = join(folder, "server.json");
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as TestServerAddress)
    : undefined;
}
