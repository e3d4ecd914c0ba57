import { spawn, type SpawnOptionsWithoutStdio } from "node:child_process";

/** The output of a program, and how it ended. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Both, in the order of arrival. */
  output: string;
}

/** Run a program to its end, at most `timeout` milliseconds (default: five minutes). */
export function run(
  command: string,
  words: string[],
  options: SpawnOptionsWithoutStdio & { input?: string } = {},
): Promise<Ended> {
  const { input = "", ...others } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { timeout: 300_000, ...others });
    const ended: Ended = { status: null, stdout: "", stderr: "", output: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      ended.stdout += text;
      ended.output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      ended.stderr += text;
      ended.output += text;
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (status) => resolve({ ...ended, status }));
  });
}

/**
 * Run a program that has to succeed.
 *
 * @throws Error with its whole output
 */
export async function runWell(
  command: string,
  words: string[],
  options?: SpawnOptionsWithoutStdio & { input?: string },
): Promise<string> {
  const ended = await run(command, words, options);
  if (ended.status !== 0) {
    throw new Error(`${command} ${words.join(" ")} ended with ${ended.status}:\n${ended.output}`);
  }
  return ended.stdout;
}
