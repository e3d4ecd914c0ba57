// `npm run test:apps [NAME...]`: public Django applications, as their authors wrote them, with the stack files of
// examples/stacks. Each goes live by one push; somebody logs in; a second push under load, a bad push, a rollback and a
// destroy follow. The trees come from GitHub, or from the folder GREENPUSH_APPS with a repository of each name.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { load as readYaml } from "js-yaml";
import { Application } from "../testing/application";
import { copyCheckout, scratchFolder } from "../testing/checkout";
import { Host } from "../testing/host";
import { runWell } from "../testing/run";
import { Stack } from "../testing/stack";

interface App {
  repository: string;
  suite: "bookworm" | "trixie";
  /** What its documentation has one do on the server by hand, as root. */
  byHand?: string;
  /** Values of the secrets that its stack file names. */
  secrets?: Record<string, string>;
  login: { path: string; fields: Record<string, string>; shows: RegExp };
  /** A line of its requirements that names an index by a name which not every network has; then it is left out, and said. */
  index?: { host: string; file: string; line: RegExp };
  /** A file that each start of it reads. */
  settings: string;
}

const password = "a long password of a test";
const apps: Record<string, App> = {
  healthchecks: {
    repository: "https://github.com/healthchecks/healthchecks.git",
    suite: "trixie",
    secrets: { ADMIN_PASSWORD: password },
    login: {
      path: "/accounts/login/",
      fields: { action: "login", email: "admin@example.com", password },
      shows: /Add Check|Log Out/,
    },
    settings: "hc/settings.py",
  },
  babybuddy: {
    repository: "https://github.com/babybuddy/babybuddy.git",
    suite: "bookworm",
    login: {
      path: "/login/",
      fields: { username: "admin", password: "admin" },
      shows: /logout|Welcome/i,
    },
    index: { host: "pypi.python.org", file: "requirements.txt", line: /^-i .*\n/m },
    settings: "babybuddy/settings/base.py",
  },
  linkding: {
    repository: "https://github.com/sissbruecker/linkding.git",
    suite: "trixie",
    secrets: { LD_SUPERUSER_PASSWORD: password },
    login: { path: "/login/", fields: { username: "admin", password }, shows: /Logout|Log out/i },
    settings: "bookmarks/settings/base.py",
  },
  bakerydemo: {
    repository: "https://github.com/wagtail/bakerydemo.git",
    suite: "trixie",
    login: {
      path: "/admin/login/",
      fields: { username: "admin", password: "changeme" },
      shows: /Log out|Dashboard/i,
    },
    settings: "bakerydemo/settings/base.py",
  },
  wger: {
    repository: "https://github.com/wger-project/wger.git",
    suite: "trixie",
    login: {
      path: "/en/user/login",
      fields: { login: "admin", password: "adminadmin" },
      shows: /logout/i,
    },
    settings: "settings/main.py",
  },
  patchwork: {
    repository: "https://github.com/getpatchwork/patchwork.git",
    suite: "trixie",
    byHand: `runuser -u postgres -- createuser deploy
      runuser -u postgres -- createdb --owner deploy patchwork`,
    secrets: { DJANGO_SUPERUSER_PASSWORD: password },
    login: {
      path: "/user/login/",
      fields: { username: "admin", password },
      shows: /logout|Log Out/i,
    },
    settings: "patchwork/settings/base.py",
  },
  netbox: {
    repository: "https://github.com/netbox-community/netbox.git",
    suite: "trixie",
    // Debian's Redis does not start in a container with a private user namespace.
    byHand: `mkdir -p /etc/systemd/system/redis-server.service.d
      printf '[Service]\\nPrivateUsers=false\\n' >/etc/systemd/system/redis-server.service.d/container.conf
      systemctl daemon-reload && systemctl restart redis-server
      runuser -u postgres -- createuser deploy && runuser -u postgres -- createdb --owner deploy netbox`,
    secrets: { DJANGO_SUPERUSER_PASSWORD: password },
    login: { path: "/login/", fields: { username: "admin", password }, shows: /Log Out/i },
    settings: "netbox/netbox/settings.py",
  },
};

interface StackFile {
  servers: Record<string, Record<string, unknown>>;
  sites: Record<string, Record<string, unknown>>;
}

const examples = join(__dirname, "..", "examples", "stacks");
const wanted = process.argv.slice(2).filter((word) => word in apps);

for (const [name, app] of Object.entries(apps)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;

  describe(name, { timeout: 3_000_000 }, () => {
    it("is live by its stack file and a push, as its authors wrote it", async () => {
      const file = readYaml(readFileSync(join(examples, `${name}.yaml`), "utf8")) as StackFile;
      const web = file.servers["web"];
      const site = file.sites[name];
      assert.ok(web && site);
      const [serverName = ""] = site["serverNames"] as string[];
      const host = await Host.make(app.suite);
      file.servers["web"] = { ...host.settings(), packages: web["packages"] ?? [] };
      file.sites[name] = { ...site, keep: false, files: absolute(site["files"]) };
      const stack = new Stack(await copyCheckout());
      await stack.create();
      for (const [secret, value] of Object.entries(app.secrets ?? {}))
        await stack.secret(`secrets.${name}.${secret}`, value);
      stack.describe(file);
      stack.timeout = 900_000;
      await stack.up();
      if (app.byHand) await host.sh(app.byHand);
      const sites = await stack.output<Record<string, Record<string, string>>>("sites");
      const clone = new Application(sites[name]?.["gitRemote"] ?? "", host);
      // Hundreds of migrations take minutes.
      clone.patience = 1_800_000;
      await bring(clone, name, app.repository);
      if (app.index && (await host.run(`getent hosts ${app.index.host}`)).status !== 0) {
        console.log(
          `${name}: without its line of the index ${app.index.host}, a name that leads nowhere here`,
        );
        clone.edit(app.index.file, app.index.line, "");
        await clone.commit("Another index");
      }
      const branch = (site["branch"] as string | undefined) ?? "main";
      const push = () => clone.push(`HEAD:${branch}`);

      const begun = performance.now();
      const first = await push();
      console.log(
        `${name}: first push ${((performance.now() - begun) / 1000).toFixed(1)} s\n${first.output}`,
      );
      assert.equal(first.status, 0, first.output);
      const visitor = new Visitor(host, serverName);
      assert.match(await visitor.login(app), app.login.shows);
      const passer = new Visitor(host, serverName);
      for (const path of await passer.staticFiles(app.login.path))
        assert.equal((await passer.get(path)).status, 200, path);
      assert.deepEqual(await stack.changes(), {});

      // A second push, under load.
      const failed: string[] = [];
      const until = new AbortController();
      const load = (async () => {
        while (!until.signal.aborted) {
          const { status } = await passer
            .get(app.login.path)
            .catch((error: unknown) => ({ status: String(error) }));
          if (status !== 200) failed.push(String(status));
          await sleep(50);
        }
      })();
      await clone.commit("Nothing new");
      const second = await push();
      assert.equal(second.status, 0, second.output);
      assert.match(second.output, /virtualenv .* unchanged/);
      // One that can't serve.
      appendFileSync(
        join(clone.folder, app.settings),
        "\nraise RuntimeError('broken by a test')\n",
      );
      await clone.commit("Broken");
      const bad = await push();
      assert.notEqual(bad.status, 0);
      assert.match(bad.output, /REFUSED at [^]*broken by a test/);
      console.log(await host.sh("www/deploy rollback 2>&1", "deploy"));
      until.abort();
      await load;
      assert.deepEqual(failed, []);
      assert.match(await visitor.login(app), app.login.shows);
      await stack.destroy();
      assert.equal(
        (await host.sh("ls -d /home/deploy/www /opt/greenpush 2>/dev/null || true")).trim(),
        "",
      );
    });
  });
}

/** Files of a stack file, whose folder is examples/stacks. */
function absolute(files: unknown): Record<string, string> {
  const entries = Object.entries((files ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([place, file]) => [place, join(examples, file)]));
}

/** Have an application's tree in a clone that pushes to the site. */
async function bring(clone: Application, name: string, repository: string): Promise<void> {
  const own = process.env["GREENPUSH_APPS"];
  const source = own && existsSync(join(own, name)) ? `file://${join(own, name)}` : repository;
  mkdirSync(scratchFolder(), { recursive: true });
  await runWell("git", ["clone", "--quiet", "--depth", "1", source, clone.folder]);
  await clone.adopt();
}

/** A browser, as far as a login needs one. */
class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly host: Host,
    private readonly name: string,
  ) {}

  async get(path: string, form?: Record<string, string>) {
    const { host: address, httpPort } = this.host.address;
    const headers = [
      "--header",
      `Host: ${this.name}`,
      ...(this.cookies.size > 0
        ? ["--header", `Cookie: ${[...this.cookies].map((each) => each.join("=")).join("; ")}`]
        : []),
    ];
    const data = Object.entries(form ?? {}).flatMap(([key, value]) => [
      "--data-urlencode",
      `${key}=${value}`,
    ]);
    const said = await runWell("curl", [
      ...["--silent", "--show-error", "--include", "--max-time", "60", ...headers, ...data],
      `http://${address}:${httpPort}${path}`,
    ]);
    const [head = "", ...rest] = said.split("\r\n\r\n");
    for (const [, key = "", value = ""] of head.matchAll(/^set-cookie: ([^=]+)=([^;\r\n]*)/gim))
      this.cookies.set(key, value);
    return {
      status: Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]),
      location: /^location: (.*)$/im.exec(head)?.[1]?.trim(),
      body: rest.join("\r\n\r\n"),
    };
  }

  /** Log in; what is shown then. */
  async login({ login }: App): Promise<string> {
    this.cookies.clear();
    const page = await this.get(login.path);
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const answer = await this.get(login.path, { csrfmiddlewaretoken: token, ...login.fields });
    assert.equal(answer.status, 302, answer.body);
    let shown = await this.get(answer.location ?? "/");
    for (let hops = 0; shown.location && hops < 5; hops++) shown = await this.get(shown.location);
    return shown.body;
  }

  /** The static files that a page names. */
  async staticFiles(path: string): Promise<string[]> {
    const { body } = await this.get(path);
    const found = [...body.matchAll(/(?:href|src)="(\/static\/[^"]+\.(?:css|js)[^"]*)"/g)];
    assert.notEqual(found.length, 0, "the page names no static file");
    return [...new Set(found.map(([, file = ""]) => file))];
  }
}
