import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { readPublicKey } from "./credentials";
import type { Findings } from "./drift/findings";
import { nextGeneration } from "./drift/generation";
import { quote } from "./remote/quote";
import type { Server } from "./remote/server";
import type { TestServerSettings } from "../stacks/schema";

const root = join(__dirname, "..");

/** Where a test server is kept on this machine. */
export interface TestServerPlace {
  /** The container's name after `greenpush-`. */
  container: string;
  /** The folder with the server's key pair and address. */
  folder: string;
}

/**
 * Where a test server of a stack is kept.
 *
 * Unique to the checkout, because two checkouts may have test servers at the same time. The container's name has at most 40
 * characters of a-z, 0-9 and -.
 *
 * @param root the folder of the checkout
 */
export function testServerPlace(root: string, stack: string, name: string): TestServerPlace {
  const folder = resolve(root, ".greenpush", stack, name);
  const readable = `${stack}-${name}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const unique = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  return { folder, container: `${readable.replace(/^-+/, "").slice(0, 31)}-${unique}` };
}

/** Access to a test server. */
export interface TestServerAccess {
  settings: TestServerSettings;
  place: TestServerPlace;
}

/** What TestServer takes. */
export interface TestServerArgs extends TestServerAccess {
  /** Its name in the stack file, for messages. */
  server: string;
  findings: Findings;
}

/** What test-server.sh prints of a server that it made. */
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
  readonly server: Server;
  /** The operator's public keys. */
  readonly publicKeys: pulumi.Output<string[]>;

  constructor(name: string, args: TestServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:TestServer", name, {}, options);
    const { settings, place, findings } = args;
    const script = quote(join("server", "test-server", "test-server.sh"));
    const generation = join(place.folder, "generation");
    const known = existsSync(generation) ? readFileSync(generation, "utf8") : "";
    const words = [place.container, settings.testServer, place.folder].map(quote).join(" ");
    const container = new local.Command(
      `${name}-container`,
      {
        dir: root,
        create: `sh ${script} make ${words} </dev/null && cat >${quote(generation)}`,
        delete: `rm -f ${quote(generation)} && sh ${script} remove ${quote(place.container)} ${quote(place.folder)}`,
        // A change runs `create` again, which starts a stopped container and makes a missing one: see docs/explanation/drift.md.
        stdin: findings.trouble
          ? nextGeneration({ generation: known, drift: [findings.trouble] })
          : known,
        addPreviousOutputInEnv: false,
      },
      { parent: this, replaceOnChanges: ["create"], deleteBeforeReplace: true },
    );
    const address = container.stdout.apply((line) => JSON.parse(line) as TestServerAddress);
    this.server = {
      name: args.server,
      sudo: false,
      findings,
      resource: container,
      address,
      words: address.apply(({ host, port, user, hostKey, privateKeyFile }) =>
        [args.server, host, String(port), user, hostKey, privateKeyFile].map(quote).join(" "),
      ),
      connection: address.apply(({ host, port, user, hostKey, privateKeyFile }) => ({
        ...{ host, port, user, hostKey },
        privateKey: readFileSync(privateKeyFile, "utf8"),
      })),
    };
    this.publicKeys = address.apply(({ privateKeyFile }) => [
      readPublicKey(`${privateKeyFile}.pub`),
    ]);
    this.registerOutputs({ address });
  }
}

/** The state of a test server's container. */
export function testServerState(container: string): "running" | "stopped" | "half-made" | "absent" {
  const script = join(root, "test-server", "test-server.sh");
  const printed = execFileSync("sh", [script, "status", container], { encoding: "utf8" });
  return printed.trim() as ReturnType<typeof testServerState>;
}

/** How to reach a test server that exists. The probe needs that before anything is declared. */
export function knownAddress({ folder }: TestServerPlace): TestServerAddress | undefined {
  const file = join(folder, "server.json");
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as TestServerAddress)
    : undefined;
}
