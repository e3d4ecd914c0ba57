import { z } from "zod";

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}$/,
    "lower-case letters, digits and hyphens, at most 31, a letter first",
  );
const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, "the name of a Unix account");
const seconds = z.int().min(1).max(86_400);
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable");
const variableText = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const line = z.string().regex(/^[^\r\n]*$/, "one line");
const word = z.string().regex(/^[^\s;{}'"\\]+$/, "no spaces, quotes, semicolons or braces");
const absolute = z
  .string()
  .regex(/^\/[A-Za-z0-9._/-]*$/, "an absolute path of letters, digits and . _ / -");

const packages = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, "the name of a Debian package"))
  .default([])
  .describe("Debian packages to install besides git, nginx, python3, sudo and virtualenv");

/** What a server may have besides; none of it is on by default. */
const serverOptions = {
  firewall: z
    .boolean()
    .default(false)
    .describe("Whether nothing comes in from outside but SSH, HTTP and HTTPS (nftables)"),
  unattendedUpgrades: z
    .boolean()
    .default(false)
    .describe("Whether it installs security updates by itself; it is not rebooted by them"),
  sshHardening: z
    .boolean()
    .default(false)
    .describe("Whether sshd takes keys only: no passwords, from nobody"),
  fail2ban: z
    .boolean()
    .default(false)
    .describe("Whether addresses that fail to log in by SSH again and again are banned"),
};

/** A server that exists already. */
const hostServer = z
  .strictObject({
    host: word.describe("Name or address of the server"),
    port: z.int().min(1).max(65_535).default(22).describe("Port of its sshd"),
    user: account
      .default("root")
      .describe("Who Greenpush connects as: root, or one who may sudo without a password"),
    hostKey: z
      .string()
      .regex(
        /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]+( .*)?$/,
        "a line as `ssh-keyscan -t ed25519 HOST` prints it, without the host",
      )
      .describe("The server's public host key; a connection to anything else is refused"),
    privateKey: z
      .string()
      .optional()
      .describe("File of the private key to connect with; without it the SSH agent is asked"),
    packages,
    probe: z
      .boolean()
      .default(true)
      .describe("Whether a preview asks the server what was changed by hand"),
    ...serverOptions,
  })
  .describe("A server that exists already");

/** A server that the stack makes in a container on the operator's machine. */
const testServer = z
  .strictObject({
    testServer: z
      .enum(["bookworm", "trixie"])
      .describe("The Debian release to make a test server of: bookworm (12), trixie (13)"),
    packages,
    probe: z
      .boolean()
      .default(true)
      .describe("Whether a preview asks the server what was changed by hand"),
    ...serverOptions,
  })
  .describe("A server that the stack makes in a container (Podman or Docker) on this machine");

/** Options of gunicorn by which a deploy starts, finds and ends it. */
const ownOptions = /^--(bind|chdir|daemon|graceful-timeout|pid|threads|timeout|workers)(=|$)/;

const gunicorn = z
  .strictObject({
    manager: z
      .enum(["systemd", "supervisor", "direct"])
      .default("systemd")
      .describe(
        "What starts gunicorn: systemd, supervisord, or the deploy itself as in the seed (then nothing starts it after a reboot)",
      ),
    workers: z.int().min(1).max(256).default(2).describe("Worker processes"),
    threads: z.int().min(1).max(256).default(1).describe("Threads of a worker"),
    timeout: seconds.default(30).describe("Seconds after which a silent worker is restarted"),
    gracefulTimeout: seconds
      .default(30)
      .describe("Seconds that requests under way get when a release is retired"),
    options: z
      .array(
        z
          .string()
          .regex(/^--[a-z][a-z0-9-]*(=[^\r\n]*)?$/, "an option of gunicorn, as --name=value")
          .refine(
            (option) => !ownOptions.test(option),
            "an option that Greenpush sets itself; workers, threads, timeout and gracefulTimeout are settings",
          ),
      )
      .default([])
      .describe("Further options of gunicorn, as --max-requests=1000"),
  })
  .prefault({});

const nginx = z
  .strictObject({
    maxBodySize: z
      .string()
      .regex(/^\d+[kmg]?$/i, "a size as nginx has it, for example 10m")
      .default("10m")
      .describe("Largest request body"),
    proxyTimeout: seconds.default(60).describe("Seconds that nginx waits for gunicorn's answer"),
    extra: z.array(line).default([]).describe("Further lines for the server block"),
  })
  .prefault({});

const limits = z
  .strictObject({
    lock: seconds.default(900).describe("A push waits for another"),
    virtualenv: seconds.default(900).describe("pip installs the requirements"),
    deploy: seconds.default(600).describe("deploy.sh runs"),
    django: seconds.default(600).describe("manage.py's check, migrate and collectstatic run"),
    boot: seconds.default(60).describe("gunicorn's first answer"),
    health: seconds.default(10).describe("The health path's answer of an application that is up"),
    stop: seconds.default(60).describe("The process before finishes its requests"),
  })
  .prefault({});

/** A Django application and how it is served. */
const site = z.strictObject({
  server: name
    .optional()
    .describe("Which of `servers` it stands on; may be left out where there is one"),
  serverNames: z
    .array(word)
    .min(1)
    .describe("Host names it answers to, the first is the one of its URL"),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Its URL, where that is not http and the first server name"),
  settings: z
    .string()
    .regex(
      /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/,
      "a Python module, for example codebase.settings.production",
    )
    .describe("DJANGO_SETTINGS_MODULE"),
  wsgi: z
    .string()
    .regex(/^[A-Za-z_][\w.]*(:\w+)?$/, "a Python module")
    .optional()
    .describe("The WSGI module; by default `wsgi` in the package of `settings`"),
  user: account
    .default("deploy")
    .describe("The account it runs as and is pushed to; made where it is missing"),
  home: absolute.optional().describe("That account's home, where it is not /home/USER"),
  directory: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "one folder name")
    .default("www")
    .describe("Folder in that home"),
  authorizedKeys: z
    .array(
      z
        .string()
        .regex(/^(ssh-|ecdsa-|sk-)\S+ \S+( [^\r\n]*)?$/, "a line of an authorized_keys file"),
    )
    .optional()
    .describe(
      "Public keys that may push; by default the one that belongs to the server's `privateKey`",
    ),
  branch: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, "the name of a branch")
    .default("main")
    .describe("The branch that is deployed"),
  source: z
    .string()
    .regex(/^[^-\s][^\s]*$/, "a path on the server or an address that git can clone")
    .optional()
    .describe("What the repository is cloned from at first; without it the first push fills it"),
  environment: z
    .record(variable, variableText)
    .default({})
    .describe("Further variables of the application"),
  secrets: z
    .array(variable)
    .default([])
    .describe(
      "Variables whose values are Pulumi secrets: `npx pulumi config set --secret --path secrets.SITE.NAME`",
    ),
  requirements: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/, "a file of the codebase")
    .default("requirements.pip")
    .describe("The file that pip installs"),
  health: z
    .string()
    .regex(/^\/[^\s]*$/, "a path, from /")
    .default("/")
    .describe("The path that each worker has to answer before a release goes live"),
  migrate: z.boolean().default(true).describe("Whether a push applies Django's migrations"),
  collectstatic: z.boolean().default(true).describe("Whether a push collects static files"),
  releases: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe("Earlier releases that are kept to roll back to"),
  keep: z
    .boolean()
    .optional()
    .describe(
      "Whether `destroy` archives database, uploads and repository on the server first; by default yes, on test servers no",
    ),
  protect: z
    .boolean()
    .default(false)
    .describe(
      "Whether Pulumi refuses to take it away, by `destroy` as well as by leaving it out of this file",
    ),
  gunicorn: gunicorn.describe("gunicorn's options; a change is a release of its own"),
  nginx: nginx.describe("nginx's configuration of the site"),
  limits: limits.describe("Seconds that each step of a deploy may take"),
});

/** What a stack file says. */
export const stackSchema = z.strictObject({
  servers: z.record(name, z.union([hostServer, testServer])).describe("The servers, by name"),
  sites: z.record(name, site).describe("The sites, by name"),
});

/** A stack file, read and checked, its defaults filled in. */
export type StackSettings = z.output<typeof stackSchema>;
/** A server of a stack file. */
export type ServerSettings = StackSettings["servers"][string];
/** A server that exists already. */
export type HostSettings = z.output<typeof hostServer>;
/** A server that the stack makes. */
export type TestServerSettings = z.output<typeof testServer>;
/** A site of a stack file. */
export type SiteSettings = z.output<typeof site>;
