// @ts-check
"use strict";
// Commands over SSH and on this machine, as Pulumi's command provider does them.

const assert = require("node:assert/strict");
const { after, before, describe, it } = require("node:test");
const { Secret, Unknown, withoutSecrets } = require("../shared/property-values.js");
const { Plugin } = require("./support/plugin.js");
const { SshServer } = require("./support/ssh-server.js");

/** @typedef {import("../shared/property-values.js").PropertyMap} PropertyMap */

const remote = "command:remote:Command";
const local = "command:local:Command";
const kinds = { add: 0, deleted: 2, update: 4, updateReplace: 5 };

describe("the command provider", () => {
  /** @type {Plugin} */
  let plugin;
  /** @type {SshServer} */
  let server;

  before(async () => {
    [plugin, server] = await Promise.all([Plugin.start("command"), SshServer.start()]);
    await plugin.configure();
  });
  after(() => {
    plugin.stop();
    server.stop();
  });

  /**
   * Check, then create, as the engine does.
   * @param {PropertyMap} inputs
   */
  const run = async (inputs) => {
    const checked = await plugin.check(remote, { connection: server.connection, ...inputs });
    assert.deepEqual(checked.failures, []);
    return (await plugin.create(remote, checked.inputs)).state;
  };
  /** @param {PropertyMap} state */
  const printed = (state) =>
    [state["stdout"], state["stderr"]].map((value) => withoutSecrets(value ?? null));

  describe("checks", () => {
    it("a connection has defaults and is a secret as a whole", async () => {
      const { inputs, failures } = await plugin.check(remote, { connection: { host: "a" } });
      assert.deepEqual(failures, []);
      const { connection } = inputs;
      assert.ok(connection instanceof Secret);
      assert.deepEqual(withoutSecrets(connection), {
        host: "a",
        user: "root",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
      });
    });

    it("a secret that isn't known yet is an empty one, so that a preview shows a change", async () => {
      const { inputs } = await plugin.check(remote, {
        connection: new Unknown(true),
        stdin: new Unknown(true),
        environment: new Unknown(true),
        create: new Unknown(false),
      });
      const { stdin, environment, create, connection } = inputs;
      assert.ok(stdin instanceof Secret && environment instanceof Secret);
      assert.deepEqual([stdin.element, environment.element], ["", {}]);
      assert.ok(create instanceof Unknown);
      assert.deepEqual(withoutSecrets(connection ?? null), {
        host: "",
        user: "root",
        port: 22,
        dialErrorLimit: 10,
        perDialTimeout: 15,
      });
    });

    it("what is missing is named", async () => {
      const { failures } = await plugin.check(remote, {});
      assert.deepEqual(failures, [
        {
          property: "connection",
          reason: "Missing required field 'connection' on 'remote.CommandInputs'",
        },
      ]);
    });
  });

  describe("changes", () => {
    const connection = { host: "a", user: "root", port: 22 };
    const old = { connection, create: "a", update: "u", delete: "d", stdin: "s", triggers: ["t"] };

    it("nothing changed is no change", async () => {
      assert.deepEqual(await plugin.diff(remote, old, old), {
        changed: false,
        replaces: [],
        detailed: {},
      });
    });

    for (const [name, value] of Object.entries({
      create: "b",
      update: "b",
      delete: "b",
      stdin: "b",
    })) {
      it(`${name} updates`, async () => {
        const { changed, replaces, detailed } = await plugin.diff(remote, old, {
          ...old,
          [name]: value,
        });
        assert.deepEqual(
          { changed, replaces, detailed },
          { changed: true, replaces: [], detailed: { [name]: kinds.update } },
        );
      });
    }

    it("an environment updates", async () => {
      const { changed, replaces } = await plugin.diff(remote, old, {
        ...old,
        environment: { A: "b" },
      });
      assert.deepEqual({ changed, replaces }, { changed: true, replaces: [] });
    });

    it("a connection updates, at the part that changed", async () => {
      const news = { ...old, connection: { ...connection, host: "b" } };
      const { replaces, detailed } = await plugin.diff(remote, old, news);
      assert.deepEqual(
        { replaces, detailed },
        { replaces: [], detailed: { "connection.host": kinds.update } },
      );
    });

    it("triggers that come or go replace", async () => {
      const { triggers: _, ...without } = old;
      const { replaces } = await plugin.diff(remote, without, old);
      assert.deepEqual(replaces, ["triggers"]);
    });
  });

  describe("a preview", () => {
    it("of a creation runs nothing and knows no output", async () => {
      const { state } = await plugin.create(
        remote,
        { connection: { host: "192.0.2.1" }, create: "x" },
        true,
      );
      assert.ok(state["stdout"] instanceof Unknown);
    });

    it("of an update that runs again knows no output", async () => {
      const inputs = { connection: { host: "192.0.2.1" }, create: "a", stdin: "1" };
      const state = { ...inputs, stdout: "o", stderr: "" };
      const next = await plugin.update(remote, state, { ...inputs, stdin: "2" }, true);
      assert.ok(next["stdout"] instanceof Unknown);
    });
  });

  describe("over SSH", () => {
    it("gives stdin, and keeps both streams less one newline", async () => {
      const state = await run({ create: "cat; echo; echo to stderr >&2", stdin: "of mine\n" });
      assert.deepEqual(printed(state), ["of mine\n", "to stderr"]);
    });

    it("passes environment variables that the server accepts", async () => {
      const state = await run({
        create: 'echo "$GREENPUSH_A"',
        environment: { GREENPUSH_A: "a b" },
      });
      assert.deepEqual(printed(state), ["a b", ""]);
    });

    it("fails at a variable that the server refuses, before anything runs", async () => {
      await assert.rejects(run({ create: "echo ran", environment: { OTHER: "a" } }), {
        message: 'could not set environment variable "OTHER": ssh: setenv failed',
      });
      assert.ok(plugin.logged.some((line) => line.startsWith("Unable to set 'OTHER'")));
    });

    it("an error says the status, the command and what it printed", async () => {
      await assert.rejects(run({ create: "echo one >&2; exit 3" }), {
        message: 'Process exited with status 3: running "echo one >&2; exit 3":\none\n',
      });
    });

    it("a signal is named", async () => {
      await assert.rejects(run({ create: "kill -TERM $$" }), {
        message: /^Process exited with status 143 from signal TERM: running "kill -TERM \$\$":\n/,
      });
    });

    it("shows lines as they come, or none where logging is off", async () => {
      await run({ create: "echo shown-line" });
      await run({ create: "echo hidden-line", logging: "none" });
      assert.ok(plugin.logged.includes("shown-line"));
      assert.ok(!plugin.logged.some((line) => line.includes("hidden-line")));
    });

    it("refuses another host key than the pinned one", async () => {
      const connection = { ...server.connection, hostKey: server.read("other.pub").trim() };
      await assert.rejects(run({ connection, create: "true" }), {
        message: "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
      });
    });

    it("names the ways to log in that failed", async () => {
      const connection = { ...server.connection, privateKey: server.read("other") };
      await assert.rejects(run({ connection, create: "true" }), {
        message:
          "after 1 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
      });
    });

    it("says that nobody listens", async () => {
      const closed = await SshServer.start();
      const connection = closed.connection;
      closed.stop();
      await assert.rejects(run({ connection, create: "true" }), {
        message: `after 1 failed attempts: dial tcp 127.0.0.1:${closed.port}: connect: connection refused`,
      });
    });

    it("tells a key that is none", async () => {
      const connection = { ...server.connection, privateKey: "no key" };
      await assert.rejects(run({ connection, create: "true" }), { message: /ssh: no key found/ });
    });
  });

  describe("later", () => {
    it("update runs `update`, which gets the output of before", async () => {
      const state = await run({
        create: "echo first",
        update: 'echo "after $PULUMI_COMMAND_STDOUT"',
      });
      const { stdout: _out, stderr: _err, ...inputs } = state;
      const next = await plugin.update(remote, state, { ...inputs, stdin: "changed" });
      assert.deepEqual(printed(next), ["after first", ""]);
    });

    it("update runs `create` where there is no `update`", async () => {
      const state = await run({ create: "cat", stdin: "1" });
      const { stdout: _out, stderr: _err, ...inputs } = state;
      assert.deepEqual(printed(await plugin.update(remote, state, { ...inputs, stdin: "2" })), [
        "2",
        "",
      ]);
    });

    it("delete runs with the saved stdin, and only where there is one", async () => {
      const state = await run({ create: "true", delete: "cat >&2; exit 9", stdin: "saved" });
      await assert.rejects(plugin.delete(remote, state), { message: /status 9: .*\nsaved$/s });
      await plugin.delete(remote, await run({ create: "true" }));
    });
  });

  describe("on this machine", () => {
    it("runs in a folder, with variables and stdin", async () => {
      const { state } = await plugin.create(local, {
        create: 'pwd; cat; echo "$A"',
        dir: "/",
        stdin: "in\n",
        environment: { A: "b" },
      });
      assert.deepEqual(printed(state), ["/\nin\nb", ""]);
    });

    it("an error says the status, the command and what it printed", async () => {
      await assert.rejects(plugin.create(local, { create: "echo no; exit 4" }), {
        message: 'exit status 4: running "echo no; exit 4":\nno\n',
      });
    });
  });

  it("a type that it does not have is an error", async () => {
    await assert.rejects(plugin.check("command:remote:Nothing", {}));
  });
});
