/** A component, as each list of components knows it. */
export interface RegisteredComponent {
  /** The name of its record on a server, which stays: a server finds by it what it has. */
  record: string;
  /** Its script under server/resources/, without the ending. @default record */
  script?: string;
  /** The component resource that declares it. */
  type: string;
  /** Its step: the name of the remote command after that of the server or the site. */
  step: string;
  of: "server" | "site";
  /** The setting of a server that asks for it; without one it is always there. */
  setting?: string;
}

/** All components, each after what it stands on. */
export const registry = [
  { of: "server", record: "server-packages", type: "ServerPackages", step: "packages-apply" },
  { of: "server", record: "server-engine", type: "ServerEngine", step: "engine-apply" },
  { of: "server", record: "server-tools", type: "ServerTools", step: "tools-apply" },
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
  { of: "site", record: "nginx-site", type: "NginxSite", step: "nginx-apply" },
] as const satisfies RegisteredComponent[];

/** The name of a component's record. */
export type ComponentName = (typeof registry)[number]["record"];

/** A component by its record's name. */
export function registered(record: ComponentName): RegisteredComponent {
  const found = registry.find((each) => each.record === record);
  if (found === undefined) throw new Error(`${record} is no component`);
  return found;
}

/** The script of a component, under server/resources/ and without its ending. */
export function scriptOf({ script, record }: RegisteredComponent): string {
  return script ?? record;
}

/** The records in the order in which they go with their server: none before what stands on it. */
export const removalOrder: string[] = registry.map(({ record }) => record).reverse();
