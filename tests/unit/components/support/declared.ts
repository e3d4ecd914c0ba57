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
  /** Whether it runs on a server, and not on this machine. */
  remote: boolean;
}

/** The outputs of the last `up`; a test may change them. */
export const lastUp: { outputs: Record<string, unknown> } = { outputs: {} };

/** The steps that were registered since the last call of `stepsRegisteredBy`. */
let registered = new Map<string, Step>();

/** Once for all tests: a component registers its outputs late, and new mocks would not know it. */
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

/** The steps on servers that a stack declares, by name. There is no engine and no server. */
export async function stepsOf(text: string, secrets: Record<string, Record<string, string>> = {}) {
  const all = await allStepsOf(text, secrets);
  return new Map([...all].filter(([, { remote }]) => remote));
}

/** All steps: also those on this machine, for a server as a whole. */
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

/** The steps that are registered while something runs, and by what it leaves pending. */
export async function stepsRegisteredBy(declare: () => Promise<unknown>) {
  registered = new Map();
  // The SDK records a stack trace for each promise, and maps it to the .ts files.
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

/** The SDK exports this without its type. */
export const { waitForRPCs: waitForRegistrations } = pulumi.runtime as unknown as {
  waitForRPCs: () => Promise<void>;
};

/** Make a folder with the operator's key, which is removed at the end. */
export const folder = mkdtempSync(join(tmpdir(), "greenpush-unit-"));
writeFileSync(join(folder, "key"), "a private key\n");
writeFileSync(join(folder, "key.pub"), "ssh-ed25519 AAAA of-the-operator\n");
after(() => rmSync(folder, { recursive: true, force: true }));

const testServerAddress = {
  ...{ host: "127.0.0.1", port: 2222, user: "root", hostKey: "ssh-ed25519 AAAA" },
  privateKeyFile: join(folder, "key"),
  knownHostsFile: join(folder, "known_hosts"),
};
/** A line that lets ada in, by the password "staging". */
export const htpasswd =
  "ada:$6$greenpush$WDF4/drPaJsh5fjqBabxTB1kZPQJW2FvGCueGZ7mgY3RRd4ZGPDIQ.5HsS802nQKuGzEZMfz7ht7VBh..CYAI.\n";

export const secretNames = { codebase: { MAIL_PASSWORD: "a-mail-password", LOCK: htpasswd } };

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
