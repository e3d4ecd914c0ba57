// The kinds of text that settings have. Each gets into a command line or a file that another program reads, so each
// has a pattern.

import { isIPv6 } from "node:net";
import { z } from "zod";
import { homeTrouble, isSystemAccount } from "./accounts";
import { locationOf } from "./nginx/location";

/** A text with a pattern; `allowed` is the pattern in words. Refinements run only on a text that matches. */
const text = (pattern: RegExp, allowed: string) =>
  z.string().regex(pattern, { error: allowed, abort: true });

/** A name of a server or a site. */
export const name = text(
  /^[a-z][a-z0-9-]{0,30}$/,
  "lower-case letters, digits and hyphens, at most 31, a letter first",
);

/** An account that Greenpush connects as. */
export const account = text(/^[a-z_][a-z0-9_-]{0,31}$/, "the name of a Unix account");

/** An account that a site runs as. */
export const siteAccount = account.refine((user) => !isSystemAccount(user), {
  error: ({ input }) =>
    `is ${String(input)}, an account of the system: a site needs one of its own, because whoever may push gets all its rights`,
});

/** The home of a site's account. */
export const home = text(
  /^\/[A-Za-z0-9._/-]*$/,
  "an absolute path of letters, digits and . _ / -",
).superRefine((path, context) => {
  const trouble = homeTrouble(path);
  if (trouble !== undefined) {
    context.addIssue({ code: "custom", message: `is ${path}, which ${trouble}` });
  }
});

const label = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?";

/** Where a server is: a name or an address. */
export const host = text(
  /^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/,
  "a host name, an IPv4 or an IPv6 address",
).refine(
  (value) => isIPv6(value) || new RegExp(`^${label}(?:\\.${label})*$`).test(value),
  "has to be a host name, an IPv4 or an IPv6 address",
);

/** What nginx calls a server name: a host name, with a wildcard at one end or without; or an address. */
export const serverName = text(
  new RegExp(`^(?:(?:\\*\\.|\\.)?${label}(?:\\.${label})*(?:\\.\\*)?|\\[[0-9A-Fa-f:.]+\\])$`),
  "a host name (an international one as xn--…), with a wildcard as *.example.org or without",
);

/** An address of the web. */
export const url = text(
  /^https?:\/\/[\x21-\x7e]+$/,
  "an address as https://www.example.org/, other letters percent-encoded",
).refine((address) => URL.canParse(address), "has to be an address as https://www.example.org/");

/** An address of electronic mail. */
export const email = text(
  /^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
  "an address as ops@example.com",
);

/** A Python module. */
export const module = text(
  /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/,
  "a Python module, for example codebase.settings.production",
);

/** A WSGI or ASGI application in a Python module. */
export const application = text(/^[A-Za-z_][\w.]*(:\w+)?$/, "a Python module");

/** A version of Python: which patch of it is the server's business. */
export const pythonVersion = text(
  /^3\.([89]|[1-9]\d)$/,
  "a version such as 3.13, without a third number",
);

/** A list of Pythons for uv. */
export const pythonDownloads = text(
  /^(https?:\/\/|file:\/\/\/|\/)[\x21-\x7e]+$/,
  "an address, or an absolute path on the server",
);

/** A name of Python's packaging: a dependency group or an extra. */
export const packageName = text(
  /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/,
  "a name as pyproject.toml has it",
);

/** A requirement on a line of its own: no option, which would begin with a hyphen. */
export const requirement = text(
  /^[A-Za-z0-9][^\p{Cc}\p{Surrogate}]*$/u,
  "a requirement, for example psycopg[binary] or redis>=5",
);

/** One folder. */
export const folder = text(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "one folder name");

/** A branch, by git's own rules for one. */
export const branch = text(
  /^(?!.*(\.\.|\/\/|\/\.|\.lock(\/|$)))[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9_-])?$/,
  "the name of a branch",
);

/** What git clones from: a path, a URL, or HOST:PATH. Not NAME::ADDRESS, for which git starts a program. */
export const source = text(
  /^(?:\/|(?:ssh|https?|git|file):\/\/(?!-)|(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!:|-|\/\/))[^\s\p{Cc}]+$/u,
  "an absolute path on the server or an address that git can clone",
).refine(
  (address) => !/^[a-z]+:\/\/[^/@]*:[^/]*@/.test(address),
  "has a password in it, which anybody could read in Pulumi's state: give the site's account a key on the other side, or push the first content",
);

/** A file of the codebase. */
export const codebaseFile = text(
  /^(?!.*(\.\.|\/\/|\/\.\/))[A-Za-z0-9_]([A-Za-z0-9._/-]*[A-Za-z0-9_-])?$/,
  "a file of the codebase",
);

/** A file that is laid into the tree. git's own folder is no part of one. */
export const treeFile = text(
  /^(?!\/)(?!.*(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$))[^\p{Cc}\p{Surrogate}]+$/iu,
  "the path of a file in the tree, for example shop/local.py; not one that leads out of it, nor into .git",
);

/** A folder of the codebase, `.` for its top. */
export const codebaseFolder = text(
  /^(?:\.|(?!.*(\.\.|\/\/|\/\.\/))[A-Za-z0-9_]([A-Za-z0-9._/-]*[A-Za-z0-9_-])?)$/,
  "a folder of the codebase, for example frontend, or . for its top",
);

/** A command that /bin/sh runs. */
export const command = text(
  /^(?=.*\S)[^\p{Cc}\p{Surrogate}]+$/u,
  "a command of one line, for example npm run build; several are several entries of the list",
);

/** A version of Node as `22`, `22.11` or `22.11.0`. */
export const nodeVersion = text(
  /^[1-9]\d?(\.\d{1,3}){0,2}$/,
  'a version of Node in quotes, for example "22"',
);

/** A path of a URL. */
export const urlPath = text(/^\/[\x21-\x7e]*$/, "a path, from /");

/** A path on this machine, without what `ssh` would expand. */
export const localFile = text(
  /^[^\p{Cc}%$"]+$/u,
  "the path of a file, without % $ and double quotes",
);

/** One line of a configuration: a line break would begin another one, and a NUL would end the text. */
export const line = text(/^(?:\t|[^\p{Cc}\p{Surrogate}])*$/u, "one line");

/** What nginx matches a path with. */
export const location = text(
  /^[^\p{Cc}\p{Surrogate}]+$/u,
  "what nginx matches, as /api/, = /feed, ^~ /files/, ~ \\.pdf$ or ~* \\.pdf$",
).refine(
  (match) => locationOf(match) !== undefined,
  "what nginx matches, as /api/, = /feed, ^~ /files/, ~ \\.pdf$ or ~* \\.pdf$",
);

/** How often nginx lets somebody ask. */
export const rate = text(
  /^[1-9]\d{0,5}r\/[sm]$/,
  "requests in a second or minute, as 10r/s or 30r/m",
);

/** A package's name, and not `nginx-`, with which apt-get would remove nginx. */
export const debianPackage = text(
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.]$/,
  "the name of a Debian package",
);

/** Options of gunicorn that the engine sets, to start, find and stop it. */
const ownOptions = [
  ...["bind", "chdir", "daemon", "graceful-timeout", "pid", "threads", "timeout", "workers"],
];

/** An option of gunicorn. */
export const gunicornOption = text(
  /^--[a-z][a-z0-9-]*(=[^\p{Cc}\p{Surrogate}]*)?$/u,
  "an option of gunicorn, as --name=value",
).refine((option) => {
  // gunicorn accepts abbreviated options.
  const name = option.slice(2).split("=")[0] ?? "";
  return !ownOptions.some((own) => own.startsWith(name));
}, "an option that Greenpush sets itself; workers, threads, timeout and gracefulTimeout are settings");

/** Entries of a unit that Greenpush needs to start, watch and stop it, or that are settings. */
const ownEntries =
  /^(ExecReload|ExecStart|Group|KillMode|MemoryMax|NotifyAccess|Restart|TasksMax|TimeoutStartSec|TimeoutStopSec|Type|User)=/;

/** A line of a unit's [Service] section. A backslash at its end would continue it with the next line. */
export const unitEntry = text(
  /^[A-Z][A-Za-z]*=[^\p{Cc}\p{Surrogate}]*(?<!\\)$/u,
  "a line of a unit's [Service], as Name=value",
).refine(
  (entry) => !ownEntries.test(entry),
  "a line that Greenpush writes itself; memory, tasks, timeout and limits are settings",
);

/** What systemd calls a size of memory. */
export const memorySize = text(
  /^([1-9]\d*[KMGT]|([1-9]\d?|100)%)$/,
  "a size as systemd has it: 500M, 2G, or a share of the server's memory, 50%",
);

/** A host key that both OpenSSH and the command provider can pin. */
export const hostKey = text(
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,3}( [^\p{Cc}]*)?$/u,
  "a line as `ssh-keyscan -t ed25519 HOST` prints it, without the host",
).refine(
  (key) => !key.startsWith("ssh-rsa "),
  "is an RSA key: Pulumi's command provider would ask for signatures of SHA-1 with it, which sshd has not made since OpenSSH 8.8. Pin the server's Ed25519 key, `ssh-keyscan -t ed25519 HOST`",
);

/** A public key as OpenSSH writes it, with or without a comment. */
const key = String.raw`(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}(?: [^\p{Cc}]*)?`;
/** An option of a key in authorized_keys. */
const keyOption = String.raw`[A-Za-z0-9-]+(?:="(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*")?`;

/** A person's public key. */
export const publicKey = text(
  new RegExp(`^${key}$`, "u"),
  "a public key as the .pub file has it, without options before it",
);

/** A line of an authorized_keys file. */
export const authorizedKey = text(
  new RegExp(`^(?:${keyOption}(?:,${keyOption})* )?${key}$`, "u"),
  "a line of an authorized_keys file",
);

/** The name of a person who may push. */
export const pusherName = text(
  /^[a-z0-9][a-z0-9._-]{0,30}$/,
  "lower-case letters, digits and . _ -, at most 31, a letter or digit first",
);

/** The name of a variable of an environment. */
export const variable = text(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable");
