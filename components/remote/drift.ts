import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { printable } from "../../stacks/printable";
import { serverFile } from "./program";
import { type Finding, Findings } from "./findings";

/** How the probe reaches a server: see connect.sh beside this. */
export interface ProbeTarget {
  /** The server's name in the stack file. */
  name: string;
  host: string;
  port: number;
  user: string;
  /** The pinned host key as sshd has it, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** A private key's file; without it ssh looks where it always does. */
  privateKeyFile?: string;
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

// A server may say what it likes: whoever broke into it says it to the operator's terminal, and to Pulumi's state.
/** The most bytes of an answer. Ours is some kilobytes. */
const mostBytes = 4 * 1024 * 1024;
/** The most characters of a sentence. */
const mostOfSentence = 300;
/** The most sentences of a component. */
const mostSentences = 50;
/** The most lines of a reason. */
const mostLines = 8;

/**
 * Ask a server, read-only and over one connection, what is no longer as Greenpush left it.
 *
 * @throws Error that says what is wrong and what to do, where the server refuses or is not the one with that host key
 */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  const { name, host, port, user, hostKey, privateKeyFile = "" } = target;
  const script = join(__dirname, "connect.sh");
  const words = [script, name, host, String(port), user, hostKey, privateKeyFile];
  return new Promise((resolve, reject) => {
    const away = (why: string) => resolve({ findings: new Findings(), unreachable: why });
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
    .map((line) => `${/^ */.exec(line)?.[0] ?? ""}${printable(line.trim(), 2 * mostOfSentence)}`)
    .join("\n");
}

/**
 * Findings from what the probe script prints, lines of tab-separated words: `lost TOKEN`, `record COMPONENT NAME
 * GENERATION`, and `drift COMPONENT NAME SENTENCE` for each thing that was changed.
 */
export function readFindings(printed: string): Findings {
  const findings = new Map<string, Finding>();
  const unsaid = new Map<Finding, number>();
  let lost = "";
  for (const line of printed.split("\n")) {
    const [kind, component = "", name, ...words] = line.split("\t");
    const key = `${component}.${name}`;
    const text = words.join(" ");
    if (kind === "lost") lost = component;
    if (kind === "record" && /^[a-z0-9-]{1,40}\.[a-z0-9-]{1,40}$/.test(key)) {
      // It becomes a part of a program. One that no `up` has recorded is another one.
      const isOurs = /^[A-Za-z0-9]{0,64}$/.test(text);
      const generation = isOurs ? text : nextGeneration({ generation: text, drift: [] });
      findings.set(key, { generation, drift: [] });
    }
    const finding = kind === "drift" ? findings.get(key) : undefined;
    if (finding === undefined) continue;
    if (finding.drift.length < mostSentences) finding.drift.push(printable(text, mostOfSentence));
    else unsaid.set(finding, (unsaid.get(finding) ?? 0) + 1);
  }
  for (const [finding, count] of unsaid) finding.drift.push(`and ${count} more`);
  for (const finding of findings.values()) {
    if (finding.drift.length > 0) finding.generation = nextGeneration(finding);
  }
  return new Findings(findings, lost && nextGeneration({ generation: lost, drift: [] }));
}

/** Derived from the one before and from what was found, so that a preview and the `up` after it agree. */
export function nextGeneration(finding: Finding): string {
  return createHash("sha256")
    .update(JSON.stringify([finding.generation, finding.drift]))
    .digest("hex")
    .slice(0, 12);
}
