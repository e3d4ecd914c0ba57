// What a person does with a server: a stack file, `up`, a push, `preview`, an edit, `destroy`. On each Debian release, and on
// Ubuntu by \`npm run test:ubuntu\`. What an edit shows is the same on each; that `up` applies one on Debian 12 is in
// maintenance.test.ts and locked.test.ts.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host, type Suite } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { Stack } from "../../testing/stack";

interface Way {
  suite: Suite;
  /** The account that Greenpush connects as: root, or one that may use sudo. */
  user: string;
  /** Whether the program and the stack file are edited there too. */
  edits: boolean;
}

const debian: Way[] = [
  { suite: "bookworm", user: "root", edits: false },
  { suite: "trixie", user: "admin", edits: true },
];
const chosen = process.env["GREENPUSH_TEST_SUITE"] as Suite | undefined;
const ways = chosen ? [{ suite: chosen, user: "admin", edits: true }] : debian;

for (const { suite, user, edits } of ways) {
  describe(`a server with ${suite}, reached as ${user}`, { timeout: 600_000 }, () => {
    let host: Host;
    let stack: Stack;
    let site: Application;
    let bare: string[];
    let settings: ReturnType<typeof describeStack>;

    const describeStack = () => ({
      servers: {
        // A list without a Python, so that none is fetched.
        own: { ...host.settings(user), pythonDownloads: "/srv/pythons.json" },
      },
      sites: {
        codebase: {
          serverNames: ["www.example.org"],
          settings: "codebase.settings.test",
          health: "/health",
          keep: false,
          gunicorn: { workers: 2 } as Record<string, unknown>,
          nginx: {} as Record<string, unknown>,
        },
      },
    });

    const get = (path: string, name = "www.example.org") => host.get(path, name);
    const shown = async () => /v\d+/.exec((await get("/")).body)?.[0];

    before(async () => {
      host = await Host.make(suite);
      if (user !== "root") {
        await host.sh(`apt-get update -qq && apt-get install -qqy --no-install-recommends sudo >/dev/null
          useradd --create-home --shell /bin/bash ${user}
          echo '${user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${user}
          cp -r /root/.ssh /home/${user} && chown -R ${user}: /home/${user}/.ssh`);
      }
      stack = new Stack(await copyCheckout());
      await stack.create();
      settings = describeStack();
      stack.describe(settings);
    });

    it("up sets it up, and says how the site is reached", async () => {
      bare = await inventory(host);
      await stack.up();
      const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
      assert.equal(codebase?.["url"], "http://www.example.org/");
      assert.equal(
        codebase["gitRemote"],
        `ssh://deploy@${host.address.host}:${host.address.port}/~/www/codebase`,
      );
      site = new Application(codebase["gitRemote"], host);
      await site.make();
    });

    it("a second up and a preview change nothing", async () => {
      assert.doesNotMatch(await stack.up(), /updated|created|replaced|deleted/);
      assert.deepEqual(await stack.changes(), {});
    });

    it("the first push makes the site answer", async () => {
      const push = await site.push();
      assert.equal(push.status, 0, push.output);
      assert.match(push.output, /Live: release 1, .* http:\/\/www\.example\.org\//);
      assert.equal(await shown(), "v1");
    });

    if (suite === "bookworm")
      it("today's Django needs another Python: where none can be had, the refusal says what to write", async () => {
        await host.sh("echo '{}' >/srv/pythons.json");
        site.useExample();
        await site.commit("Today's Django");
        const { status, output } = await site.push();
        assert.notEqual(status, 0);
        assert.match(
          output,
          /REFUSED at virtualenv: uv knows no download of Python 3\.12 for this machine[^]*`pythonDownloads` of the server[^]*or take a server whose own Python fits: this one's is 3\.11, and pyproject\.toml asks for/,
        );
        await site.git("reset", "--quiet", "--hard", "HEAD^");
        await host.sh("rm /srv/pythons.json");
      });

    it("the next push shows the next version, and is no drift", async () => {
      await site.release("v2");
      const push = await site.push();
      assert.equal(push.status, 0, push.output);
      assert.equal(await shown(), "v2");
      assert.deepEqual(await stack.changes(), {});
    });

    it("a change by hand is told, and put right", async () => {
      await host.sh(`systemctl stop nginx
        sed -i 's/client_max_body_size .*/client_max_body_size 1m;/' /etc/nginx/sites-available/greenpush-codebase`);
      const { changes, warnings } = await stack.plan();
      assert.deepEqual(changes, { update: ["own-packages-apply", "codebase-nginx-apply"] });
      assert.match(warnings.join("\n"), /nginx.*\n.*greenpush-codebase: /);
      await stack.up();
      assert.equal(await shown(), "v2");
      assert.deepEqual(await stack.changes(), {});
    });

    it("lays the site out in the classic layout", async () => {
      const said = await host.sh(
        `cd /home/deploy/www && git -C codebase log --format=%s -1 && git -C codebase status --porcelain
         . bin/activate && python -c 'import django, sys; print(sys.prefix)' && ps -o args= -p "$(cat var/pid)"
         test -S var/socket && stat -c %a var/env && git -C codebase config receive.denyCurrentBranch`,
        "deploy",
      );
      assert.match(said, /^Version v2\n\/home\/deploy\/www\/.*\n.*gunicorn.*\n600\nignore\n$/);
    });

    it("serves static files, and refuses other host names", async () => {
      const css = await get("/static/pages/style.css");
      assert.deepEqual([css.status, css.type], [200, "text/css"]);
      await assert.rejects(get("/", "other.example.org"), /socket hang up/);
    });

    if (edits) {
      it("an edit of a hook shows line by line as that piece alone, and up applies it alone", async () => {
        const hook = join(stack.checkout, "server", "hooks", "post-receive");
        writeFileSync(hook, readFileSync(hook, "utf8").replace("# update", "# bring along"));
        const preview = await stack.preview();
        assert.match(preview, /- +# update the source tree\n +\+ +# bring along the source tree/);
        updatesOnly(preview, "codebase-hooks-apply");
        assert.match(await stack.up(), /~ 1 updated/);
        assert.match(
          await host.sh("cat /home/deploy/www/codebase/.git/hooks/post-receive"),
          /# bring along the source tree/,
        );
      });

      it("so does a gunicorn option, which goes live as a release", async () => {
        settings.sites.codebase.gunicorn["workers"] = 3;
        stack.describe(settings);
        const preview = await stack.preview();
        assert.match(preview, /- +"workers": 2,\n +\+ +"workers": 3,/);
        updatesOnly(preview, "codebase-gunicorn-apply");
        assert.match(await stack.up(), /~ 1 updated/);
        assert.equal(await shown(), "v2");
        const workers = await host.sh("pgrep --count --parent $(cat /home/deploy/www/var/pid)");
        assert.equal(workers.trim(), "3");
      });

      it("and an nginx setting", async () => {
        settings.sites.codebase.nginx["maxBodySize"] = "20m";
        stack.describe(settings);
        const preview = await stack.preview();
        assert.match(preview, /- +client_max_body_size 10m;\n +\+ +client_max_body_size 20m;/);
        updatesOnly(preview, "codebase-nginx-apply");
        assert.match(await stack.up(), /~ 1 updated/);
        assert.match(await host.sh("nginx -T 2>&1"), /client_max_body_size 20m;/);
      });

      it("a component with another name in the code is the same one, with its alias", async () => {
        const files = ["django-site.ts", "nginx/nginx-site.ts"].map((file) =>
          join(stack.checkout, "components", file),
        );
        const texts = files.map((file) => readFileSync(file, "utf8"));
        const rename = (aliases: string) => {
          const [whole = "", nginx = ""] = texts;
          const [call = "", after = ""] =
            /new NginxSite\(`\$\{name\}-nginx`, site, after\(([^)]*)\)\);/.exec(whole) ?? [];
          const renamed = `new NginxSite(\`\${name}-web\`, site, { ...after(${after})${aliases} });`;
          writeFileSync(files[0] ?? "", replaced(whole, call, renamed));
          writeFileSync(files[1] ?? "", replaced(nginx, "index:NginxSite", "index:WebSite"));
        };
        rename(", aliases: [{ name: `${name}-nginx`, type: 'greenpush:index:NginxSite' }]");
        assert.deepEqual(await stack.changes(), {});
        rename("");
        const { delete: gone } = await stack.changes();
        assert.ok(gone?.includes("codebase-nginx-apply"));
        files.forEach((file, index) => writeFileSync(file, texts[index] ?? ""));
      });

      it("an nginx setting that nginx doesn't take leaves the one that serves", async () => {
        const good = settings.sites.codebase.nginx;
        settings.sites.codebase.nginx = { ...good, extra: ["nonsense on;"] };
        stack.describe(settings);
        const up = await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
        assert.notEqual(up.status, 0);
        assert.match(up.output, /own: nginx-site of codebase: nginx does not take .*"nonsense"/);
        await host.sh("nginx -t && systemctl reload nginx");
        assert.equal(await shown(), "v2");
        settings.sites.codebase.nginx = good;
        stack.describe(settings);
        await stack.up();
        assert.deepEqual(await stack.changes(), {});
      });
    }

    it("a push that can't serve is refused, and the version before goes on", async () => {
      site.edit("pages/views.py", "from .models", "import nothing_of_that_name\nfrom .models");
      await site.commit("Broken");
      const push = await site.push();
      assert.notEqual(push.status, 0);
      assert.match(
        push.output,
        /REFUSED at django: ModuleNotFoundError: No module named 'nothing_of_that_name'/,
      );
      assert.match(push.output, /Release \d+ \(\w{7}\) goes on serving; nothing was changed\./);
      assert.equal(await shown(), "v2");
      await site.git("reset", "--quiet", "--hard", "HEAD^");
    });

    it("no secret stands in clear text in the state, a plan, a log or an argument list", async () => {
      const env = await host.sh("cat /home/deploy/www/var/env");
      const key = /^SECRET_KEY='?([^'\n]+)/m.exec(env)?.[1] ?? "";
      assert.equal(key.length, 64);
      assert.doesNotMatch(stack.state, new RegExp(key));
      assert.doesNotMatch(await stack.preview(), new RegExp(key));
      // The search itself gets the key on its standard input.
      const found = await host.sh(`key=$(sed -n 's/^SECRET_KEY=//p' /home/deploy/www/var/env)
        for file in /proc/[0-9]*/cmdline; do
          if tr '\\0' ' ' <"$file" 2>/dev/null | grep -qF -e "$key"; then echo "$file"; fi
        done
        grep -rlF -e "$key" /var/log /home/deploy/www/var/log || true
        journalctl --no-pager | grep -cF -e "$key" || true`);
      assert.equal(found, "0\n");
    });

    it("destroy gives the server back as it was", async () => {
      await stack.destroy();
      assert.deepEqual(compared(bare, await inventory(host)), []);
    });
  });
}

/** Assert that a preview updates this step and changes nothing else: so the up before it left nothing undone, either. */
function updatesOnly(preview: string, step: string): void {
  assert.match(preview, new RegExp(`~ \\S+: \\(update\\)\\n(.*\\n)? *\\[urn=\\S+::${step}\\]`));
  assert.match(preview, /~ 1 to update\n +\d+ unchanged/);
}

/** Replace a part of a text, which the text has to contain. */
function replaced(text: string, from: string, to: string): string {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
}
