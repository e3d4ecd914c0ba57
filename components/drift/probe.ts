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
  /** A private key's file; without it the SSH agent is asked. */
  privateKeyFile?: string | undefined;
}

/** What a probe of a server gives. */
export interface ProbeResult {
  findings: Findings;
  /** Why the server could not be asked; absent where it could. */
  unreachable?: string;
}

/** Long, for a busy server with many sites; a connection that broke off ends by itself before. */
const timeoutSeconds = 120;
/** How connect.sh ends where the server refuses, or is not the one meant. */
const refused = 66;

// An answer is not trusted: whoever broke into a server says what he likes, to the operator's terminal too.
/** The most bytes of an answer. Ours is some kilobytes. */
const mostBytes = 4 * 1024 * 1024;
/** The most lines of a reason. */
const mostLines = 8;
/** The most characters of each. */
const mostOfLine = 600;

/**
 * Ask a server, read-only and over one connection, what is no longer as Greenpush left it.
 *
 * @throws Error that says what is wrong and what to do, where the server refuses or is not the one with that host key
 */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  const { name, host, port, user, hostKey, privateKeyFile = "" } = target;
  const script = join(__dirname, "..", "remote", "connect.sh");
  const words = [script, name, host, String(port), user, hostKey, privateKeyFile];
  return new Promise((resolve, reject) => {
    const away = (why: string) => resolve({ findings: noFindings(), unreachable: why });
    // A group of its own: what the script has started ends with it.
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
        away(`servers.${name}: the question ended with ${String(status)} (${said || "no word"})`);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(serverFile("probe.sh"));
  });
}

function sizeOf(chunks: Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** What the connection's script says went wrong, of which the server has said a part. */
function readReason(said: string): string {
  const lines = said.trim().split("\n").slice(0, mostLines);
  return lines
    .map((line) => `${/^ */.exec(line)?.[0] ?? ""}${printable(line.trim(), mostOfLine)}`)
    .join("\n");
}
