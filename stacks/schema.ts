import { z } from "zod";
import { shown } from "./printable";
import { access } from "./settings/access";
import { proxies } from "./settings/addresses";
import { environment } from "./settings/environment";
import { gunicorn } from "./settings/gunicorn";
import { limits } from "./settings/limits";
import { maintenance } from "./settings/maintenance";
import { nginx } from "./settings/nginx";
import { hostServer, testServer } from "./settings/servers";
import { tls } from "./settings/tls";
import * as texts from "./texts";

/** A person who may push. */
const pusher = z.strictObject({
  key: texts.publicKey.describe("The person's public key: the line of `~/.ssh/id_ed25519.pub`"),
  role: z
    .enum(["push", "operate", "shell"])
    .default("push")
    .describe(
      "What the key may do: `push`, `operate` (also the engine's commands, for example rollback), or `shell` (everything that the account may)",
    ),
});

/** A command of a site, with the folder of the codebase that it runs in if that is said. */
const command = z
  .union(
    [texts.command, z.strictObject({ run: texts.command, in: texts.codebaseFolder.optional() })],
    {
      error: ({ input }) =>
        `is ${shown(input)}, wanted a command of one line, as \`npm ci\`, or \`{ run: COMMAND, in: FOLDER }\``,
    },
  )
  .transform((each) => (typeof each === "string" ? { run: each } : each));

/** A Django application and how it is served. */
const site = z.strictObject({
  server: texts.name
    .optional()
    .describe("The server that it runs on; may be left out if there is only one"),
  serverNames: z
    .array(texts.serverName)
    .min(1)
    .describe("Host names that it answers to; the first is that of its URL"),
  aliases: z
    .array(texts.serverName)
    .default([])
    .describe("Further host names, which nginx redirects to the first of `serverNames`"),
  tls: tls
    .optional()
    .describe(
      "Where its certificate for HTTPS comes from: certbot (`acme`), files, `self-signed`, or `off`; by default off, and self-signed on test servers",
    ),
  trustedProxies: proxies
    .default([])
    .describe(
      "Addresses of proxies in front of this server, for example 10.0.0.0/8, or `cloudflare` for those of Cloudflare: nginx believes what they say of the visitor's address and of https. If left out, a site whose `url` is https believes X-Forwarded-Proto of everybody",
    ),
  access: access
    .optional()
    .describe(
      "Who may look at the site: whom a password or the address lets in. If left out, everybody",
    ),
  noindex: z
    .boolean()
    .default(false)
    .describe("Whether each answer tells search engines to leave the site out (X-Robots-Tag)"),
  url: texts.url
    .optional()
    .describe(
      "Its URL, if that is not the first server name, with https where `tls` brings a certificate that browsers trust",
    ),
  root: texts.codebaseFolder
    .optional()
    .describe(
      "The folder of manage.py; if left out, the tree's top or the one folder that has a manage.py",
    ),
  settings: texts.module
    .optional()
    .describe(
      "DJANGO_SETTINGS_MODULE; if left out, what manage.py and wsgi.py set, where that is clear and not for development",
    ),
  wsgi: texts.application
    .optional()
    .describe(
      "The WSGI application, for example shop.wsgi or shop.wsgi:application; if left out, what the Procfile, gunicorn.conf.py or the settings name, or the wsgi.py that there is",
    ),
  asgi: texts.application
    .optional()
    .describe(
      "The ASGI application, in the place of `wsgi`: gunicorn runs it with an asynchronous worker, uvicorn's if the application brings uvicorn-worker; if left out, one counts that the Procfile names, that answers WebSockets, or where there is no WSGI application",
    ),
  user: texts.siteAccount
    .default("deploy")
    .describe(
      "The account that it runs as and that people push to; Greenpush makes it if it is missing",
    ),
  home: texts.home.optional().describe("That account's home, if it is not /home/USER"),
  directory: texts.folder.default("www").describe("Folder in that home"),
  authorizedKeys: z
    .array(texts.authorizedKey)
    .optional()
    .describe(
      "Public keys that may push, each with its options in front if it has some; by default the key that belongs to the server's `privateKey`",
    ),
  pushers: z.record(texts.pusherName, pusher).default({}).describe("Who may push, by name"),
  branch: texts.branch.default("main").describe("The branch that is deployed"),
  source: texts.source
    .optional()
    .describe("Where the repository is first cloned from; if left out, the first push fills it"),
  environment: environment
    .default({})
    .describe(
      "Further variables of the application; each value is text, as it is written here, in which `${NAME}` stands for another variable's value and `$${` for `${`",
    ),
  secrets: z
    .array(texts.variable)
    .default([])
    .describe(
      "Variables whose values are Pulumi secrets: `npx pulumi config set --secret --path secrets.SITE.NAME`",
    ),
  generated: z
    .array(texts.variable)
    .default([])
    .describe(
      "Variables whose values are secrets that Greenpush makes: 64 letters and digits, once, kept in Pulumi's state, encrypted",
    ),
  files: z
    .record(texts.treeFile, texts.localFile)
    .default({})
    .describe(
      "Files that are laid into each release: the path in the tree, and the file on this machine, from the stack file's folder; `${NAME}` in them is as in `environment`",
    ),
  debug: z
    .boolean()
    .optional()
    .describe(
      "Whether a release may run with DEBUG, which shows the settings to visitors; by default no, but on test servers",
    ),
  insecureSecretKey: z
    .boolean()
    .optional()
    .describe(
      "Whether a release may run with a SECRET_KEY that stands in its tree or begins with `django-insecure-`; by default no, but on test servers",
    ),
  developmentSettings: z
    .boolean()
    .optional()
    .describe(
      "Whether a release may run with a settings module that names itself dev, development or local; by default no, but on test servers",
    ),
  python: texts.pythonVersion
    .optional()
    .describe(
      "The Python that it runs with, for example 3.13 in quotes; by default what `.python-version`, `runtime.txt`, `requires-python`, `.tool-versions` or a Dockerfile of the tree asks for, else the server's own",
    ),
  requirements: z
    .union([
      texts.codebaseFile.transform((file) => [file]),
      z.array(texts.codebaseFile).min(1, "one file at least"),
    ])
    .optional()
    .describe(
      "The file, or a list of requirements files, that says what is installed; by default the first of uv.lock, poetry.lock, Pipfile.lock, pylock.toml, requirements.pip, requirements.txt, pyproject.toml (with pdm.lock) and setup.py that the tree has",
    ),
  groups: z
    .array(texts.packageName)
    .default([])
    .describe(
      "Dependency groups of the lock file or pyproject.toml to install besides, for example prod",
    ),
  extras: z
    .array(texts.packageName)
    .default([])
    .describe("Optional dependencies (extras) of it to install besides"),
  extraRequirements: z
    .array(texts.requirement)
    .default([])
    .describe(
      "What no file of the tree names, as in a requirements file, for example psycopg[binary]",
    ),
  node: texts.nodeVersion
    .optional()
    .describe(
      'The version of Node that the server gets for the commands of the site, for example `"22"`; else a push takes one that the server has and .nvmrc, .node-version, package.json or .tool-versions ask for',
    ),
  build: z
    .array(command)
    .default([])
    .describe(
      "Commands that a push runs before static files are collected, at the codebase's top or in the folder that `in` names, for example `[npm ci, npm run build]`",
    ),
  release: z
    .array(command)
    .optional()
    .describe(
      "Commands that each release runs after migrations and before it goes live, in the folder of manage.py or the one that `in` names; if left out, the line `release:` of the Procfile",
    ),
  first: z
    .array(command)
    .default([])
    .describe(
      "Commands that run once in the site's life, after its first migrations, in the folder of manage.py or the one that `in` names",
    ),
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
      "Further pages that each worker has to answer before a release goes live: a list, or each with its right status, for example `{ /: 404 }`",
    ),
  migrate: z
    .union([z.boolean(), z.literal("before")])
    .default(true)
    .describe(
      "Whether a push applies Django's migrations; `before` applies them before the application is loaded, for one that reads the database while it is loaded",
    ),
  migrations: z
    .enum(["ask", "allow"])
    .default("ask")
    .describe(
      "What to do with migrations that can't be undone, if there are rows to lose: `ask` for `git push -o migrate=anyway`, or `allow` them always",
    ),
  collectstatic: z.boolean().default(true).describe("Whether a push collects static files"),
  media: z
    .boolean()
    .default(true)
    .describe(
      "Whether nginx serves uploads at /media/; set it to false if the application guards them, and sends them with X-Accel-Redirect to /protected-media/",
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
      "Paths of the codebase that outlive a release, kept in var/shared; Greenpush finds a SQLite database or MEDIA_ROOT of the settings by itself",
    ),
  releases: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe("How many earlier releases to keep for a rollback"),
  keep: z
    .boolean()
    .optional()
    .describe(
      "Whether `destroy` first archives database, uploads and repository on the server; by default yes, but not on test servers",
    ),
  protect: z
    .boolean()
    .default(false)
    .describe(
      "Whether Pulumi refuses to remove the site, by `destroy` or because it has left this file",
    ),
  gunicorn: gunicorn.describe("gunicorn's options; a change makes a release"),
  nginx: nginx.describe("nginx's configuration of the site"),
  maintenance: maintenance.describe(
    "Who is let in during maintenance (besides who asks for the health path, if that is not `/`), and when visitors may try again",
  ),
  limits: limits.describe("How long each step of a deploy may take, in seconds"),
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
