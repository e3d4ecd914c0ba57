// The account of a site attacks the server, its operator and another site, and gains nothing.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { AttackedServer, sites } from "./support/attacked-server";
import {
  description,
  endless,
  inSandbox,
  links,
  linksForTheEngine,
  read,
  sudoed,
  swapped,
} from "./support/attacks";
import { describeSites, nameOf } from "./support/two-sites";

describe("the account of a site attacks", { timeout: 1_200_000 }, () => {
  let server: AttackedServer;
  before(async () => {
    server = await AttackedServer.make();
  });

  for (const attacks of [...links, ...endless]) {
    it(`with ${attacks.map(({ path, by }) => `${by.slice(0, 40)} ${path}`).join(", ")}`, async () => {
      await server.put(attacks);
      const found = await server.looked();
      const said = await server.applied();
      await server.giveBack();
      for (const { says } of attacks) if (says) assert.match(found, says);
      await server.holds(found, said, await server.mended());
    });
  }

  it("with programs that git starts: they get nothing of root's, and keep nobody waiting", async () => {
    await server.asMallory(`cat >program <<'PROGRAM'
#!/usr/bin/python3
import os, signal
with open("/home/mallory/descriptors", "a") as file:
    for name in os.listdir("/proc/self/fd"):
        try: file.write(os.readlink(f"/proc/self/fd/{name}") + "\\n")
        except OSError: pass
for descriptor in range(1, 20):
    try: os.write(descriptor, b"\\x1b]0;mine\\x07\\x1b[2Jgreenpush: all is well\\n")
    except OSError: pass
if os.fork() == 0:
    os.setsid()
    signal.pause()
os.kill(os.getppid(), signal.SIGSTOP)
signal.pause()
PROGRAM
      chmod 755 program
      git -C www/codebase config filter.x.clean /home/mallory/program
      git -C www/codebase config core.hooksPath "$(printf 'x\\ntree\\t/root\\nmode\\t/etc/shadow\\t666 root:root\\nuser\\tvictim')"
      git -C www/codebase config receive.denyCurrentBranch "$(printf '\\033[2Jx\\ttree\\t/etc')"
      git config --global core.fsmonitor /home/mallory/program`);
    const { warnings } = await server.stack.plan();
    const shown = warnings.join("\n");
    assert.match(shown, /git diff in .*codebase did not end in \d+ s/);
    const said = await server.applied();
    assert.match(said, /git-repository ended with/);
    await server.asMallory("pkill -KILL -f /home/mallory/program; rm .gitconfig");
    await server.holds(shown, said, await server.mended());
    const got = (await server.host.sh("cat /home/mallory/descriptors")).split("\n").filter(Boolean);
    assert.ok(got.length > 0);
    assert.deepEqual(
      got.filter(
        (name) =>
          !/^(pipe|socket):|^\/(dev\/null|proc\/\d+\/fd|memfd:greenpush|home\/mallory\/)/.test(
            name,
          ),
      ),
      [],
    );
    assert.doesNotMatch(
      await server.host.sh("cat /var/lib/greenpush/*.mallory/made"),
      /^(tree|mode|user)\t(\/root|\/etc|victim)/m,
    );
  });

  it("with settings of git that include what only root may read", async () => {
    await server.asMallory(
      "printf '[include]\\npath = /root/secret\\n[include]\\npath = /etc/shadow\\n' >.gitconfig",
    );
    const found = await server.looked();
    assert.notEqual(found, "");
    const said = await server.applied();
    await server.asMallory("rm .gitconfig");
    await server.holds(found, said, await server.mended());
  });

  it("with names that are exchanged in a loop, while root's programs work", async () => {
    const pairs = swapped.flatMap(([path], at) => [path, `swap-${at}`]);
    await server.asMallory("mkdir kept && cp -a www .ssh kept");
    await server.asMallory(`${swapped.map(([, to], at) => `ln -s ${to} swap-${at}`).join("\n")}
      setsid python3 swap.py ${pairs.join(" ")} >/dev/null 2>&1 </dev/null &`);
    const said = await server.host.run(`
      for round in $(seq 34); do
        for verb in apply probe; do
          timeout 100 /usr/lib/greenpush/home.py $verb mallory /home/mallory /run/record <<'LINES'
${description}LINES
        done
        timeout 100 /usr/lib/greenpush/home.py undo mallory /home/mallory /run/record <<'LINES'
tree	/home/mallory/www/var/log
key	/home/mallory/.ssh/authorized_keys	none
mode	/home/mallory/www/var/media	2750 mallory:www-data
replaced	/home/mallory/www/codebase/.git/hooks
LINES
      done 2>&1`);
    const found = await server.looked();
    const whileSwapped = await server.applied();
    await server.host.sh("pkill -KILL -f 'python3 swap.py' || true");
    assert.doesNotMatch(said.output, /Traceback/);
    await server.holds(said.stdout, found, whileSwapped);
    await server.giveBack();
    await server.mended();
    const again = await server.site.push();
    assert.equal(again.status, 0, again.output);
  });

  it("with sudo, in all that looks like what its rule allows", async () => {
    await server.asMallory(
      "printf '#!/bin/sh\\nid >/home/mallory/was-root\\n' >systemctl; cp systemctl program; chmod 755 systemctl program",
    );
    await server.asMallory(
      "printf '[supervisorctl]\\nserverurl=unix:///home/mallory/s\\n' >supervisord.conf",
    );
    const could = await server.asMallory(
      sudoed
        .map(
          (words) =>
            `sudo -n ${words} >/dev/null 2>&1 </dev/null && echo 'sudo ${words.replaceAll("'", "")}'`,
        )
        .join("\n") +
        "\nPATH=/home/mallory:$PATH sudo -n /usr/bin/systemctl stop gunicorn-mallory@green.service; cat was-root 2>/dev/null; true",
    );
    assert.equal(could, "");
    // It may stop its own site.
    await server.holds(await server.mended());
  });

  it("with what it may read and write by path", async () => {
    const could = await server.asMallory(
      read
        .map(
          (command) =>
            `${command} >/dev/null 2>&1 </dev/null && echo "$(cat <<'WHAT'\n${command}\nWHAT\n)"`,
        )
        .join("\n") + "\ntrue",
    );
    assert.equal(could, "");
    await server.holds();
  });

  it("with what nginx may read: links, names with a dot, pages and pictures that run scripts", async () => {
    await server.asMallory(`cd www/var/media
      ln -s /etc/passwd passwd; ln -s /home/victim/www/var/media/private.txt private; ln -s /home/victim/www/var victim
      ln -s /var/log/nginx logs; ln -s /root root; echo hidden >.hidden; mkdir .folder; echo hidden >.folder/file
      echo '<script>1</script>' >page.html; echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >picture.svg
      cd ../../live/static; ln -s /etc/passwd passwd; ln -s /home/victim/www/var/media media`);
    const shown: string[] = [];
    for (const path of [
      ...[
        "/media/passwd",
        "/media/private",
        "/media/victim/media/private.txt",
        "/media/logs/victim.access.log",
      ],
      ...[
        "/media/root/secret",
        "/media/.hidden",
        "/media/.folder/file",
        "/media/%2e%68idden",
        "/media/x/../.hidden",
      ],
      ...[
        "/static/passwd",
        "/static/media/private.txt",
        "/static../env",
        "/media../env",
        "/static/../env",
      ],
      ...["/media/../../../../etc/passwd", "/media/..%2f..%2fenv", "/protected-media/page.html"],
    ]) {
      const answer = await server.ask(path);
      assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      shown.push(answer.body.replaceAll("\r", ""));
    }
    // Another site's release in the place of the own one.
    const file = "/home/victim/www/live/static/private.txt";
    await server.host.sh(`cp -p /home/victim/www/var/media/private.txt ${file}`);
    const live = "../victim/www/live";
    for (const trick of [
      `ln -sfn ${live} www/live`,
      `ln -sfn ../../../victim/www/live www/releases/99; ln -sfn releases/99 www/live`,
      `mkdir www/releases/98; ln -s ../../../../victim/www/live/public www/releases/98/public; ln -sfn releases/98 www/live`,
      `mkdir -p www/releases/97/public; ln -s /home/victim/www/live/static www/releases/97/public/static; ln -sfn releases/97 www/live`,
    ]) {
      await server.asMallory(`readlink www/live >was; ${trick}`);
      const answer = await server.ask("/static/private.txt");
      assert.notEqual(answer.status, 200, trick);
      shown.push(answer.body);
      await server.asMallory('ln -sfn "$(cat was)" www/live; rm -rf was www/releases/9?');
    }
    await server.host.sh(`rm ${file}`);
    await server.holds(...shown);
    for (const path of ["/media/page.html", "/media/picture.svg"]) {
      const { status, headers } = await server.ask(path);
      assert.equal(status, 200);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.match(String(headers["content-security-policy"]), /^sandbox; default-src 'none'/);
    }
  });

  it("with headers that say who or where a visitor is", async () => {
    const program =
      "print(*(f'{name}={value}' for name, value in sorted(request.META.items()) if name.startswith('HTTP_X') or name == 'HTTP_HOST'), sep='\\n')";
    const headers = {
      "x-forwarded-for": "10.9.8.7",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
    };
    const { body } = await server.ask("/run", { program, headers });
    assert.doesNotMatch(body, /10\.9\.8\.7|evil|https/);
    assert.match(body, new RegExp(`^HTTP_HOST=${nameOf("mallory")}$`, "m"));
    await assert.rejects(server.ask("/", { headers: { host: "evil.example" } }), /socket hang up/);
    // The host name in the request line takes precedence.
    const other = await server.ask(`http://${nameOf("victim")}/run`, { program });
    assert.match(other.body, new RegExp(`^HTTP_HOST=${nameOf("victim")}$`, "m"));
    await assert.rejects(server.ask("http://evil.example/"), /socket hang up/);
  });

  it("from inside its application, while something of the account runs outside", async () => {
    await server.asMallory("setsid sleep 300 >/dev/null 2>&1 </dev/null &");
    assert.equal(await server.inApplication(inSandbox), "all tried\n");
    const keys = await server.host.sh("cat /home/mallory/.ssh/authorized_keys");
    await server.holds();
    assert.equal(await server.inApplication(linksForTheEngine), "all made\n");
    const push = await server.site.push("HEAD:main", "HEAD:refs/heads/other");
    await server.site.commit("Another release");
    const next = await server.site.push();
    assert.equal(next.status, 0, push.output + next.output);
    assert.equal(await server.host.sh("cat /home/mallory/.ssh/authorized_keys"), keys);
    await server.mended();
  });

  it("with a unit whose folders lead elsewhere", async () => {
    await server.asMallory(`mv www kept-www; ln -s /home/victim/www www
      for slot in blue green; do
        sudo -n /usr/bin/systemctl stop gunicorn-mallory@$slot.service
        timeout 20 sudo -n /usr/bin/systemctl start gunicorn-mallory@$slot.service
      done
      sudo -n /usr/bin/systemctl stop gunicorn-mallory@blue.service
      sudo -n /usr/bin/systemctl stop gunicorn-mallory@green.service
      rm www; mv kept-www www`);
    await server.holds(await server.mended());
    assert.equal((await server.host.get("/", nameOf("mallory"))).status, 200);
  });

  it("within a sandbox that systemd itself finds close", async () => {
    const said = await server.host.sh(
      "systemd-analyze security --no-pager gunicorn-mallory@blue.service",
    );
    assert.ok(Number(/exposure level .*: ([\d.]+) /.exec(said)?.[1]) <= 2.5, said.slice(-200));
  });

  it("with a home that is hard to remove: it goes, and nothing else", async () => {
    const backups = "ls /var/backups/greenpush | grep -c ^mallory-";
    await server.asMallory(`mv .ssh kept-ssh; ln -s /root/.ssh .ssh
      ln -s /home/victim/www www/codebase/other; ln -s / www/var/root; ln -s /root www/var/media/x
      mkfifo www/var/pipe; truncate -s 1T www/var/sparse; mkdir -p closed/in && chmod 0 closed
      python3 -c 'import os
os.chdir("www/codebase")
for _ in range(1500): os.mkdir("d"); os.chdir("d")'
      ln -s /root swap-0
      setsid python3 swap.py www/var/media swap-0 >/dev/null 2>&1 </dev/null &
      setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' >/dev/null 2>&1 </dev/null &`);
    describeSites(server.stack, server.host, { victim: sites.victim });
    const up = await server.stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    const left = await server.host.sh(
      "ls -d /home/mallory /var/lib/greenpush/*.mallory /etc/*/*mallory* 2>/dev/null || true",
    );
    assert.equal(up.status, 0, up.output);
    assert.equal(left, "");
    assert.match(await server.host.sh(backups), /2/);
    const changed = await server.changed(
      (line) => line.includes("mallory") || / \/etc\/(passwd|group|shadow)/.test(line),
    );
    assert.deepEqual(changed, []);
    assert.equal((await server.host.get("/", nameOf("victim"))).status, 200);
  });
});
