import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host";
import { scratchFolder } from "./checkout";
import { useOlderDjango } from "./older-django";
import { run, runWell, type Ended } from "./run";

const example = join(__dirname, "..", "examples", "codebase");

/** A clone of the example application that pushes to a site. */
export class Application {
  readonly folder = join(scratchFolder(), "codebase");
  /** Words before `git push`, of a program that runs it. */
  pushedBy: string[] = [];
  /** Milliseconds that a push may take. */
  patience = 300_000;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    private readonly remote: string,
    private readonly host: Host,
  ) {
    const quoted = host.sshOptions.map((word) => `'${word}'`).join(" ");
    this.environment = { ...process.env, GIT_SSH_COMMAND: `ssh ${quoted}` };
  }

  /** Make the clone. On Debian 12 it has a Django for the server's own Python. */
  async make(): Promise<void> {
    this.useExample();
    if (this.host.suite === "bookworm") useOlderDjango(this.folder);
    await runWell("git", ["init", "--quiet", "--initial-branch", "main", this.folder]);
    await this.adopt();
    await this.commit("The example application");
  }

  /** Write the example application into the clone, as it is. */
  useExample(): void {
    cpSync(example, this.folder, { recursive: true });
  }

  /** Let a repository that is in the folder push to the site. */
  async adopt(): Promise<void> {
    await this.git("config", "user.name", "A test");
    await this.git("config", "user.email", "test@localhost");
    await this.git("remote", "add", "site", this.remote);
  }

  /** Run git in the clone. It has to succeed. Return its trimmed output. */
  async git(...words: string[]): Promise<string> {
    return (await runWell("git", ["-C", this.folder, ...words], { env: this.environment })).trim();
  }

  async commit(subject: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--allow-empty", "--message", subject);
  }

  /** Replace a text in a file of the clone. */
  edit(file: string, from: string | RegExp, to: string): void {
    const path = join(this.folder, file);
    const text = readFileSync(path, "utf8");
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, edited);
  }

  /** Write a file of the clone. */
  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Change what the index page shows, and commit it. */
  async release(version: string): Promise<void> {
    this.edit("pages/views.py", /VERSION = ".*"/, `VERSION = "${version}"`);
    await this.commit(`Version ${version}`);
  }

  /** Push what is committed. It has to go live. Return the output. */
  async pushWell(): Promise<string> {
    const { status, output } = await this.push();
    if (status !== 0) throw new Error(`the push ended with ${status}:\n${output}`);
    return output;
  }

  /** Run `git push site` with these refspecs, and return how it ended. */
  push(...refspecs: string[]): Promise<Ended> {
    const refs = refspecs.length > 0 ? refspecs : ["HEAD:main"];
    const words = [...this.pushedBy, "git", "-C", this.folder, "push", "site", ...refs];
    return run("env", words, { env: this.environment, timeout: this.patience });
  }
}
