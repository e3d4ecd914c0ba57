import { z } from "zod";
import { shown } from "./printable";
import * as texts from "./texts";
import { variableTroubles } from "./variables";

const seconds = z.int().min(1).max(86_400);

/** A value of an environment. An editor need not ask for quotes: the text counts as it stands in the file. */
const variableText = z
  .union([z.string(), z.number(), z.boolean()], {
    error: ({ input }) =>
      input === null
        ? 'has no value: write "" for an empty text'
        : `is ${shown(input)}, wanted is a text`,
  })
  .transform(String);

const environment = z.record(texts.variable, variableText).superRefine((values, context) => {
  for (const { name, message } of variableTroubles(values)) {
    context.addIssue({ code: "custom", message, path: name === undefined ? [] : [name] });
  }
});

/** A person who may push. */
const pusher = z.strictObject({
  key: texts.publicKey.describe(
    "The person's public key, a line as `~/.ssh/id_ed25519.pub` has it",
  ),
  role: z
    .enum(["push", "operate", "shell"])
    .default("push")
    .describe(
      "What the key may do: `push`, `operate` (also the engine's commands, as rollback), or `shell` (all that the account may)",
    ),
});

const packages = z
  .array(texts.debianPackage)
  .default([])
  .describe("Debian packages to install besides git, nginx, python3, sudo and virtualenv");

const catchAll = z
  .boolean()
  .default(true)
  .describe(
    "Whether nginx refuses host names that no site has; false where a site of the server's own is its default",
  );
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
    host: texts.host.describe(
      "Name or address of the server; a Host of ssh's own configuration is none",
    ),
    port: z.int().min(1).max(65_535).default(22).describe("Port of its sshd"),
    user: texts.account
      .default("root")
      .describe("Who Greenpush connects as: root, or one who may sudo without a password"),
    hostKey: texts.hostKey.describe(
      "The server's public host key, Ed25519 or ECDSA; a connection to anything else is refused",
    ),
    privateKey: texts.localFile
      .optional()
      .describe(
        "File of the private key to connect with, which has no passphrase; without it the SSH agent is asked",
      ),
    packages,
    catchAll,
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
    catchAll,
    probe: z
      .boolean()
      .default(true)
      .describe("Whether a preview asks the server what was changed by hand"),
    ...serverOptions,
  })
  .describe("A server that the stack makes in a container (Podman or Docker) on this machine");

const gunicorn = z
  .strictObject({
    manager: z
      .enum(["systemd", "supervisor", "direct"])
      .default("systemd")
      .describe(
        "What starts gunicorn: systemd, supervisord, or the deploy engine itself, as in the classic layout (then nothing starts it after a reboot)",
      ),
    workers: z.int().min(1).max(256).default(2).describe("Worker processes"),
    threads: z.int().min(1).max(256).default(1).describe("Threads of a worker"),
    timeout: seconds.default(30).describe("Seconds after which a silent worker is restarted"),
    gracefulTimeout: seconds
      .default(30)
      .describe("Seconds that requests under way get when a release is retired"),
    memory: texts.memorySize
      .optional()
      .describe("MemoryMax of the unit, for example 500M, 2G or 50%"),
    tasks: z.int().min(16).max(1_000_000).default(512).describe("TasksMax of the unit"),
    unit: z
      .array(texts.unitEntry)
      .default([])
      .describe(
        "Further lines of the unit's [Service] section, after Greenpush's own: the way to loosen what its sandbox forbids, as ReadWritePaths=/srv/data",
      ),
    options: z
      .array(texts.gunicornOption)
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
    extra: z.array(texts.line).default([]).describe("Further lines for the server block"),
  })
  .prefault({});

const limits = z
  .strictObject({
    lock: seconds.default(900).describe("A push waits for another"),
    virtualenv: seconds
      .default(900)
      .describe("pip installs the requirements; submodules are fetched"),
    deploy: seconds.default(600).describe("deploy.sh runs"),
    django: seconds
      .default(600)
      .describe("manage.py's check and collectstatic run, and the look at what is to be migrated"),
    migrate: seconds.default(3600).describe("Migrations run, and the copy before them"),
    copy: z
      .int()
      .min(0)
      .default(1000)
      .describe(
        "Size in MB up to which a database is copied before a migration that can't be undone",
      ),
    boot: seconds.default(60).describe("gunicorn's first answer"),
    health: seconds.default(10).describe("The health path's answer of an application that is up"),
    stop: seconds.default(60).describe("The process before finishes its requests"),
  })
  .prefault({});

/** A Django application and how it is served. */
const site = z.strictObject({
  server: texts.name
    .optional()
    .describe("Which of `servers` it stands on; may be left out where there is one"),
  serverNames: z
    .array(texts.serverName)
    .min(1)
    .describe("Host names it answers to, the first is the one of its URL"),
  trustedProxies: z
    .array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]))
    .default([])
    .describe(
      "Addresses of proxies before this server, as 10.0.0.0/8: what they say of the visitor's address and of https counts. Without, a site whose `url` is https believes X-Forwarded-Proto of whoever asks",
    ),
  url: texts.url.optional().describe("Its URL, where that is not http and the first server name"),
  settings: texts.module.describe("DJANGO_SETTINGS_MODULE"),
  wsgi: texts.wsgi
    .optional()
    .describe("The WSGI module; by default `wsgi` in the package of `settings`"),
  user: texts.siteAccount
    .default("deploy")
    .describe("The account it runs as and is pushed to; made where it is missing"),
  home: texts.home.optional().describe("That account's home, where it is not /home/USER"),
  directory: texts.folder.default("www").describe("Folder in that home"),
  authorizedKeys: z
    .array(texts.authorizedKey)
    .optional()
    .describe(
      "Public keys that may push, with options before the key where it has some; by default the one that belongs to the server's `privateKey`",
    ),
  pushers: z.record(texts.pusherName, pusher).default({}).describe("Who may push, by name"),
  branch: texts.branch.default("main").describe("The branch that is deployed"),
  source: texts.source
    .optional()
    .describe("What the repository is cloned from at first; without it the first push fills it"),
  environment: environment
    .default({})
    .describe("Further variables of the application, each a text as it stands in the file"),
  secrets: z
    .array(texts.variable)
    .default([])
    .describe(
      "Variables whose values are Pulumi secrets: `npx pulumi config set --secret --path secrets.SITE.NAME`",
    ),
  requirements: texts.codebaseFile
    .default("requirements.pip")
    .describe("The file that pip installs"),
  health: texts.urlPath
    .default("/")
    .describe("The path that each worker has to answer before a release goes live"),
  pages: z
    .union([
      z
        .array(texts.urlPath)
        .transform((paths) => Object.fromEntries(paths.map((path) => [path, null]))),
      z.record(texts.urlPath, z.int().min(200).max(599)),
    ])
    .default({})
    .describe(
      "Further pages that each worker has to answer before a release goes live: a list, or each with the status that is right, as `{ /: 404 }`",
    ),
  migrate: z
    .union([z.boolean(), z.literal("before")])
    .default(true)
    .describe(
      "Whether a push applies Django's migrations; `before`: before the application is loaded, for one that reads the database as it loads",
    ),
  migrations: z
    .enum(["ask", "allow"])
    .default("ask")
    .describe(
      "Migrations that can't be undone, where there are rows to lose: they want `git push -o migrate=anyway`, or are always allowed",
    ),
  collectstatic: z.boolean().default(true).describe("Whether a push collects static files"),
  media: z
    .boolean()
    .default(true)
    .describe(
      "Whether nginx serves uploads at /media/; false where the application guards them, and sends them with X-Accel-Redirect to /protected-media/",
    ),
  shared: z
    .array(
      z
        .string()
        .regex(
          /^(?!\/|.*(^|\/)\.\.?(\/|$))[^\p{Cc}]+$/u,
          "a path within the codebase, for example data or whoosh/index",
        ),
    )
    .default([])
    .describe(
      "Paths of the codebase that outlive a release, kept in var/shared; a SQLite database or MEDIA_ROOT of the settings is found without",
    ),
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
  servers: z.record(texts.name, z.union([hostServer, testServer])).describe("The servers, by name"),
  sites: z.record(texts.name, site).describe("The sites, by name"),
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
