import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { dirname, join } from "node:path";
import type { TestServerAddress } from "../components/test-server";
import type { TestServerSettings } from "../stacks/schema";
import { cleanUp } from "./cleanup";
import { scratchFolder } from "./checkout";
import { run, runWell, type Ended } from "./run";

const script = join(__dirname, "..", "test-server", "test-server.sh");

/** A release of Debian or Ubuntu that test servers are made of. */
export type Suite = TestServerSettings["testServer"];

/** An answer of nginx. */
export interface Answer {
  status: number;
  type: string | undefined;
  body: string;
}

/** How to reach a server, as test-server.sh prints it. */
interface HostAddress extends TestServerAddress {
  container: string;
  engine: string;
}

/** A plain server with SSH that no stack made, and how to reach it. */
export class Host {
  private constructor(
    readonly address: HostAddress,
    private readonly name: string,
    readonly suite: Suite,
  ) {}

  /** Make a server: of GREENPUSH_TEST_SUITE, else Debian 13. It is removed with the test file. */
  static async make(
    suite = (process.env["GREENPUSH_TEST_SUITE"] ?? "trixie") as Suite,
  ): Promise<Host> {
    const name = `host-${randomBytes(5).toString("hex")}`;
    const folder = join(scratchFolder(), "host");
    cleanUp(() => runWell("sh", [script, "remove", name, folder]));
    const address = await runWell("sh", [script, "make", name, suite, folder]);
    return new Host(JSON.parse(address) as HostAddress, name, suite);
  }

  /** Its settings in a stack file. */
  settings(user = this.address.user) {
    const { host, port, hostKey, privateKeyFile } = this.address;
    return { host, port, user, hostKey, privateKey: privateKeyFile };
  }

  /** Run a command of its container engine on it, and return the output. */
  control(verb: string, ...words: string[]): Promise<string> {
    const { engine, container } = this.address;
    const runtime = engine === "podman" ? ["--runtime", "runc"] : [];
    return runWell(engine, [...runtime, verb, container, ...words]);
  }

  /** Set its memory limit (`1g`: a GiB); it starts with 2g. */
  async limitMemory(size: string): Promise<void> {
    await this.control("update", "--memory", size);
  }

  /** Let dpkg not wait for the disk at each file, which is a third of its time. */
  async installWithoutSyncs(): Promise<void> {
    await this.sh("echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/test-server");
  }

  /** Cut its power, and switch it on again. */
  async restart(): Promise<void> {
    await this.control("kill");
    await runWell("sh", [script, "make", this.name, this.suite, this.folder]);
  }

  /** Remove it before the test file, or the bench, has ended. */
  async remove(): Promise<void> {
    await runWell("sh", [script, "remove", this.name, this.folder]);
  }

  private get folder(): string {
    return dirname(this.address.privateKeyFile);
  }

  /** How many SSH connections it has accepted since it was made; this call makes none. */
  async connections(): Promise<number> {
    const journal = ["journalctl", "--no-pager", "--quiet", "--output", "cat", "--unit", "ssh"];
    const printed = await this.control("exec", ...journal);
    return printed.split("\n").filter((line) => line.startsWith("Accepted ")).length;
  }

  /** Options of ssh and scp to reach it, and no other server. */
  get sshOptions(): string[] {
    const { port, privateKeyFile, knownHostsFile } = this.address;
    return [
      ...["-F", "/dev/null", "-o", `Port=${port}`, "-i", privateKeyFile],
      ...["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"],
      ...["-o", `UserKnownHostsFile=${knownHostsFile}`, "-o", "StrictHostKeyChecking=yes"],
    ];
  }

  /** Request a page from its nginx, on a new connection. */
  get(path: string, name: string): Promise<Answer> {
    const { host, httpPort } = this.address;
    return new Promise((resolve, reject) => {
      const asking = get(
        { host, port: httpPort, path, headers: { host: name }, agent: false, timeout: 30_000 },
        (answer) => {
          let body = "";
          answer.setEncoding("utf8").on("data", (text: string) => (body += text));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"], body }),
          );
        },
      );
      asking.on("timeout", () => asking.destroy(new Error(`no answer from ${path} in 30 s`)));
      asking.on("error", reject);
    });
  }

  /** Run a shell script there, as root by default. */
  run(text: string, user = "root"): Promise<Ended> {
    const words = [...this.sshOptions, `${user}@${this.address.host}`, "sh -s"];
    return run("ssh", words, { input: text });
  }

  /** Run one that has to succeed, and return its output. */
  async sh(text: string, user = "root"): Promise<string> {
    const ended = await this.run(text, user);
    if (ended.status !== 0)
      throw new Error(`${text}\nended with ${ended.status}:\n${ended.output}`);
    return ended.stdout;
  }
}
