import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serverFolder } from "../../components/remote/program";
import { scratchFolder } from "../../testing/checkout";
import type { Host } from "../../testing/host";
import { runWell } from "../../testing/run";
import { Stack } from "../../testing/stack";
import { oneSite } from "../../testing/one-site";
import { writeSiteFiles } from "./site-files";

const bench = join(__dirname, "..");

/** The stack of a server with the example application's site, ready for its first `up`. */
export async function stackFor(host: Host, checkout: string): Promise<Stack> {
  const stack = new Stack(checkout);
  stack.keepLogs();
  stack.describe(oneSite(host));
  await stack.create();
  return stack;
}

/** Run a verb of Pulumi on a stack, as a person types it. It has to succeed. Return its output. */
export async function pulumi(stack: Stack, ...words: [string, ...string[]]): Promise<string> {
  const ended = await stack.pulumi(...words, "--non-interactive");
  if (ended.status !== 0) throw new Error(`pulumi ${words.join(" ")}:\n${ended.output}`);
  return ended.output;
}

/** A tool that sets up one server as Greenpush does, and what it needs to know. */
class OtherTool {
  protected readonly folder = scratchFolder();
  /** What both playbook and deploy are told. */
  protected readonly data;

  constructor(
    private readonly tools: string,
    readonly host: Host,
  ) {
    // In one file, because both tools copy files one by one.
    const engine = join(this.folder, "engine.tar");
    const modules = ["--exclude=engine/deploy", "--exclude=__pycache__", "engine"];
    const launcher = ["-C", join(serverFolder, "engine"), "deploy"];
    execFileSync("tar", ["-cf", engine, "-C", serverFolder, ...modules, ...launcher]);
    const files = join(this.folder, "site");
    writeSiteFiles(oneSite(host), files);
    this.data = {
      authorized_key: readFileSync(`${host.address.privateKeyFile}.pub`, "utf8").trim(),
      secret_key: randomBytes(32).toString("hex"),
      engine_archive: engine,
      site_files: files,
    };
  }

  /** Run one of its programs, and return its output. */
  protected run(program: string, words: string[], variables: Record<string, string> = {}) {
    const path = `${this.tools}:${process.env["PATH"]}`;
    return runWell(join(this.tools, program), words, {
      env: { ...process.env, PATH: path, LC_ALL: "C.UTF-8", ...variables },
      cwd: this.folder,
    });
  }
}

/** Ansible's playbook for one server. */
export class Ansible extends OtherTool {
  /** Run the playbook, and return its output. */
  play(...options: string[]): Promise<string> {
    const { host, port, user, privateKeyFile, knownHostsFile } = this.host.address;
    const server = {
      ansible_host: host,
      ansible_port: port,
      ansible_user: user,
      ansible_ssh_private_key_file: privateKeyFile,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes`,
      ...this.data,
    };
    const inventory = join(this.folder, "hosts.json");
    writeFileSync(inventory, JSON.stringify({ all: { hosts: { own: server } } }));
    const words = ["--inventory", inventory, ...options, join(bench, "ansible", "site.yml")];
    return this.run("ansible-playbook", words, {
      ANSIBLE_CONFIG: join(bench, "ansible", "ansible.cfg"),
      ANSIBLE_HOME: join(this.folder, "home"),
      // Each run begins without an open connection of the one before, like a run on another day.
      ANSIBLE_SSH_CONTROL_PATH_DIR: join("/tmp", `ansible-${randomBytes(4).toString("hex")}`),
    });
  }
}

/** pyinfra's deploy for one server. */
export class Pyinfra extends OtherTool {
  /** Run the deploy, and return its output. */
  deploy(...options: string[]): Promise<string> {
    const { host, port, user, privateKeyFile, knownHostsFile } = this.host.address;
    const data = {
      ssh_hostname: host,
      ssh_port: port,
      ssh_user: user,
      ssh_key: privateKeyFile,
      ssh_known_hosts_file: knownHostsFile,
      ssh_strict_host_key_checking: "yes",
      ...this.data,
    };
    const inventory = join(this.folder, "inventory.py");
    writeFileSync(inventory, `hosts = [("own", ${JSON.stringify(data)})]\n`);
    return this.run("pyinfra", [...options, inventory, join(bench, "pyinfra", "deploy.py")]);
  }
}
