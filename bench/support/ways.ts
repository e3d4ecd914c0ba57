import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scratchFolder } from "../../tests/integration/support/checkout";
import type { Host } from "../../tests/integration/support/host";
import { runWell } from "../../tests/integration/support/run";
import { Stack } from "../../tests/integration/support/stack";
import { oneSite } from "./site";

const bench = join(__dirname, "..");

/** The stack of a server with the example application's site, ready for its first `up`. */
export async function stackFor(host: Host, checkout: string): Promise<Stack> {
  const stack = new Stack(checkout);
  stack.describe(oneSite(host));
  await stack.create();
  return stack;
}

/** A verb of Pulumi on a stack, as a person types it; it has to end well. What it printed. */
export async function pulumi(stack: Stack, ...words: [string, ...string[]]): Promise<string> {
  const ended = await stack.pulumi(...words, "--non-interactive");
  if (ended.status !== 0) throw new Error(`pulumi ${words.join(" ")}:\n${ended.output}`);
  return ended.output;
}

/** Ansible's playbook for one server. */
export class Ansible {
  private readonly folder = scratchFolder();
  private readonly inventory = join(this.folder, "hosts.json");

  constructor(
    private readonly tools: string,
    { address }: Host,
  ) {
    const { host, port, user, privateKeyFile, knownHostsFile } = address;
    const server = {
      ansible_host: host,
      ansible_port: port,
      ansible_user: user,
      ansible_ssh_private_key_file: privateKeyFile,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes`,
      authorized_key: readFileSync(`${privateKeyFile}.pub`, "utf8").trim(),
      secrets_folder: this.folder,
    };
    writeFileSync(this.inventory, JSON.stringify({ all: { hosts: { own: server } } }));
  }

  /** Run the playbook. What it printed. */
  play(...options: string[]): Promise<string> {
    const words = ["--inventory", this.inventory, ...options, join(bench, "ansible", "site.yml")];
    const environment = {
      ...process.env,
      PATH: `${this.tools}:${process.env["PATH"]}`,
      ANSIBLE_CONFIG: join(bench, "ansible", "ansible.cfg"),
      ANSIBLE_HOME: join(this.folder, "home"),
      // Each run begins without a connection that the one before left open, as one on another day does.
      ANSIBLE_SSH_CONTROL_PATH_DIR: join("/tmp", `ansible-${randomBytes(4).toString("hex")}`),
      LC_ALL: "C.UTF-8",
    };
    return runWell(join(this.tools, "ansible-playbook"), words, { env: environment, cwd: bench });
  }
}

/** pyinfra's deploy for one server. */
export class Pyinfra {
  private readonly folder = scratchFolder();
  private readonly inventory = join(this.folder, "inventory.py");

  constructor(
    private readonly tools: string,
    { address }: Host,
  ) {
    const { host, port, user, privateKeyFile, knownHostsFile } = address;
    const data = {
      ssh_hostname: host,
      ssh_port: port,
      ssh_user: user,
      ssh_key: privateKeyFile,
      ssh_known_hosts_file: knownHostsFile,
      ssh_strict_host_key_checking: "yes",
      authorized_key: readFileSync(`${privateKeyFile}.pub`, "utf8").trim(),
      secret_key: randomBytes(32).toString("hex"),
    };
    writeFileSync(this.inventory, `hosts = [("own", ${JSON.stringify(data)})]\n`);
  }

  /** Run the deploy. What it printed. */
  deploy(...options: string[]): Promise<string> {
    const words = [...options, this.inventory, join(bench, "pyinfra", "deploy.py")];
    const environment = { ...process.env, LC_ALL: "C.UTF-8" };
    return runWell(join(this.tools, "pyinfra"), words, {
      env: environment,
      cwd: dirname(this.inventory),
    });
  }
}
