import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { serverFile, serverFolder } from "./program";
import { type Finding, Findings } from "./findings";

/** How the probe reaches a server: see server/connect.sh. */
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
/** How connect.sh ends where the server can't be asked now. */
const unreachable = 65;

/**
 * Ask a server, read-only and over one connection, what is no longer as Greenpush left it.
 *
 * @throws Error that says what is wrong and what to do, where the server refuses or is not the one with that host key
 */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  const { name, host, port, user, hostKey, privateKeyFile = "" } = target;
  const words = [
    join(serverFolder, "connect.sh"),
    ...[name, host, String(port), user, hostKey, privateKeyFile],
  ];
  return new Promise((resolve, reject) => {
    const child = execFile(
      "sh",
      words,
      { timeout: timeoutSeconds * 1000 },
      (error, stdout, stderr) => {
        if (!error) resolve({ findings: readFindings(stdout) });
        else if (error.killed)
          resolve({
            findings: new Findings(),
            unreachable: `servers.${name}: no answer in ${timeoutSeconds} s`,
          });
        else if (error.code === unreachable)
          resolve({ findings: new Findings(), unreachable: stderr.trim() });
        else reject(new Error(stderr.trim() || error.message));
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(serverFile("probe.sh"));
  });
}

/**
 * Findings from what the probe script prints, lines of tab-separated words: `lost TOKEN`, `record COMPONENT NAME
 * GENERATION`, and `drift COMPONENT NAME SENTENCE` for each thing that was changed.
 */
export function readFindings(printed: string): Findings {
  const findings = new Map<string, Finding>();
  let lost = "";
  for (const line of printed.split("\n")) {
    const [kind, component = "", name, text = ""] = line.split("\t");
    const key = `${component}.${name}`;
    if (kind === "lost") lost = component;
    if (kind === "record") findings.set(key, { generation: text, drift: [] });
    if (kind === "drift") findings.get(key)?.drift.push(text);
  }
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
