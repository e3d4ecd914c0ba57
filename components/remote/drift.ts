import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverFile } from "./program";
import { type Finding, Findings } from "./findings";

/** How the probe reaches a server: OpenSSH's client, with the pinned host key. */
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

const timeoutSeconds = 20;

/** Ask a server, read-only and over one connection, what is no longer as Greenpush left it. */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-"));
  const known = join(folder, "known_hosts");
  writeFileSync(
    known,
    `[${target.host}]:${target.port} ${target.hostKey}\n${target.host} ${target.hostKey}\n`,
  );
  const words = [
    ...["-p", String(target.port), "-l", target.user, "-o", "BatchMode=yes"],
    ...["-o", `UserKnownHostsFile=${known}`, "-o", "GlobalKnownHostsFile=/dev/null"],
    ...["-o", "StrictHostKeyChecking=yes", "-o", "UpdateHostKeys=no", "-o", "LogLevel=ERROR"],
    ...["-o", "ConnectTimeout=5"],
    ...(target.privateKeyFile ? ["-i", target.privateKeyFile, "-o", "IdentitiesOnly=yes"] : []),
    ...[target.host, target.user === "root" ? "sh -s" : "sudo -n sh -s"],
  ];
  return new Promise((resolve) => {
    const child = execFile(
      "ssh",
      words,
      { timeout: timeoutSeconds * 1000 },
      (error, stdout, stderr) => {
        rmSync(folder, { recursive: true, force: true });
        if (error) {
          const reason = stderr.trim() || error.message;
          resolve({ findings: new Findings(), unreachable: reason });
        } else {
          resolve({ findings: readFindings(stdout) });
        }
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
