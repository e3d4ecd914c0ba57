// What a stack gives an application reaches it on a real server, and no secret of it stands in the state or in a preview.
// Values that mean something to a shell, YAML, JSON, systemd or a template reach it as they are written.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { load } from "js-yaml";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { oneSite, serverName as name } from "../../testing/one-site";
import { oddValues } from "./support/odd-values";
import { Stack } from "../../testing/stack";

const secret = "4f8e-of-the-test";
const values = { ...oddValues(499), V499: "x".repeat(100_000) };
// `${` begins a name in a stack file, and `$${` stands for it.
const asWritten = Object.fromEntries(
  Object.entries(values).map(([variable, text]) => [variable, text.replaceAll("${", "$$${")]),
);

describe("what a stack gives", { timeout: 600_000 }, () => {
  let host: Host, stack: Stack, site: Application;
  const file = (path: string, text: string) => {
    writeFileSync(join(stack.checkout, "stacks", "files", path), text);
  };
  const describeSite = (more: object = {}) => {
    stack.describe(
      oneSite(host, {
        environment: {
          ...asWritten,
          INDEX: "${VAR_DIR}/index",
          MAIL_URL: "smtp://x:${MAIL_PASSWORD}@mail",
        },
        secrets: ["MAIL_PASSWORD"],
        generated: ["SALT"],
        files: { "pages/local.py": "files/local.py", "pages/mail.py": "files/mail.py" },
        ...more,
      }),
    );
  };
  const unit: string[] = [];
  /** Do as a refusal says. */
  const loosen = async (refusal: string) => {
    const { gunicorn } = load(/gunicorn: \{ unit: .* \}/.exec(refusal)?.[0] ?? "") as {
      gunicorn: { unit: string[] };
    };
    unit.push(...gunicorn.unit);
    describeSite({ gunicorn: { unit } });
    await stack.up();
  };
  const told = async () => JSON.parse((await host.get("/health?told", name)).body) as unknown;

  before(async () => {
    host = await Host.make();
    stack = new Stack(await copyCheckout());
    mkdirSync(join(stack.checkout, "stacks", "files"));
    file("local.py", "COLOUR = 'red'\nPLACE = '${INDEX}'\n");
    file("mail.py", "# beside a secret\nPASSWORD = '${MAIL_PASSWORD}'\n");
    await stack.create();
    const words = ["--secret", "--path", "secrets.codebase.MAIL_PASSWORD", secret];
    assert.equal((await stack.pulumi("config", "set", ...words)).status, 0);
    describeSite();
    await stack.up();
    const { codebase } = await stack.output<Record<string, Record<string, string>>>("sites");
    site = new Application(codebase?.["gitRemote"] ?? "", host);
    await site.make();
    site.edit(
      "pages/views.py",
      'return HttpResponse("ok"',
      `import os, pathlib
    from django.http import JsonResponse
    from pages import local, mail
    if "values" in request.GET: return JsonResponse({name: text for name, text in os.environ.items() if name[0] == "V" and name[1:].isdigit()})
    if "write" in request.GET: pathlib.Path("/tmp", request.GET["write"]).write_text("of an earlier release")
    if "told" in request.GET: return JsonResponse([local.COLOUR, local.PLACE, mail.PASSWORD, os.environ["MAIL_URL"], len(os.environ["SALT"]), os.environ["DJANGO_SECRET_KEY"] == os.environ["SECRET_KEY"], os.path.exists("/tmp/mark")], safe=False)
    return HttpResponse("ok"`,
    );
    await site.commit("Tells what it is given");
    await site.pushWell();
  });

  it("is what the application gets", async () => {
    assert.deepEqual(await told(), [
      ...["red", "/home/deploy/www/var/index", secret, `smtp://x:${secret}@mail`, 64, true, false],
    ]);
    const modes = await host.sh(
      "cd /home/deploy/www/live/codebase/pages && stat -c %a local.py mail.py",
    );
    assert.equal(modes, "640\n600\n");
  });

  it("has its 500 values as they are written", async () => {
    const { body } = await host.get("/health?values", name);
    assert.deepEqual(JSON.parse(body), values);
  });

  it("keeps its secrets out of state and preview, which shows a changed line of a file", async () => {
    const salt = (await host.sh("sed -n 's/^SALT=//p' /home/deploy/www/var/env")).trim();
    file("local.py", "COLOUR = 'blue'\nPLACE = '${INDEX}'\n");
    file("mail.py", "# beside a secret, too\nPASSWORD = '${MAIL_PASSWORD}'\n");
    const preview = await stack.preview();
    assert.match(preview, /\+ +"COLOUR = 'blue'"/);
    for (const text of [secret, salt, "beside a secret"]) {
      assert.ok(!stack.state.includes(text), `the state has ${text}`);
      assert.ok(!preview.includes(text), `the preview has ${text}`);
    }
  });

  it("makes a release where a file changes", async () => {
    await stack.up();
    assert.equal(((await told()) as unknown[])[0], "blue");
    assert.match(
      await host.sh("cat /home/deploy/www/live/codebase/pages/mail.py"),
      /beside a secret, too/,
    );
    assert.deepEqual(await stack.changes(), {});
  });

  it("is a /tmp of the site's own, which outlives a release", async () => {
    await host.get("/health?write=mark", name);
    await site.release("another");
    const said = /Written into \/tmp, which is empty after a restart of the server: mark\./;
    assert.match(await site.pushWell(), said);
    await site.release("and another");
    assert.doesNotMatch(await site.pushWell(), said);
    assert.equal(((await told()) as unknown[]).at(-1), true);
    assert.equal(await host.sh("ls /tmp/mark 2>/dev/null || true"), "");
  });

  it("is no /tmp for a secret", async () => {
    await host.get("/health?write=signing.key", name);
    await site.release("which would lose it");
    const push = await site.push();
    assert.equal(push.status, 1);
    assert.match(push.output, /REFUSED at data: the application writes \/tmp\/signing\.key, and/);
    // Its way out, as the refusal has it.
    await host.sh("install -d -o deploy -g deploy /home/deploy/www/var/tmp");
    await loosen(push.output);
    await host.get("/health?write=signing.key", name);
    assert.equal(
      await host.sh("cat /home/deploy/www/var/tmp/signing.key"),
      "of an earlier release",
    );
    await site.pushWell();
  });

  it("is a database that gunicorn may write to, too", async () => {
    await host.sh("install -d -o deploy -g deploy /srv/data");
    site.edit("codebase/settings/common.py", /"NAME": .*/, '"NAME": "/srv/data/db.sqlite3",');
    await site.commit("A database of the server");
    const push = await site.push();
    assert.equal(push.status, 1);
    assert.match(
      push.output,
      /REFUSED at boot: the application can't write to its database \/srv\/data\/db\.sqlite3/,
    );
    assert.match(
      push.output,
      /codebase\/settings\/common\.py:\d+\. Have the settings put it below/,
    );
    await loosen(push.output);
    await site.pushWell();
    assert.match(await host.sh("stat -c %U /srv/data/db.sqlite3"), /deploy/);
  });

  it("is a tree that gunicorn may not write into, which a push finds out", async () => {
    site.edit(
      "codebase/settings/common.py",
      /$/,
      `\nCACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cached"}}\n`,
    );
    site.edit(
      "pages/views.py",
      /return HttpResponse\("ok"/,
      'from django.core.cache import cache; cache.set("asked", 1)\n    return HttpResponse("ok"',
    );
    await site.commit("A cache in the tree");
    const { status, output } = await site.push();
    assert.equal(status, 1);
    assert.match(output, /REFUSED at health: \/health answered 500/);
    assert.match(
      output,
      /pages\/views\.py", line \d+, in health[^]*OSError: .*Read-only file system/,
    );
    assert.match(output, /Write `shared: \[cached\]` into the stack file/);
    describeSite({ gunicorn: { unit }, shared: ["cached"] });
    await stack.up();
    await site.pushWell();
    assert.match(await host.sh("ls /home/deploy/www/var/shared/cached"), /\.djcache/);
  });
});
