// Who can do what: each role, a visitor and another site's account, for each action.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Application } from "../../testing/application";
import { copyCheckout, scratchFolder } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { run, runWell } from "../../testing/run";
import { Stack } from "../../testing/stack";

const actors = ["visitor", "push", "operate", "shell", "other"] as const;
type Actor = (typeof actors)[number];

const name = "own.example.org";
const everybody: Actor[] = [...actors];
const pushers: Actor[] = ["push", "operate", "shell"];
const operators: Actor[] = ["operate", "shell"];

describe("who can do what", { timeout: 900_000 }, () => {
  let host: Host;
  let site: Application;
  const keys = scratchFolder();

  const options = (actor: Actor) => {
    const { port, knownHostsFile } = host.address;
    return [
      ...["-F", "/dev/null", "-o", `Port=${port}`, "-i", join(keys, actor)],
      ...["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"],
      ...["-o", `UserKnownHostsFile=${knownHostsFile}`, "-o", "StrictHostKeyChecking=yes"],
    ];
  };
  const ends = async (program: string, words: string[], input = "") =>
    (await run(program, words, { input, timeout: 60_000 })).status === 0;

  /** Whether a command over SSH succeeds. The other site's account also tries the action by path. */
  const ssh = (command: string, byPath?: string) => async (actor: Actor) => {
    const address = `own@${host.address.host}`;
    if (await ends("ssh", [...options(actor), address, command])) return true;
    return actor === "other" && byPath !== undefined
      ? (await host.run(byPath, "other")).status === 0
      : false;
  };
  const git =
    (...words: string[]) =>
    async (actor: Actor) => {
      await site.commit(`By ${actor}`);
      const command = `ssh ${options(actor)
        .map((word) => `'${word}'`)
        .join(" ")}`;
      const set = ["-c", `core.sshCommand=${command}`, "-C", site.folder];
      return ends("git", [...set, ...words]);
    };
  const engine = "GREENPUSH_WWW=/home/own/www /usr/lib/greenpush/deploy";

  /** Each with who can do it. */
  const deeds: [string, Actor[], (actor: Actor) => Promise<boolean>][] = [
    ["see a page", everybody, async () => (await host.get("/", name)).status === 200],
    ["fetch", pushers, git("ls-remote", "site")],
    ["push", pushers, git("push", "site", "HEAD:main")],
    ["deploy status", pushers, ssh("www/deploy status", `${engine} status`)],
    ["deploy log", pushers, ssh("www/deploy log", `${engine} log`)],
    ["deploy recover", operators, ssh("www/deploy recover", `${engine} recover`)],
    [
      "deploy maintenance",
      operators,
      ssh("www/deploy maintenance off", `${engine} maintenance off`),
    ],
    ["deploy run", operators, ssh("www/deploy run true", `${engine} run true`)],
    ["run a command", ["shell"], ssh("true", "test -x /home/own")],
    ["read secrets by path", ["shell"], ssh("cat www/var/env", "cat /home/own/www/var/env")],
    [
      "change the account's keys",
      ["shell"],
      ssh("touch .ssh/authorized_keys", "touch /home/own/.ssh/authorized_keys"),
    ],
    [
      "copy files",
      ["shell"],
      (actor) =>
        ends("sftp", [...options(actor), "-b", "-", `own@${host.address.host}`], "ls www\n"),
    ],
    [
      "forward a port",
      ["shell"],
      (actor) =>
        ends(
          "ssh",
          [...options(actor), "-W", "127.0.0.1:80", `own@${host.address.host}`],
          `GET / HTTP/1.0\r\nHost: ${name}\r\n\r\n`,
        ),
    ],
    [
      "change the engine",
      [],
      ssh("touch /usr/lib/greenpush/engine/x.py", "touch /usr/lib/greenpush/engine/x.py"),
    ],
    ["change the configuration", [], ssh("touch www/config/x", "touch /etc/greenpush/own/x")],
    ["be root", [], ssh("sudo -n id", "sudo -n id")],
  ];

  before(async () => {
    host = await Host.make();
    // All attempts come from one address, and sshd of Debian 13 would let it wait after those that fail.
    await host.sh(`echo 'PerSourcePenalties no' >/etc/ssh/sshd_config.d/50-test.conf
      systemctl reload ssh`);
    for (const actor of actors)
      await runWell("ssh-keygen", [
        ...["-q", "-t", "ed25519", "-N", "", "-C", actor],
        ...["-f", join(keys, actor)],
      ]);
    const key = (actor: Actor) => readFileSync(join(keys, `${actor}.pub`), "utf8").trim();
    const ours = readFileSync(`${host.address.privateKeyFile}.pub`, "utf8").trim();
    const stack = new Stack(await copyCheckout());
    await stack.create();
    const common = { settings: "codebase.settings.test", health: "/health", keep: false };
    stack.describe({
      servers: { own: host.settings() },
      sites: {
        own: {
          ...{ ...common, serverNames: [name], user: "own", authorizedKeys: [ours] },
          gunicorn: { workers: 1 },
          pushers: Object.fromEntries(
            (["push", "operate", "shell"] as const).map((role) => [role, { key: key(role), role }]),
          ),
        },
        other: {
          ...{ ...common, serverNames: ["other.example.org"], user: "other" },
          ...{ authorizedKeys: [ours, key("other")], gunicorn: { workers: 1 } },
        },
      },
    });
    await stack.up();
    const sites = await stack.output<Record<string, Record<string, string>>>("sites");
    site = new Application(sites["own"]?.["gitRemote"] ?? "", host);
    await site.make();
    await site.pushWell();
  });

  for (const [deed, who, tried] of deeds) {
    it(deed, async () => {
      const could: Actor[] = [];
      for (const actor of actors) if (await tried(actor)) could.push(actor);
      assert.deepEqual(could, who);
    });
  }

  it("and each push is on record by the person's name", async () => {
    const said = await host.sh("www/deploy log", "own");
    for (const role of pushers) assert.match(said, new RegExp(` ${role} from `));
  });
});
