import * as pulumi from "@pulumi/pulumi";
import type { ServerSettings } from "../stacks/schema";
import { Fail2ban } from "./fail2ban";
import { Firewall } from "./firewall";
import type { Server } from "./remote/server";
import { SshHardening } from "./ssh-hardening";
import { UnattendedUpgrades } from "./unattended-upgrades";

/** Declare what a server's settings ask for besides its packages: each is a component, and none is on by default. */
export function declareServerOptions(
  server: Server,
  settings: ServerSettings,
  options: pulumi.ComponentResourceOptions,
): void {
  const name = (option: string) => `${server.name}-${option}`;
  const host = "testServer" in settings ? { user: "root" } : settings;
  if (settings.firewall) {
    const sshPort = "port" in host ? { sshPort: host.port } : {};
    new Firewall(name("firewall"), { server, ...sshPort }, options);
  }
  if (settings.unattendedUpgrades) {
    new UnattendedUpgrades(name("unattended-upgrades"), { server }, options);
  }
  if (settings.sshHardening) {
    new SshHardening(name("ssh-hardening"), { server, user: host.user }, options);
  }
  if (settings.fail2ban) new Fail2ban(name("fail2ban"), { server }, options);
}
