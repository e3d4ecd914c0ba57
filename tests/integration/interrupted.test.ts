// `up` and `destroy` are interrupted at many points, on either side, and the next one finishes the work.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Application } from "../../testing/application";
import { copyCheckout } from "../../testing/checkout";
import { Cuts } from "./support/cuts";
import { Host } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { Stack } from "../../testing/stack";

/** Each run is cut off so many changes later than the one before it, until one completes. */
const stride = 4;
const yes = ["--yes", "--skip-preview", "--non-interactive"];

describe("an interruption", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;
  let cuts: Cuts;
  let bare: string[];

  const describeStack = (changes: object = {}) =>
    stack.describe({
      servers: { own: host.settings() },
      sites: {
        codebase: {
          serverNames: ["www.example.org"],
          settings: "codebase.settings.test",
          health: "/health",
          keep: false,
          ...changes,
        },
      },
    });

  before(async () => {
    host = await Host.make();
    bare = await inventory(host);
    cuts = await Cuts.prepare(host);
    stack = new Stack(await copyCheckout());
    await stack.create();
    describeStack();
  });

  /** Run a verb again and again, each time cut off later on the server. Return how often it was cut off. */
  const cutUntilDone = async (verb: string): Promise<number> => {
    for (let cut = 0; ; cut++) {
      await cuts.at(1 + cut * stride);
      const ended = await stack.pulumi(verb, ...yes);
      if (!(await cuts.came())) {
        assert.equal(ended.status, 0, ended.output);
        // Its few changes more would cut off what comes next.
        await cuts.none();
        return cut;
      }
      assert.notEqual(ended.status, 0, `cut off at ${1 + cut * stride}:\n${ended.output}`);
    }
  };

  it("of the installation of packages", async () => {
    const up = stack.pulumi("up", ...yes);
    // Kill the dpkg that installs; apt and others also start it for a moment to query it.
    // Processes that ended with dpkg can't be killed any more.
    await host.sh(`until pkill -KILL -f '^/usr/bin/dpkg .*--status-fd'; do sleep 0.02; done
      pkill -KILL -x apt-get || :
      pkill -KILL -f '^sh /tmp/tmp' || :`);
    assert.notEqual((await up).status, 0);
  });

  it("of an up, on the server: the next goes on, until one is through", async () => {
    const times = await cutUntilDone("up");
    assert.ok(times > 5, `cut off ${times} times`);
    assert.deepEqual(await stack.changes(), {});
    const sites = await stack.output<Record<string, Record<string, string>>>("sites");
    const site = new Application(sites["codebase"]?.["gitRemote"] ?? "", host);
    await site.make();
    const push = await site.push();
    assert.equal(push.status, 0, push.output);
    assert.match((await host.get("/", "www.example.org")).body, /v1/);
  });

  it("of an up, here: killed, its state is unlocked by the next", async () => {
    const { codebase } = await stack.output<Record<string, unknown>>("sites");
    assert.ok(codebase);
    describeStack({ gunicorn: { workers: 3 } });
    const killed = stack.start("up", ...yes);
    await host.sh("until pgrep -u deploy -f 'deploy configure' >/dev/null; do sleep 0.02; done");
    killed.kill();
    await killed.ended;
    const up = await stack.pulumi("up", ...yes);
    assert.equal(up.status, 0, up.output);
    assert.match(up.output, /locked by process \d+, which has ended: unlocked/);
    assert.deepEqual(await stack.changes(), {});
    assert.equal(
      (await host.sh("pgrep --count --parent $(cat /home/deploy/www/var/pid)")).trim(),
      "3",
    );
    assert.match((await host.get("/", "www.example.org")).body, /v1/);
  });

  it("by somebody else's up: one of the two says so, and the work is done", async () => {
    await host.sh("rm /etc/nginx/conf.d/greenpush-refuse.conf");
    const both = [stack.pulumi("up", ...yes)];
    await sleep(300);
    both.push(stack.pulumi("up", ...yes));
    const ended = await Promise.all(both);
    const failed = ended.filter(({ status }) => status !== 0);
    assert.ok(failed.length < 2, ended.map(({ output }) => output).join("\n"));
    for (const { output } of failed) assert.match(output, /currently locked/);
    assert.deepEqual(await stack.changes(), {});
  });

  it("of a destroy, on the server: the next leaves nothing", async () => {
    const times = await cutUntilDone("destroy");
    assert.ok(times > 2, `cut off ${times} times`);
    await cuts.end();
    assert.deepEqual(compared(bare, await inventory(host)), []);
  });
});
