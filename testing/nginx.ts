// A real nginx with the configuration that servers get, as this user in a scratch folder, in front of an application that
// tells what it was asked.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, createServer as createSocket, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nginxConfiguration } from "../components/nginx/nginx-site";
import { pagesConfiguration } from "../components/nginx/pages";
import { serverFile } from "../components/remote/program";
import type { SiteArgs } from "../components/site";
import { parseStack } from "../stacks/load";
import { scratchFolder } from "./checkout";
import { cleanUp } from "./cleanup";

/** What a visitor gets. */
export interface Visited {
  status: number;
  /** The headers as they were sent, by lower-case name; those of one name in a list. */
  headers: Record<string, string[]>;
  body: string;
  /** What the application was asked, if it was: the path and its headers. */
  seen: { path: string; headers: Record<string, string> } | undefined;
}

/** How a visitor asks. */
export interface Visit {
  method?: string;
  host?: string;
  headers?: Record<string, string>;
  /** A line of the PROXY protocol before the request. */
  proxy?: string;
}

/** The site's configuration, for a site with these further settings. */
export function configurationOf(settings: Record<string, unknown>, proxyProtocol = false): string {
  const servers = { own: { testServer: "bookworm", proxyProtocol } };
  const shop = { serverNames: ["shop.example.org"], settings: "shop.settings", ...settings };
  const { sites } = parseStack(JSON.stringify({ servers, sites: { shop } }), "own.yaml");
  return nginxConfiguration({ site: "shop", settings: sites["shop"], proxyProtocol } as SiteArgs);
}

/** This machine's nginx, or Debian's, unpacked. */
let program: string | undefined;
function nginx(): string {
  const text =
    "import sys; sys.path.insert(0, 'tests/server'); from support.nginx import program; print(program())";
  program ??= spawnSync("python3", ["-B", "-c", text], {
    cwd: join(__dirname, ".."),
    encoding: "utf8",
  }).stdout.trim();
  return program;
}

/** Runs from its start to its end. The application's socket is that of the live release and of both slots. */
export class RealNginx {
  readonly folder = scratchFolder();
  readonly www = join(this.folder, "www");
  /** nginx's folder for configuration. */
  readonly etc = join(this.folder, "etc");
  private port = 0;
  private process: ChildProcess | undefined;
  private application: Server | undefined;

  constructor(
    settings: Record<string, unknown>,
    private readonly proxyProtocol = false,
  ) {
    for (const place of ["live/public", "slots/green/public", "slots/green/var", "var/media"])
      mkdirSync(join(this.www, place), { recursive: true });
    mkdirSync(this.etc);
    for (const release of ["live", "slots/green"])
      this.write(`www/${release}/public/static/page.css`, "body {}\n");
    this.write("www/var/media/upload.txt", "an upload\n");
    this.text = configurationOf(settings, proxyProtocol);
  }

  /** The configuration of the site, as it was rendered. */
  readonly text: string;

  /** Write a file below the folder. */
  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, ".."), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** What nginx says of the configuration; "" if it takes it. */
  refusal(): string {
    this.configure();
    const { status, stderr } = spawnSync(nginx(), [...this.words, "-t"], { encoding: "utf8" });
    return status === 0 ? "" : stderr;
  }

  async start(): Promise<this> {
    this.port = await freePort();
    this.configure();
    this.application = createServer((request, reply) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      reply.setHeader("X-Seen", JSON.stringify({ path: request.url, headers }));
      const status = /^\/status\/(\d+)/.exec(request.url ?? "")?.[1] ?? "200";
      const wait = (request.url ?? "").startsWith("/slow") ? 500 : 0;
      setTimeout(() => {
        reply.writeHead(Number(status)).end("the application\n");
      }, wait);
    });
    const socket = join(this.www, "var", "socket");
    await new Promise<void>((resolve) => this.application?.listen(socket, resolve));
    const slot = spawnSync("ln", ["-s", socket, join(this.www, "slots/green/var/socket")]);
    if (slot.status !== 0) throw new Error("no socket in the slot");
    this.process = spawn(nginx(), [...this.words, "-g", "daemon off;"], { stdio: "ignore" });
    cleanUp(() => this.stop());
    for (let tries = 0; ; tries++) {
      try {
        await this.ask("/", this.proxyProtocol ? { proxy: "PROXY UNKNOWN" } : {});
        return this;
      } catch (error) {
        if (tries > 200 || this.process.exitCode !== null)
          throw new Error(`nginx does not start: ${this.log}`, { cause: error });
        await sleep(20);
      }
    }
  }

  stop(): void {
    this.process?.kill();
    this.application?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** nginx's own log of errors. */
  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** The site's log of visitors. */
  get accessLog(): string {
    return readFileSync(join(this.folder, "shop.access.log"), "utf8");
  }

  /** Ask for a page, on a new connection. */
  ask(path: string, visit: Visit = {}): Promise<Visited> {
    const { method = "GET", host = "shop.example.org", headers = {}, proxy } = visit;
    const lines = Object.entries({ Host: host, Connection: "close", ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, "127.0.0.1");
      const parts: Buffer[] = [];
      socket.on("error", reject).on("data", (part: Buffer) => parts.push(part));
      socket.on("close", () => {
        const text = Buffer.concat(parts).toString("utf8");
        if (text === "") reject(new Error("nginx ended the connection"));
        else resolve(visited(text));
      });
      const first = proxy === undefined ? "" : `${proxy}\r\n`;
      socket.write(`${first}${method} ${path} HTTP/1.1\r\n${head}\r\n`);
    });
  }

  /** Ask as a deploy asks for a release that is not live yet. */
  check(path: string, headers: Record<string, string> = {}): Promise<Visited> {
    const said = {
      "X-Greenpush-Host": "shop.example.org",
      "X-Forwarded-Proto": "http",
      ...headers,
    };
    return this.ask(path, { host: "green.shop.greenpush.invalid", headers: said });
  }

  private configure(): void {
    const text = [serverFile("templates/nginx/maps.conf"), pagesConfiguration(), this.text]
      .join("\n")
      .replaceAll("/home/deploy/www", this.www)
      .replaceAll("/var/log/nginx", this.folder)
      .replaceAll("/etc/nginx", this.etc)
      .replaceAll(/listen \[::\].*\n/g, "")
      .replaceAll(/listen 80\b/g, `listen 127.0.0.1:${this.port || 80}`);
    const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const temporary = kinds.map((kind) => `${kind}_temp_path ${this.folder}/${kind};`).join("\n");
    const user = process.getuid?.() === 0 ? "user root;\n" : "";
    writeFileSync(
      join(this.folder, "nginx.conf"),
      `${user}pid ${this.folder}/pid;\nworker_processes 1;\nevents {}\nhttp {\n${temporary}\n${text}\n}\n`,
    );
  }

  private get words(): string[] {
    return ["-p", this.folder, "-e", `${this.folder}/log`, "-c", `${this.folder}/nginx.conf`];
  }
}

function visited(text: string): Visited {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]*): ?([^]*)$/.exec(line) ?? [];
    (headers[name.toLowerCase()] ??= []).push(value);
  }
  const [seen] = headers["x-seen"] ?? [];
  return {
    status: Number(first.split(" ")[1]),
    headers,
    body: text.slice(end + 4),
    seen: seen === undefined ? undefined : (JSON.parse(seen) as NonNullable<Visited["seen"]>),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createSocket().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
