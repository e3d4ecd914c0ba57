// Visitors don't notice a push, whatever they are doing. And power failures.

import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";

/** How long the application takes to import. */
const importSeconds = 3;

const views = `

def slow(request):
    import time

    time.sleep(float(request.GET["seconds"]))
    return HttpResponse(f"{VERSION} after {request.GET['seconds']} s")


def upload(request):
    return HttpResponse(f"{len(request.body)} bytes")


upload.csrf_exempt = True
`;

describe("what visitors feel of a push", { timeout: 900_000 }, () => {
  let host: Host;
  let site: Application;
  let load: Load;

  before(async () => {
    host = await Host.make();
    ({ site } = await setUpSite(host, oneSite(host, { gunicorn: { workers: 3 } })));
    appendFileSync(join(site.folder, "pages", "views.py"), views);
    site.edit(
      "codebase/urls.py",
      "urlpatterns = [",
      'urlpatterns = [\n    path("slow", views.slow),\n    path("upload", views.upload),',
    );
    site.edit("codebase/wsgi.py", /^/, `import time\n\ntime.sleep(${importSeconds})\n`);
    await goLive("v1 that is slow to import");
    load = new Load(host, name);
  });

  after(() => load.stop());

  const goLive = async (version: string) => {
    await site.release(version);
    const push = await site.push();
    assert.equal(push.status, 0, push.output);
    assert.match((await host.get("/", name)).body, new RegExp(`>${version}<`));
  };

  /** Assert that no request failed, and that none waited for the application to import. */
  const nothingFelt = () => {
    const slowest = Math.max(...load.asked.map(({ milliseconds }) => milliseconds));
    assert.deepEqual(load.failures(), []);
    assert.ok(slowest < importSeconds * 1000, `the slowest request took ${slowest} ms`);
  };

  it("nothing, though the application takes seconds to import", async () => {
    await goLive("v2");
    nothingFelt();
  });

  it("nothing, while a request is under way for longer than the push", async () => {
    const answer = host.get("/slow?seconds=12", name);
    await sleep(500);
    await goLive("v3");
    assert.deepEqual(await answer, {
      status: 200,
      type: "text/html; charset=utf-8",
      body: "v2 after 12 s",
    });
    nothingFelt();
  });

  it("nothing on a connection that is kept open", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await ask(agent, "GET", "/");
    await goLive("v4");
    const second = await ask(agent, "GET", "/");
    agent.destroy();
    assert.deepEqual([first.status, second.status], [200, 200]);
    assert.equal(second.localPort, first.localPort, "it is the same connection");
    assert.match(second.body, />v4</);
    nothingFelt();
  });

  it("nothing of an upload that is going on", async () => {
    const uploaded = ask(undefined, "POST", "/upload", async function* () {
      for (let part = 0; part < 40; part++) {
        yield Buffer.alloc(50_000, "x");
        await sleep(200);
      }
    });
    await goLive("v5");
    const { status, body } = await uploaded;
    assert.deepEqual({ status, body }, { status: 200, body: "2000000 bytes" });
    nothingFelt();
  });

  it("nothing of another Django", async () => {
    site.edit("requirements.pip", /Django==[\d.]+/i, "Django==5.1.4");
    await goLive("v6");
    const version = await host.sh("www/bin/python -m django --version", "deploy");
    assert.equal(version.trim(), "5.1.4");
    nothingFelt();
  });

  it("nothing of the work of it, which has a lower priority than what serves", async () => {
    const view =
      '\n\ndef priority(request):\n    import os\n\n    return HttpResponse(f"{os.nice(0)}")\n';
    appendFileSync(join(site.folder, "pages", "views.py"), view);
    site.edit(
      "codebase/urls.py",
      "urlpatterns = [",
      'urlpatterns = [\n    path("priority", views.priority),',
    );
    appendFileSync(join(site.folder, "deploy.sh"), 'echo "priority $(nice)"\n');
    await site.release("v7");
    assert.match(await site.pushWell(), /priority 10/);
    assert.equal((await host.get("/priority", name)).body, "0");
    nothingFelt();
  });

  it("a power failure in the middle of a push: the version before serves, and the next push goes live", async () => {
    await load.stop();
    writeFileSync(join(site.folder, "deploy.sh"), "touch ../../../var/deploying\nsleep 60\n");
    await site.commit("A slow deploy.sh");
    const push = site.push();
    await host.sh("until [ -e www/var/deploying ]; do sleep 0.1; done", "deploy");
    await host.restart();
    assert.notEqual((await push).status, 0);
    assert.match((await host.get("/", name)).body, />v7</);
    await site.git("reset", "--quiet", "--hard", "HEAD^");
    await goLive("v8");
    // After a push has ended, its old files are removed under the lock that a recovery waits for.
    await host.sh("www/deploy recover", "deploy");
    assert.equal((await host.sh("ls www/releases | wc -l", "deploy")).trim(), "7");
  });

  it("a power failure later: the version that was live is live", async () => {
    await host.restart();
    assert.match((await host.get("/", name)).body, />v8</);
  });

  /** Make one request, over the agent's connection if there is one, and send the body in parts. */
  const ask = (
    agent: Agent | undefined,
    method: string,
    path: string,
    parts?: () => AsyncGenerator<Buffer>,
  ): Promise<{ status: number; body: string; localPort: number | undefined }> =>
    new Promise((resolve, reject) => {
      const { host: address, httpPort } = host.address;
      const headers = { host: name, connection: agent ? "keep-alive" : "close" };
      const asking = request(
        { host: address, port: httpPort, agent: agent ?? false, method, path, headers },
        (answer) => {
          const localPort = answer.socket.localPort;
          let body = "";
          answer.setEncoding("utf8").on("data", (text: string) => (body += text));
          answer.on("error", reject);
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, localPort }));
        },
      );
      asking.on("error", reject);
      const send = async () => {
        for await (const part of parts?.() ?? []) asking.write(part);
        asking.end();
      };
      send().catch(reject);
    });
});
