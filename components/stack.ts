import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { HostSettings, ServerSettings, SiteSettings, StackSettings } from "../stacks/schema";
import { DjangoSite, type SiteOutputs } from "./django-site";
import { sayLast } from "./last-words";
import { HostServer } from "./host-server";
import { nextGeneration, probe, type ProbeTarget } from "./remote/drift";
import {
  type Finding,
  Findings,
  type Generations,
  readGenerations,
  writtenGenerations,
} from "./remote/findings";
import type { Address, Server } from "./remote/server";
import { onDestroy } from "./on-destroy";
import { authorizedLines } from "./pushers";
import { type Secrets, secretsOf } from "./secrets";
import { ServerEngine } from "./server-engine";
import { declareServerOptions } from "./server-options";
import { ServerPackages } from "./server-packages";
import { siteNames } from "./site";
import { knownAddress, TestServer, testServerState } from "./test-server";

export { chosenSecrets, type Secrets } from "./secrets";

/** What a stack gives out. */
export interface StackOutputs {
  /** How people reach the sites, by name. */
  sites: Record<string, pulumi.Output<SiteOutputs>>;
  /** How this machine reaches the servers that the stack made, by name. */
  testServers: Record<string, pulumi.Output<Address>>;
  /** The generations of what stands on the servers (docs/drift.md), by server: each in one line. */
  generations: Record<string, string>;
  /** What `destroy` does with data, by setting. */
  onDestroy: Record<string, string>;
}

/** What a stack needs besides its file. */
export interface StackContext {
  /** The stack's name. */
  stack: string;
  /** The folder that relative paths of the stack file start from, and that keeps what belongs to test servers. */
  folder: string;
  /** The `secrets` of Pulumi's configuration. */
  secrets: pulumi.Output<Secrets>;
}

/**
 * Declare the servers and sites of a stack.
 *
 * The servers are asked first what was changed by hand there: a resource's inputs have to be known before it is declared.
 */
export async function declareStack(
  settings: StackSettings,
  context: StackContext,
): Promise<StackOutputs> {
  const names = Object.keys(settings.servers);
  // What this machine lacks stops it before anything is declared: a step that is declared may already run.
  const secrets = await secretsOf(settings, context.secrets, context.stack);
  checkPrivateKeys(settings, context);
  const findings = new Map(
    await Promise.all(
      Object.entries(settings.servers).map(
        async ([name, server]) => [name, await askServer(name, server, context)] as const,
      ),
    ),
  );
  const servers = new Map<string, DeclaredServer>();
  for (const [name, server] of Object.entries(settings.servers)) {
    const withPackages = { ...server, packages: packagesOf(name, settings) };
    servers.set(
      name,
      declareServer(name, withPackages, findings.get(name) ?? new Findings(), context),
    );
  }
  const outputs: StackOutputs = {
    sites: {},
    testServers: {},
    generations: {},
    onDestroy: onDestroy(settings),
  };
  for (const [name, { server, ready, test }] of servers) {
    const own = settings.servers[name];
    if (own) declareServerOptions(server, own, { dependsOn: ready });
    if (test) outputs.testServers[server.name] = server.address;
  }
  for (const [name, site] of Object.entries(settings.sites)) {
    const declared = servers.get(site.server ?? names[0] ?? "");
    if (declared === undefined) throw new Error(`sites.${name}.server is not declared`);
    outputs.sites[name] = declareSite(name, site, declared, secrets[name] ?? {}).outputs;
  }
  for (const [name, found] of findings) {
    outputs.generations[name] = writtenGenerations(found.used);
    await warnOfLostRecords(name, found);
  }
  return outputs;
}

/** What a server's own settings name, and what its sites need. */
function packagesOf(name: string, { servers, sites }: StackSettings): string[] {
  const [first] = Object.keys(servers);
  const needsSupervisor = Object.values(sites).some(
    (site) => (site.server ?? first) === name && site.gunicorn.manager === "supervisor",
  );
  return [...(servers[name]?.packages ?? []), ...(needsSupervisor ? ["supervisor"] : [])];
}

interface DeclaredServer {
  server: Server;
  /** What all its sites stand on. */
  ready: pulumi.Resource[];
  authorizedKeys: pulumi.Input<string[]>;
  /** Whether the stack made the server: then nothing on it has to be kept. */
  test: boolean;
}

function declareServer(
  name: string,
  settings: ServerSettings,
  findings: Findings,
  context: StackContext,
): DeclaredServer {
  if ("testServer" in settings) {
    const machine = new TestServer(name, {
      container: containerName(name, context),
      suite: settings.testServer,
      folder: testServerFolder(name, context),
      trouble: findings.trouble,
    });
    const { address } = machine;
    const server: Server = {
      name,
      sudo: false,
      findings,
      machine: machine.machine,
      address,
      connection: address.apply(({ host, port, user, hostKey, privateKeyFile }) => ({
        host,
        port,
        user,
        hostKey,
        privateKey: readFileSync(privateKeyFile, "utf8"),
      })),
    };
    return {
      server,
      ready: serverComponents(server, settings),
      authorizedKeys: address.apply(({ privateKeyFile }) => [
        readFileSync(`${privateKeyFile}.pub`, "utf8").trim(),
      ]),
      test: true,
    };
  }
  const key = privateKeyFile(settings, context);
  const { machine } = new HostServer(name, {
    server: name,
    settings,
    notAsked: findings.trouble,
  });
  const server: Server = {
    name,
    machine,
    sudo: settings.user !== "root",
    findings,
    address: pulumi.output({ host: settings.host, port: settings.port, httpPort: 80 }),
    connection: {
      host: settings.host,
      port: settings.port,
      user: settings.user,
      hostKey: settings.hostKey,
      ...(key === undefined ? {} : { privateKey: readPrivateKey(name, key) }),
    },
  };
  const publicKey = key === undefined ? undefined : `${key}.pub`;
  return {
    server,
    ready: serverComponents(server, settings, [machine]),
    authorizedKeys:
      publicKey !== undefined && existsSync(publicKey)
        ? [readFileSync(publicKey, "utf8").trim()]
        : [],
    test: false,
  };
}

/** What every site of a server needs there. */
function serverComponents(
  server: Server,
  { packages, catchAll }: Pick<ServerSettings, "packages" | "catchAll">,
  dependsOn: pulumi.Resource[] = [],
): pulumi.Resource[] {
  const installed = new ServerPackages(
    `${server.name}-packages`,
    { server, packages, catchAll },
    { dependsOn },
  );
  return [
    installed,
    new ServerEngine(`${server.name}-engine`, { server }, { dependsOn: [installed] }),
  ];
}

/** Who may push to a site, as lines of an authorized_keys file. Says so where it is nobody. */
function pushedBy(
  name: string,
  settings: SiteSettings,
  { authorizedKeys }: DeclaredServer,
): pulumi.Output<string[]> {
  const { www } = siteNames({ site: name, settings });
  return pulumi.output(authorizedKeys).apply((own) => {
    const lines = authorizedLines(settings, www, own);
    if (lines.length === 0) {
      void pulumi.log.warn(
        `sites.${name}: nobody may push: name people under sites.${name}.pushers, or public keys under authorizedKeys`,
      );
    }
    return lines;
  });
}

function declareSite(
  name: string,
  site: SiteSettings,
  declared: DeclaredServer,
  secrets: Record<string, string>,
): DjangoSite {
  const settings = { ...site, keep: site.keep ?? !declared.test };
  return new DjangoSite(
    name,
    {
      site: name,
      settings,
      server: declared.server,
      authorizedKeys: pushedBy(name, settings, declared),
      secrets: pulumi.secret(secrets),
    },
    { dependsOn: declared.ready, protect: settings.protect },
  );
}

async function askServer(
  name: string,
  settings: ServerSettings,
  context: StackContext,
): Promise<Findings> {
  if (!settings.probe) return foundBefore(await lastGenerations(name));
  const target = probeTarget(name, settings, context);
  if (target === undefined) return new Findings();
  const { findings, unreachable } = await probe(target).catch((error: unknown) => {
    throw new pulumi.RunError((error as Error).message);
  });
  if (unreachable === undefined) return findings;
  const known = await lastGenerations(name);
  const container =
    "testServer" in settings ? testServerState(containerName(name, context)) : "running";
  const [reason = ""] = unreachable.replace(`servers.${name}: `, "").split("\n");
  if (container === "running") sayLast(`servers.${name} could not be asked: ${reason}`);
  await pulumi.log.warn(
    container === "running"
      ? `${unreachable}\n  What was changed by hand there can't be seen, so the preview goes by the last up.`
      : `servers.${name}: its container is ${container}; up makes it run again`,
  );
  // What was never set up is created, and can't be taken for unchanged.
  if (container === "running") {
    return foundBefore(known, Object.keys(known).length > 0 ? reason : "");
  }
  // A container that is gone takes with it all that stood on it.
  const isGone = container === "absent" || container === "half-made";
  return foundBefore(known, container, (generation) =>
    isGone ? nextGeneration({ generation, drift: ["the server is gone"] }) : generation,
  );
}

/** What the last `up` knew, of a server that is not asked now; `next` gives what has become of a generation. */
function foundBefore(
  known: Generations,
  trouble = "",
  next = (generation: string) => generation,
): Findings {
  const found = Object.entries(known).map(([key, generation]): [string, Finding] => [
    key,
    { generation: next(generation), drift: [] },
  ]);
  return new Findings(new Map(found), "", trouble);
}

/** Say of components that the last `up` has applied that the server has no record of them. */
async function warnOfLostRecords(server: string, { lost, unrecorded }: Findings): Promise<void> {
  // Without a probe nothing is known of records. And while an up writes the state it can't be read.
  if (lost === "" || unrecorded.length === 0 || !pulumi.runtime.isDryRun()) return;
  const known = await lastGenerations(server);
  for (const key of unrecorded.filter((each) => each in known)) {
    await pulumi.log.warn(
      `changed by hand on ${server}: /var/lib/greenpush/${key}: the record is missing`,
    );
  }
}

/** What the last `up` wrote down: the generations of a server's components. Empty where there was none. */
async function lastGenerations(server: string): Promise<Generations> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // What a StackReference is made of, without being a resource that the preview would show.
  const read = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack });
  // The first `up` of a stack may find its state being written: there is nothing in it yet.
  const { outputs } = (await read.catch(() => ({}))) as {
    outputs?: { generations?: Record<string, string | Generations> };
  };
  return readGenerations(outputs?.generations?.[server]);
}

function probeTarget(
  name: string,
  settings: ServerSettings,
  context: StackContext,
): ProbeTarget | undefined {
  if ("testServer" in settings) {
    const address = knownAddress(testServerFolder(name, context));
    return address && { name, ...address };
  }
  const { host, port, user, hostKey } = settings;
  return { name, host, port, user, hostKey, privateKeyFile: privateKeyFile(settings, context) };
}

function testServerFolder(name: string, context: StackContext): string {
  return resolve(context.folder, ".greenpush", context.stack, name);
}

/** Unique to the checkout: two of them may have test servers at the same time. At most 40 characters of a-z, 0-9 and -. */
function containerName(name: string, context: StackContext): string {
  const folder = testServerFolder(name, context);
  const readable = `${context.stack}-${name}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const unique = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  return `${readable.replace(/^-+/, "").slice(0, 31)}-${unique}`;
}

function privateKeyFile(settings: HostSettings, context: StackContext): string | undefined {
  if (settings.privateKey === undefined) return undefined;
  return resolve(context.folder, settings.privateKey.replace(/^~(?=\/)/, homedir()));
}

/** @throws pulumi.RunError that names a private key which can't be read */
function checkPrivateKeys({ servers }: StackSettings, context: StackContext): void {
  for (const [name, server] of Object.entries(servers)) {
    const file = "testServer" in server ? undefined : privateKeyFile(server, context);
    if (file !== undefined) readPrivateKey(name, file);
  }
}

function readPrivateKey(server: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new pulumi.RunError(
      `servers.${server}.privateKey: ${file} can't be read (${(error as NodeJS.ErrnoException).code}). Name the private key's file, or leave it out to use the SSH agent.`,
    );
  }
}
