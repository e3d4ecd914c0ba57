import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { dump } from "js-yaml";
import { cleanUp } from "./cleanup";
import { scratchFolder } from "./checkout";
import { run, runWell, type Ended } from "./run";

/** One resource in the output of `pulumi preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  detailedDiff?: Record<string, unknown>;
}

/** The changes that `pulumi preview` plans, and its warnings. */
export interface Plan {
  /** The names of the resources that it would change, by what it would do. */
  changes: Record<string, string[]>;
  warnings: string[];
  /** All that was printed. */
  printed: string;
}

/**
 * The folder in Pulumi's home where it writes all properties of each run, compressed, for those who ask for help. That is
 * half of the work of its CLI. It does without where there is a file instead, and no test reads it.
 */
const logs = "logs";

/** A stack of a checkout, with a state and a Pulumi home of its own. */
export class Stack {
  readonly name: string;
  readonly folder = scratchFolder();
  /** pulumi's environment; a test may add to it. */
  readonly environment: NodeJS.ProcessEnv;
  /** For how many milliseconds pulumi may run. */
  timeout = 300_000;

  /**
   * @param checkout the folder of the program
   * @param program the folder of another program, which is run in the place of Greenpush's
   */
  constructor(
    readonly checkout: string,
    name = `test-${randomBytes(4).toString("hex")}`,
    private readonly program = checkout,
  ) {
    this.name = name;
    const home = join(this.folder, "home");
    mkdirSync(home);
    writeFileSync(join(home, logs), "");
    this.environment = {
      ...process.env,
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${this.folder}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
  }

  /** Let Pulumi write its own log, as it does for people. */
  keepLogs(): void {
    rmSync(join(this.folder, "home", logs));
  }

  /** Write the stack file, for the next preview or up. */
  describe(settings: unknown): void {
    writeFileSync(join(this.checkout, "stacks", `${this.name}.yaml`), dump(settings));
  }

  /** Run pulumi on the stack: its verb and options. */
  pulumi(verb: string, ...words: string[]): Promise<Ended> {
    return run(process.execPath, this.words(verb, ...words), this.options);
  }

  /** Start pulumi, to be killed with all that it started here. */
  start(verb: string, ...words: string[]): { kill: () => void; ended: Promise<unknown> } {
    const child = spawn(process.execPath, this.words(verb, ...words), {
      ...this.options,
      stdio: "ignore",
      detached: true,
    });
    const ended = once(child, "close");
    return { kill: () => process.kill(-(child.pid ?? 0), "SIGKILL"), ended };
  }

  async create(): Promise<void> {
    await runWell(process.execPath, this.words("stack", "init", "--non-interactive"), this.options);
    // After a failed test, the stack may still have test servers on this machine. Other servers are removed by those who
    // made them.
    cleanUp(() => this.existsStill() && this.pulumi("destroy", "--yes", "--skip-preview"));
  }

  /** Set a secret of the stack's configuration, for example `secrets.SITE.NAME`. */
  async secret(path: string, value: string): Promise<void> {
    const words = this.words("config", "set", "--secret", "--path", path);
    await runWell(process.execPath, words, { ...this.options, input: value });
  }

  /** Run `pulumi up`. It has to succeed. Return its output. */
  async up(): Promise<string> {
    const words = ["up", "--yes", "--skip-preview", "--non-interactive"];
    return runWell(process.execPath, this.words(...words), this.options);
  }

  /** The output of `pulumi preview` as a person sees it. */
  async preview(): Promise<string> {
    return runWell(
      process.execPath,
      this.words("preview", "--diff", "--non-interactive"),
      this.options,
    );
  }

  /** The names of the resources that a preview would change, by what it would do. */
  async changes(): Promise<Record<string, string[]>> {
    return (await this.plan()).changes;
  }

  /** Run a preview. */
  async plan(): Promise<Plan> {
    const printed = await runWell(
      process.execPath,
      this.words("preview", "--json", "--non-interactive"),
      this.options,
    );
    const { steps, diagnostics = [] } = JSON.parse(printed) as {
      steps: PreviewStep[];
      diagnostics?: { message: string; severity: string }[];
    };
    const changes: Record<string, string[]> = {};
    for (const { op, urn } of steps.filter((step) => step.op !== "same" && step.op !== "read")) {
      (changes[op] ??= []).push(urn.split("::").at(-1) ?? "");
    }
    const warnings = diagnostics.filter((each) => each.severity === "warning");
    const sentences = warnings.map(({ message }) => message.replace(/^warning: /, "").trim());
    return { changes, warnings: sentences, printed };
  }

  /** A stack output. */
  async output<T>(name: string): Promise<T> {
    const words = this.words("stack", "output", name, "--json");
    return JSON.parse(await runWell(process.execPath, words, this.options)) as T;
  }

  async destroy(): Promise<string> {
    const words = ["destroy", "--yes", "--skip-preview", "--non-interactive"];
    return runWell(process.execPath, this.words(...words), this.options);
  }

  /** The text of the state file. */
  get state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  private get stateFile(): string {
    return join(this.folder, ".pulumi", "stacks", "greenpush", `${this.name}.json`);
  }

  private existsStill(): boolean {
    return existsSync(this.stateFile) && this.state.includes('"resources"');
  }

  private get options() {
    return { cwd: this.program, env: this.environment, timeout: this.timeout };
  }

  private words(...words: string[]): string[] {
    const shim = join(this.checkout, "cli", "pulumi.js");
    return [shim, ...words, "--stack", this.name];
  }
}
