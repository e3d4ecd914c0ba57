/** A component, as each list of components knows it. */
export interface RegisteredComponent {
  /** The name of its record on servers. It must not change: a server finds its records by it. */
  record: string;
  /** Its script under server/resources/, without the extension. @default record */
  script?: string;
  /** The component resource that declares it. */
  type: string;
  /** Its step: the remote command's name, without the server's or site's name in front. */
  step: string;
  of: "server" | "site";
  /** The server's setting that turns it on; if left out, it is always on. */
  setting?: string;
  /** The setting of a site that asks for it; if left out, a site has it always. */
  settingOfSite?: string;
}

/** All components, each after those that it needs. */
export const registry = [
  { of: "server", record: "engine-files", type: "EngineFiles", step: "files-apply" },
  { of: "server", record: "server-packages", type: "ServerPackages", step: "packages-apply" },
  { of: "server", record: "server-engine", type: "ServerEngine", step: "engine-apply" },
  { of: "server", record: "server-tools", type: "ServerTools", step: "tools-apply" },
  {
    of: "server",
    record: "server-node",
    type: "ServerNode",
    step: "node-apply",
    settingOfSite: "node",
  },
  {
    of: "server",
    record: "certificate-timer",
    type: "CertificateTimer",
    step: "certificates-apply",
    settingOfSite: "tls",
  },
  {
    of: "server",
    record: "unattended-upgrades",
    type: "UnattendedUpgrades",
    step: "unattended-upgrades-apply",
    setting: "unattendedUpgrades",
  },
  {
    of: "server",
    record: "fail2ban",
    type: "Fail2ban",
    step: "fail2ban-apply",
    setting: "fail2ban",
  },
  {
    of: "server",
    record: "ssh-hardening",
    type: "SshHardening",
    step: "ssh-hardening-apply",
    setting: "sshHardening",
  },
  {
    of: "server",
    record: "firewall",
    type: "Firewall",
    step: "firewall-apply",
    setting: "firewall",
  },
  { of: "site", record: "site-layout", type: "SiteLayout", step: "layout-apply" },
  { of: "site", record: "git-repository", type: "GitRepository", step: "repository-apply" },
  { of: "site", record: "deploy-hooks", type: "DeployHooks", step: "hooks-apply" },
  {
    of: "site",
    record: "app-secrets",
    script: "app-environment",
    type: "AppEnvironment",
    step: "environment-secrets",
  },
  {
    of: "site",
    record: "app-settings",
    script: "app-environment",
    type: "AppEnvironment",
    step: "environment-settings",
  },
  { of: "site", record: "gunicorn-process", type: "GunicornProcess", step: "gunicorn-apply" },
  {
    of: "site",
    record: "certificate",
    type: "Certificate",
    step: "certificate-apply",
    settingOfSite: "tls",
  },
  // Before nginx-site, which goes first at a removal: a site is never served without the lock of its stack file.
  {
    of: "site",
    record: "site-access",
    type: "SiteAccess",
    step: "access-apply",
    settingOfSite: "access",
  },
  { of: "site", record: "nginx-site", type: "NginxSite", step: "nginx-apply" },
  {
    of: "site",
    record: "acme-certificate",
    type: "AcmeCertificate",
    step: "acme-certificate-apply",
    settingOfSite: "tls",
  },
] as const satisfies RegisteredComponent[];

/** The name of a component's record. */
export type ComponentName = (typeof registry)[number]["record"];

/** A component by its record's name. */
export function registered(record: ComponentName): RegisteredComponent {
  const found = registry.find((each) => each.record === record);
  if (found === undefined) throw new Error(`${record} is not a component`);
  return found;
}

/** The script of a component under server/resources/, without the extension. */
export function scriptOf({ script, record }: RegisteredComponent): string {
  return script ?? record;
}

/** Where engine-files puts what programs read before server-engine has installed it. */
export const folderOfSent = (server: string): string => `/var/lib/greenpush/engine-files.${server}`;

/**
 * The folder on a server from which a component's program reads the library and its script; undefined for engine-files,
 * whose program contains them.
 */
export function folderOf({ record }: RegisteredComponent, server: string): string | undefined {
  if (record === "engine-files") return undefined;
  const order: string[] = registry.map((each) => each.record);
  const isInstalled = order.indexOf(record) > order.indexOf("server-engine");
  return isInstalled ? "/usr/lib/greenpush" : folderOfSent(server);
}

/** The records in the order of their removal with a server: each before those that it needs. */
export const removalOrder: string[] = registry.map(({ record }) => record).reverse();
