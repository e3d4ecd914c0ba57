// The data of packages outlives them: `destroy` names what stays and purges the rest, and a later `up` finds the data.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { oneSite } from "../../testing/one-site";
import { Stack } from "../../testing/stack";

describe("packages of the stack file", { timeout: 900_000 }, () => {
  let host: Host;
  let stack: Stack;

  const describeStack = (...packages: string[]) => {
    const { servers, sites } = oneSite(host, { keep: true });
    stack.describe({ servers: { own: { ...servers.own, packages } }, sites });
  };
  const query = (sql: string) =>
    host.sh(`cd / && runuser -u postgres -- psql --no-psqlrc -qAt -d books -c "${sql}"`);
  /** Packages in any state, as `ii git`. */
  const packages = async () =>
    (await host.sh("dpkg -l | awk '/^[a-z][a-z] / { print $1, $2 }'")).split("\n");

  before(async () => {
    host = await Host.make();
    // Its unit needs something that a container does not have.
    await host.sh(`mkdir -p /etc/systemd/system/redis-server.service.d
      printf '[Service]\\nPrivateUsers=false\\n' >/etc/systemd/system/redis-server.service.d/container.conf`);
    stack = new Stack(await copyCheckout());
    await stack.create();
    describeStack("postgresql", "redis-server", "tree");
    await stack.up();
    await host.sh(`cd / && runuser -u postgres -- createdb books
      redis-cli set book kept && redis-cli save`);
    await query("CREATE TABLE book (name text); INSERT INTO book VALUES ('kept')");
  });

  it("one that leaves it stays installed", async () => {
    describeStack("postgresql", "redis-server");
    await stack.up();
    assert.equal(await query("SELECT name FROM book"), "kept\n");
    assert.ok((await packages()).includes("ii tree"));
  });

  it("the preview of a destroy says what of their data stays, and where the site's goes", async () => {
    const { status, output } = await stack.pulumi("destroy", "--preview-only", "--non-interactive");
    assert.equal(status, 0, output);
    assert.match(output, /servers\.own\.packages: postgresql, redis-server: removed; .*stays\n/);
    assert.match(
      output,
      /sites\.codebase: .*\/home\/deploy\/www\/var.*packed into \/var\/backups\/greenpush of own/,
    );
  });

  it("destroy keeps their data, says where, and purges all else", async () => {
    const said = await stack.destroy();
    for (const folder of ["/var/lib/postgresql", "/var/lib/redis"])
      assert.match(said, new RegExp(`keeps the data in ${folder} on own \\(\\d+\\S+\\)`));
    assert.match(
      said,
      /removes and does not purge.*: .*postgresql-\d+ .*postgresql-common .*redis-tools\n/,
    );
    assert.match(
      said,
      /what was in \/home\/deploy\/www\/var is kept in \/var\/backups\/greenpush\//,
    );
    const left = await packages();
    for (const name of ["postgresql-\\d+", "postgresql-common", "redis-tools"])
      assert.match(left.join("\n"), new RegExp(`^rc ${name}$`, "m"));
    for (const name of ["nginx", "nginx-common", "virtualenv", "tree", "libpq5"])
      assert.deepEqual(
        left.filter((line) => line.endsWith(` ${name}`) || line.includes(` ${name}:`)),
        [],
      );
    assert.match(await host.sh("ls /var/lib/redis"), /dump\.rdb/);
  });

  it("and the next up finds it", async () => {
    await stack.up();
    assert.equal(await query("SELECT name FROM book"), "kept\n");
    assert.equal(await host.sh("redis-cli get book"), "kept\n");
    assert.deepEqual(await stack.changes(), {});
  });
});
