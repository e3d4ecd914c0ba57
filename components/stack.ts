import * as pulumi from "@pulumi/pulumi";
import { acmeOf, hasTls, servesHttpsItself } from "../stacks/edge";
import type { SiteSettings, StackSettings } from "../stacks/schema";
import { CertificateTimer } from "./certificates/certificate-timer";
import { givenCertificates } from "./certificates/given-certificate";
import { type Secrets, secretsOf } from "./credentials";
import { DjangoSite, type DjangoSiteArgs, type SiteOutputs } from "./django-site";
import { askServer } from "./drift/ask";
import type { Findings } from "./drift/findings";
import { writtenGenerations } from "./drift/generation";
import { warnOfLostRecords } from "./drift/last-up";
import { EngineFiles } from "./engine-files";
import { givenFilesOf } from "./given-files";
import { HostServer } from "./host-server";
import { checkHtpasswds } from "./nginx/htpasswd";
import { onDestroy } from "./on-destroy";
import { authorizedKeys } from "./pushers";
import type { Address, Server } from "./remote/server";
import { accessTo, type ServerAccess } from "./server-access";
import { ServerEngine } from "./server-engine";
import { ServerNode } from "./server-node";
import { declareServerOptions } from "./server-options";
import { ServerPackages } from "./server-packages";
import { ServerTools } from "./server-tools";
import { TestServer } from "./test-server";

/** The outputs of a stack. */
export interface StackOutputs {
  /** How people reach the sites, by name. */
  sites: Record<string, pulumi.Output<SiteOutputs>>;
  /** How this machine reaches the servers that the stack made, by name. */
  testServers: Record<string, pulumi.Output<Address>>;
  /** The generations of the components on the servers (docs/explanation/drift.md): one line for each server. */
  generations: Record<string, string>;
  /** What `destroy` does with data, by setting. */
  onDestroy: Record<string, string>;
}

/** What a stack needs besides its file. */
export interface StackContext {
  /** The stack's name. */
  stack: string;
  /** The folder that relative paths of key files start from, and that keeps what belongs to test servers. */
  folder: string;
  /** The stack file's folder, which `files` start from. */
  fileFolder: string;
  /** The `secrets` of Pulumi's configuration. */
  secrets: pulumi.Output<Secrets>;
}

/**
 * Declare the servers and sites of a stack.
 *
 * It first asks the servers what was changed by hand there, because a resource's inputs depend on that.
 */
export async function declareStack(
  settings: StackSettings,
  context: StackContext,
): Promise<StackOutputs> {
  // A missing key or secret has to fail before anything is declared: a declared step may already run.
  const secrets = await secretsOf(settings, context.secrets, context.stack);
  checkHtpasswds(settings, secrets.edge, context.stack);
  const files = givenFilesOf(settings, context.fileFolder);
  const certificates = givenCertificates(settings, secrets.edge, context.fileFolder);
  const accesses = Object.entries(settings.servers).map(
    ([name, server]) => [name, accessTo(name, server, context)] as const,
  );
  const asked = await Promise.all(
    accesses.map(async ([name, access]) => ({
      name,
      access,
      findings: await askServer(name, access),
    })),
  );
  const outputs: StackOutputs = {
    sites: {},
    testServers: {},
    generations: {},
    onDestroy: onDestroy(settings),
  };
  const servers = new Map<string, DeclaredServer>();
  for (const { name, access, findings } of asked) {
    const isTest = "place" in access;
    const sites = sitesOf(name, settings).map((site) => settledSite(site, isTest));
    const declared = declareServer(name, access, findings, sites);
    servers.set(name, declared);
    if (declared.isTest) outputs.testServers[name] = declared.server.address;
  }
  const [first = ""] = servers.keys();
  for (const [name, site] of Object.entries(settings.sites)) {
    const declared = servers.get(site.server ?? first);
    if (declared === undefined) throw new Error(`sites.${name}.server is not declared`);
    outputs.sites[name] = declareSite(name, settledSite(site, declared.isTest), declared, {
      secrets: pulumi.secret(secrets.variables[name] ?? {}),
      edgeSecrets: secrets.edge[name] ?? {},
      certificate: certificates[name],
      files: files[name] ?? {},
    }).outputs;
  }
  for (const { name, findings } of asked) {
    outputs.generations[name] = writtenGenerations(findings.used);
    await warnOfLostRecords(name, findings);
  }
  return outputs;
}

/** The sites of a server. */
function sitesOf(name: string, { servers, sites }: StackSettings): SiteSettings[] {
  const [first] = Object.keys(servers);
  return Object.values(sites).filter((site) => (site.server ?? first) === name);
}

/** The packages that sites need. */
function packagesOf(sites: SiteSettings[]): string[] {
  return [
    ...(sites.some(({ gunicorn }) => gunicorn.manager === "supervisor") ? ["supervisor"] : []),
    // What compresses static files.
    ...(sites.some(({ nginx }) => nginx.brotli) ? ["brotli"] : []),
    // What makes and reads certificates.
    ...(sites.some(hasTls) ? ["openssl"] : []),
  ];
}

interface DeclaredServer {
  server: Server;
  /** What all its sites depend on. */
  ready: pulumi.Resource[];
  /** The operator's public keys, which push where a site names nobody. */
  publicKeys: pulumi.Input<string[]>;
  /** Whether the stack made the server: then nothing on it has to be kept. */
  isTest: boolean;
  proxyProtocol: boolean;
}

/** Declare a server, what every site needs there, and what its settings ask for besides. */
function declareServer(
  name: string,
  access: ServerAccess,
  findings: Findings,
  sites: SiteSettings[],
): DeclaredServer {
  const isTest = "place" in access;
  const { server, publicKeys } = isTest
    ? new TestServer(name, { ...access, server: name, findings })
    : new HostServer(name, { ...access, server: name, findings });
  const { packages, catchAll, proxyProtocol, pythonMirror, pythonDownloads } = access.settings;
  const files = new EngineFiles(
    `${name}-files`,
    { server },
    { dependsOn: isTest ? [] : [server.resource] },
  );
  const installed = new ServerPackages(
    `${name}-packages`,
    {
      server,
      packages: [...packages, ...packagesOf(sites)],
      catchAll,
      https: sites.some(hasTls),
      proxyProtocol,
    },
    { dependsOn: [files] },
  );
  const engine = new ServerEngine(`${name}-engine`, { server }, { dependsOn: [installed] });
  const pythons = sites.flatMap(({ python }) => python ?? []);
  const tools = new ServerTools(
    `${name}-tools`,
    { server, pythons, pythonMirror, pythonDownloads },
    { dependsOn: [engine] },
  );
  const ready: pulumi.Resource[] = [installed, engine, tools];
  const versions = sites.flatMap(({ node }) => node ?? []);
  if (versions.length > 0) {
    ready.push(new ServerNode(`${name}-node`, { server, versions }, { dependsOn: [...ready] }));
  }
  if (sites.some((site) => acmeOf(site) !== undefined)) {
    ready.push(new CertificateTimer(`${name}-certificates`, { server }, { dependsOn: [...ready] }));
  }
  declareServerOptions(server, access.settings, { dependsOn: ready });
  return { server, ready, publicKeys, isTest, proxyProtocol };
}

/** A site's settings with the defaults that its server decides. */
function settledSite(site: SiteSettings, isTest: boolean): SiteSettings {
  return {
    ...site,
    tls: site.tls ?? (isTest && !servesHttpsItself(site) ? "self-signed" : "off"),
    keep: site.keep ?? !isTest,
    debug: site.debug ?? isTest,
    insecureSecretKey: site.insecureSecretKey ?? isTest,
    developmentSettings: site.developmentSettings ?? isTest,
  };
}

function declareSite(
  name: string,
  settings: SiteSettings,
  { server, ready, publicKeys, proxyProtocol }: DeclaredServer,
  given: Pick<DjangoSiteArgs, "secrets" | "edgeSecrets" | "certificate" | "files">,
): DjangoSite {
  return new DjangoSite(
    name,
    {
      site: name,
      settings,
      server,
      proxyProtocol,
      authorizedKeys: authorizedKeys(name, settings, publicKeys),
      ...given,
    },
    { dependsOn: ready, protect: settings.protect },
  );
}
