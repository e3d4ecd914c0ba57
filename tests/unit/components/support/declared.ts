import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { declareStack } from "../../../../components/stack";
import { parseStack } from "../../../../stacks/load";

const secretMark = "4dabf18193072939515e22adb298388d";

/** A step that was declared. */
export interface Step {
  inputs: Record<string, unknown>;
  /** Its standard input, in clear text. */
  stdin: string;
  secret: boolean;
  /** Whether it runs on a server, and not on this machine about one. */
  remote: boolean;
}

/** What the last `up` gave out; a test may change it. */
export const lastUp: { outputs: Record<string, unknown> } = { outputs: {} };

/** What was registered since `stepsRegisteredBy` was called last. */
let registered = new Map<string, Step>();

/** Once for all tests: a component tells its outputs late, and other mocks would not know it. */
export const noEngine = () =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        if (type === "random:index/randomPassword:RandomPassword")
          return { id: name, state: { ...given, result: pulumi.secret(`made-${name}`) } };
        if (type === "command:local:Command")
          given["stdout"] = JSON.stringify({ ...testServerAddress, httpPort: 8080 });
        if (type === "command:local:Command" || type === "command:remote:Command") {
          const stdin = given["stdin"] as string | { value: string };
          const secret = typeof stdin === "object" && secretMark in stdin;
          registered.set(name, {
            inputs: given,
            stdin: typeof stdin === "object" ? stdin.value : stdin,
            secret,
            remote: type === "command:remote:Command",
          });
        }
        return { id: name, state: given };
      },
      call: ({ token }) => (token === "pulumi:pulumi:readStackOutputs" ? lastUp : {}),
    },
    "greenpush",
    "own",
    false,
    "organization",
  );

/** The steps on servers that a stack declares, by name; no engine and no server is there. */
export async function stepsOf(text: string, secrets: Record<string, Record<string, string>> = {}) {
  const all = await allStepsOf(text, secrets);
  return new Map([...all].filter(([, { remote }]) => remote));
}

/** These, and those on this machine that a server is as a whole. */
export async function allStepsOf(
  text: string,
  secrets: Record<string, Record<string, string>> = {},
) {
  const context = { stack: "own", folder, fileFolder: folder, secrets: pulumi.output(secrets) };
  const settings = parseStack(text, "own.yaml");
  return stepsRegisteredBy(() =>
    pulumi.runtime.runInPulumiStack(() => declareStack(settings, context)),
  );
}

/** What is registered while something runs, and by what that leaves to be done. */
export async function stepsRegisteredBy(declare: () => Promise<unknown>) {
  registered = new Map();
  // The SDK takes down a stack for each promise, and looks up its places in the .ts files.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await declare();
    await waitForRegistrations();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return registered;
}

/** The SDK has this and exports it, without its type. */
export const { waitForRPCs: waitForRegistrations } = pulumi.runtime as unknown as {
  waitForRPCs: () => Promise<void>;
};

/** A folder with the operator's key, removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
writeFileSync(join(folder, "key"), "a private key\n");
writeFileSync(join(folder, "key.pub"), "ssh-ed25519 AAAA of-the-operator\n");
after(() => rmSync(folder, { recursive: true, force: true }));

const testServerAddress = {
  ...{ host: "127.0.0.1", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" },
  privateKeyFile: join(folder, "key"),
  knownHostsFile: join(folder, "known_hosts"),
};
export const secretNames = { codebase: { MAIL_PASSWORD: "a-mail-password" } };

/** A stack with one server and one site. */
export const base = {
  servers: {
    own: {
      host: "www.example.org",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: join(folder, "key"),
      probe: false,
    },
  },
  sites: {
    codebase: { serverNames: ["www.example.org"], settings: "codebase.settings.production" },
  },
};
