// A project out of `django-admin startproject`, pushed as it is; and what a site that visitors meet makes of it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { Stack } from "../../testing/stack";

describe("a project out of startproject", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let tried: Application;
  let visited: Application;
  // With DEBUG, and no ALLOWED_HOSTS, Django answers to localhost and what ends in it.
  const names = { tried: "tried.localhost", visited: "visited.example.org" };
  const requirements = readFileSync(
    join(__dirname, "..", "..", "examples", "codebase", "requirements.pip"),
    "utf8",
  );
  const django = /^Django==\S+$/m.exec(requirements)?.[0] ?? "";

  /** A clone with the project, made by Django itself on the server. */
  const startProject = async (site: string): Promise<Application> => {
    const sites = await stack.output<Record<string, Record<string, string>>>("sites");
    const clone = new Application(sites[site]?.["gitRemote"] ?? "", host);
    mkdirSync(join(clone.folder, "mysite"), { recursive: true });
    const files = await host.sh(`
set -e
export UV_CACHE_DIR=/tmp/uv UV_SYSTEM_CERTS=1
rm -rf /tmp/new && mkdir /tmp/new
/opt/greenpush/uv tool run --quiet --from '${django}' django-admin startproject mysite /tmp/new
cd /tmp/new && tar -cf - . | base64`);
    execFileSync("tar", ["-xf", "-", "-C", clone.folder], {
      input: Buffer.from(files, "base64"),
    });
    clone.write("requirements.txt", `${django}\n`);
    execFileSync("git", ["init", "--quiet", "--initial-branch", "main", clone.folder]);
    await clone.adopt();
    await clone.commit("As startproject makes it");
    return clone;
  };
  /** Write what the refusal says, where it says it. */
  const writeLines = (clone: Application, said: string): string[] => {
    const found = [...said.matchAll(/ (\S+\.py):(\d+): .*\n.* write: (.*\S)/g)];
    // From the last line of a file on, for a line that is put in moves those after it.
    for (const [, file = "", line, text = ""] of found.sort(
      (one, other) => Number(other[2]) - Number(one[2]),
    )) {
      const path = join(clone.folder, file);
      const lines = readFileSync(path, "utf8").split("\n");
      lines.splice(Number(line) - 1, text.startsWith("import ") ? 0 : 1, text);
      writeFileSync(path, lines.join("\n"));
    }
    return found.map(([, , , text = ""]) => text);
  };

  before(async () => {
    host = await Host.make();
    stack = new Stack(await copyCheckout());
    await stack.create();
    const kept = { health: "/admin/login/", keep: false };
    // As on a test server.
    const allowed = { debug: true, insecureSecretKey: true, developmentSettings: true };
    stack.describe({
      servers: { own: host.settings() },
      sites: {
        tried: { serverNames: [names.tried], user: "tried", ...kept, ...allowed },
        visited: { serverNames: [names.visited], user: "visited", ...kept },
      },
    });
    await stack.up();
    tried = await startProject("tried");
    visited = await startProject("visited");
  });

  it("is live on a test server as it is", async () => {
    const said = await tried.pushWell();
    assert.match(said, /DEBUG is True/);
    assert.match((await host.get("/", names.tried)).body, /The install worked successfully/);
    assert.equal((await host.get("/static/admin/css/base.css", names.tried)).status, 200);
  });

  it("and loses nothing at the second push", async () => {
    const add = "import django.contrib.auth.models as m; m.User.objects.create_user('ada')";
    await host.sh(`www/deploy run python manage.py shell -c "${add}"`, "tried");
    tried.edit("mysite/urls.py", "urlpatterns = [", "urlpatterns = [  # The second");
    await tried.commit("The second");
    await tried.pushWell();
    const count = "import django.contrib.auth.models as m; print('users', m.User.objects.count())";
    const said = await host.sh(`www/deploy run python manage.py shell -c "${count}"`, "tried");
    assert.match(said, /^users 1$/m);
  });

  it("is refused where visitors meet it, and live with the lines that the refusal says", async () => {
    const refused = await visited.push();
    assert.notEqual(refused.status, 0);
    assert.match(refused.output, /REFUSED at django: DEBUG is True/);
    const written = writeLines(visited, refused.output);
    assert.deepEqual(written.map((line) => /\w+( os)?/.exec(line)?.[0]).sort(), [
      "ALLOWED_HOSTS",
      "DEBUG",
      "SECRET_KEY",
      "import os",
    ]);
    await visited.commit("With the lines of the refusal");
    const said = await visited.pushWell();
    assert.doesNotMatch(said, /DEBUG/);
    assert.equal((await host.get("/admin/login/", names.visited)).status, 200);
    assert.equal((await host.get("/", names.visited)).status, 404);
  });
});
