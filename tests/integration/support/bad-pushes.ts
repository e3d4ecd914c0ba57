import assert from "node:assert/strict";
import type { Application } from "../../../testing/application";
import type { Host } from "../../../testing/host";
import type { BadPush } from "./bad-pushes/bad-push";
import { boot } from "./bad-pushes/boot";
import { dependencies } from "./bad-pushes/dependencies";
import { disk } from "./bad-pushes/disk";
import { health } from "./bad-pushes/health";
import { migrations } from "./bad-pushes/migrations";
import { project } from "./bad-pushes/project";

export type { BadPush };

/** Settings of a site that gets these pushes. */
export const badPushLimits = { deploy: 3, migrate: 5, boot: 10, health: 3 };

/**
 * Pushes that can't serve, each of another kind, in the order of the deploy's steps.
 *
 * The site's /home has to be a disk of its own, some hundred megabytes in size.
 */
export const badPushes: BadPush[] = [
  ...dependencies,
  ...project,
  ...migrations,
  ...boot,
  ...health,
  ...disk,
];

/** Those that a process manager has to do with: the others are refused before it is asked for anything. */
export const badForManagers: BadPush[] = [...migrations, ...boot, ...health, ...disk];

/** Push a bad one, which has to be refused with its reason. Then restore the clone and the server. */
export async function pushBadly(site: Application, host: Host, bad: BadPush): Promise<void> {
  await bad.make(site, host);
  await site.commit(`Bad: ${bad.what}`);
  const push = await site.push();
  await bad.giveBack?.(host);
  await site.git("reset", "--quiet", "--hard", "HEAD^");
  await site.git("clean", "-dffxq");
  assert.notEqual(push.status, 0, `${bad.what}:\n${push.output}`);
  assert.match(push.output.replace(/^remote: ?| *$/gm, ""), bad.reads, bad.what);
  assert.match(
    push.output,
    bad.leaves ?? /Release \d+ \(\w{7}\) goes on serving; nothing was changed\./,
  );
}

/** Write into the database like a visitor: some bad pushes are bad because they would lose that. */
export function visitorWrites(host: Host): Promise<string> {
  return host.sh(
    `cd www && bin/python - <<'END'
import sqlite3
with sqlite3.connect("var/db.sqlite3") as connection:
    connection.execute("insert into pages_entry (name, text, written_at) values ('one', 'kept', '2026-01-01')")
END`,
    "deploy",
  );
}
