import { spawn } from "node:child_process";
import { join } from "node:path";
import { printable } from "../../stacks/printable";
import { serverFile } from "../remote/program";
import { type Findings, noFindings, readFindings } from "./findings";

/** How the probe reaches a server: see remote/connect.sh. */
export interface ProbeTarget {
  /** The server's name in the stack file. */
  name: string;
  host: string;
  port: number;
  user: string;
  /** The pinned host key as sshd has it, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** A private key's file; if left out, ssh asks the SSH agent. */
  privateKeyFile?: string | undefined;
}

/** The result of a probe. */
export interface ProbeResult {
  findings: Findings;
  /** Why the server could not be asked; absent if it could. */
  unreachable?: string;
}

/** Long enough for a busy server with many sites. ssh notices a broken connection earlier. */
const timeoutSeconds = 120;
/** connect.sh's exit status if the server refuses, or has another host key. */
const refused = 66;

// An answer is not trusted: somebody may have broken into the server, and it goes to the operator's terminal.
/** The most bytes of an answer. A usual one has some kilobytes. */
const mostBytes = 4 * 1024 * 1024;
/** The most lines of a reason. */
const mostLines = 8;
/** The most characters of each. */
const mostOfLine = 600;

/**
 * Ask a server, read-only and over one connection, what is no longer as Greenpush left it.
 *
 * @throws Error that says what is wrong and what to do, if the server refuses or has another host key
 */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  const { name, host, port, user, hostKey, privateKeyFile = "" } = target;
  const script = join(__dirname, "..", "remote", "connect.sh");
  const words = [script, name, host, String(port), user, hostKey, privateKeyFile];
  return new Promise((resolve, reject) => {
    const away = (why: string) => resolve({ findings: noFindings(), unreachable: why });
    // A process group of its own, so that a signal also ends what the script started.
    const child = spawn("sh", words, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const stop = (why: string) => {
      away(`servers.${name}: ${why}`);
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => stop(`no answer in ${timeoutSeconds} s`), timeoutSeconds * 1000);
    const answer: Buffer[] = [];
    const reason: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      if (sizeOf(answer) + chunk.length <= mostBytes) answer.push(chunk);
      else stop(`it answers more than ${mostBytes} bytes, which no server of ours does`);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (sizeOf(reason) < mostBytes) reason.push(chunk);
    });
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      const said = readReason(String(Buffer.concat(reason)));
      if (status === 0) resolve({ findings: readFindings(String(Buffer.concat(answer))) });
      else if (status === refused) reject(new Error(said));
      else if (said.startsWith(`servers.${name}`)) away(said);
      else
        away(
          `servers.${name}: the probe ended with status ${String(status)} (${said || "no message"})`,
        );
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(serverFile("probe.sh"));
  });
}

function sizeOf(chunks: Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** What connect.sh says went wrong. Part of it comes from the server, so it is cleaned and cut. */
function readReason(said: string): string {
  const lines = said.trim().split("\n").slice(0, mostLines);
  return lines
    .map((line) => `${/^ */.exec(line)?.[0] ?? ""}${printable(line.trim(), mostOfLine)}`)
    .join("\n");
}
