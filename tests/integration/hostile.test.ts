// The account of a site attacks the server, its operator and another site, and gains nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Application } from "../../testing/application";
import {
  type Attack,
  description,
  endless,
  inSandbox,
  links,
  linksForTheEngine,
  read,
  sudoed,
  swapped,
} from "./support/attacks";
import { Host } from "../../testing/host";
import { compared } from "./support/inventory";
import type { Stack } from "../../testing/stack";
import { describeSites, nameOf, setUpSites } from "./support/two-sites";

const root = join(__dirname, "..", "..");
const probe = readFileSync(join(root, "server", "probe.sh"), "utf8");
const swap = readFileSync(join(root, "tests", "server", "support", "swap.py"), "utf8");
/** Text that only root has, and text that only the other site has. */
const [ofRoot, ofVictim] = ["for-root-alone-3f9a", "for-the-victim-alone-77c1"];
const components = ["site-layout", "git-repository", "deploy-hooks", "app-secrets", "app-settings"];
const sites = { mallory: { keep: true }, victim: { keep: false } };

describe("the account of a site attacks", { timeout: 1_200_000 }, () => {
  let host: Host;
  let stack: Stack;
  let site: Application;
  let whole: string[];

  /** Run a shell script as the account. It uses no key, because an attack may have removed that. */
  const asMallory = (text: string) =>
    host.sh(`cd /home/mallory && runuser -u mallory -- sh -s <<'ATTACK'\n${text}\nATTACK`);

  /** Let the page that runs anything run a Python program, and return its output. */
  const inApplication = (program: string) => ask("/run", { program }).then(({ body }) => body);

  const ask = (
    path: string,
    { program, headers = {} }: { program?: string; headers?: Record<string, string> } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
      (resolve, reject) => {
        const { host: address, httpPort: port } = host.address;
        const asking = request(
          {
            host: address,
            port,
            path,
            method: program === undefined ? "GET" : "POST",
            headers: { host: nameOf("mallory"), ...headers },
            agent: false,
            timeout: 60_000,
          },
          (answer) => {
            let body = "";
            answer.setEncoding("utf8").on("data", (text: string) => (body += text));
            answer.on("end", () =>
              resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
            );
          },
        );
        asking.on("error", reject);
        asking.end(program);
      },
    );

  /** What is the operator's, the server's and the other site's. */
  const untouched = async () =>
    (
      await host.sh(`
        set -e; find /root /etc /home/victim /usr/lib/greenpush /var/lib/greenpush/*.victim /var/lib/greenpush/*.own -xdev \\
          ! -path '*/www/var*' ! -path '*/__pycache__*' ! -path '*mallory*' ! -name 'ssl_*' \\
          ! -path '/root/.local*' -printf '%p %y %m %u:%g %l\\n'
        find /home/victim/www/var -printf '%p %y %m %u:%g %l\\n'
        sha256sum /root/secret /root/.ssh/authorized_keys /etc/shadow /etc/passwd /etc/group /etc/sudoers.d/* \\
          /etc/greenpush/victim/* /home/victim/.ssh/authorized_keys /home/victim/www/var/env /home/victim/www/var/media/* \\
          /home/victim/www/codebase/.git/config /home/victim/www/codebase/.git/HEAD /home/victim/www/codebase/.git/hooks/*
        echo "process $(cat /home/victim/www/var/pid)"`)
    )
      .split("\n")
      .filter(Boolean)
      .sort();

  /** Assert that nothing was gained: neither by what was done, nor by what the operator was shown. */
  const holds = async (...shown: string[]) => {
    for (const text of shown) {
      assert.doesNotMatch(text, new RegExp(`${ofRoot}|${ofVictim}|root:[*!$]`));
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    assert.deepEqual(compared(whole, await untouched()), []);
    assert.equal((await host.get("/", nameOf("victim"))).status, 200);
    // Nobody's program runs with another's rights.
    const special = await host.sh(
      "find /home/mallory -xdev -type f -perm /6000 2>/dev/null || true",
    );
    assert.equal(special, "");
  };

  /** What a preview is told of the account's site. */
  const looked = async () => {
    const ended = await host.run(probe);
    assert.equal(ended.status, 0, ended.output);
    return ended.stdout
      .split("\n")
      .filter((line) => /^drift\t\S+\tmallory\t/.test(line))
      .join("\n");
  };

  /** Do what `up` does on the server for the account's site. Each component has to end. */
  const applied = async () =>
    (
      await host.run(
        [...components, "gunicorn-process", "nginx-site"]
          .map(
            (component) =>
              `timeout 100 sh /var/lib/greenpush/${component}.mallory/script apply </dev/null || echo "${component} ended with $?"`,
          )
          .join("\n"),
      )
    ).output;

  const mended = async () => {
    const said = await applied();
    assert.doesNotMatch(said, /ended with/);
    assert.equal(await looked(), "");
    return said;
  };

  /** Put them in place of something, which is kept. */
  const put = (attacks: Attack[]) =>
    asMallory(`mkdir kept && cp -a www .ssh kept && mkdir kept/moved
      ${attacks.map(({ path, by }, at) => `mv '${path}' kept/moved/${at} && ${by} "$PWD/${path}" || exit 1`).join("\n")}`);

  /** Restore the home, and restart the processes that have it open. */
  const giveBack = () =>
    host.sh(`pkill -u mallory -f 'while date' || true
      systemctl stop gunicorn-mallory@blue gunicorn-mallory@green
      cd /home/mallory && rm -rf www .ssh *.aside-* .ssh.aside-* swap-* && mv kept/www kept/.ssh . && rm -rf kept`);

  before(async () => {
    host = await Host.make("bookworm");
    const made = await setUpSites(host, sites);
    stack = made.stack;
    assert.ok(made.sites["mallory"]);
    site = made.sites["mallory"];
    await host.sh(`install -m 600 /dev/null /root/secret && echo ${ofRoot} >/root/secret`);
    await host.sh(
      `echo ${ofVictim} >www/var/media/private.txt; chmod 640 www/var/media/private.txt`,
      "victim",
    );
    await host.sh(`cat /home/mallory/.ssh/authorized_keys >/run/keys; mkdir -p /run/record`);
    await host.sh(`cat >/home/mallory/swap.py <<'SWAP'\n${swap}\nSWAP`);
    whole = await untouched();
  });

  for (const attacks of [...links, ...endless]) {
    it(`with ${attacks.map(({ path, by }) => `${by.slice(0, 40)} ${path}`).join(", ")}`, async () => {
      await put(attacks);
      const found = await looked();
      const said = await applied();
      await giveBack();
      for (const { says } of attacks) if (says) assert.match(found, says);
      await holds(found, said, await mended());
    });
  }

  it("with programs that git starts: they get nothing of root's, and keep nobody waiting", async () => {
    await asMallory(`cat >program <<'PROGRAM'
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
    const { warnings } = await stack.plan();
    const shown = warnings.join("\n");
    assert.match(shown, /git diff in .*codebase did not end in \d+ s/);
    const said = await applied();
    assert.match(said, /git-repository ended with/);
    await asMallory("pkill -KILL -f /home/mallory/program; rm .gitconfig");
    await holds(shown, said, await mended());
    const got = (await host.sh("cat /home/mallory/descriptors")).split("\n").filter(Boolean);
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
      await host.sh("cat /var/lib/greenpush/*.mallory/made"),
      /^(tree|mode|user)\t(\/root|\/etc|victim)/m,
    );
  });

  it("with settings of git that include what only root may read", async () => {
    await asMallory(
      "printf '[include]\\npath = /root/secret\\n[include]\\npath = /etc/shadow\\n' >.gitconfig",
    );
    const found = await looked();
    assert.notEqual(found, "");
    const said = await applied();
    await asMallory("rm .gitconfig");
    await holds(found, said, await mended());
  });

  it("with names that are exchanged in a loop, while root's programs work", async () => {
    const pairs = swapped.flatMap(([path], at) => [path, `swap-${at}`]);
    await asMallory("mkdir kept && cp -a www .ssh kept");
    await asMallory(`${swapped.map(([, to], at) => `ln -s ${to} swap-${at}`).join("\n")}
      setsid python3 swap.py ${pairs.join(" ")} >/dev/null 2>&1 </dev/null &`);
    const said = await host.run(`
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
    const found = await looked();
    const whileSwapped = await applied();
    await host.sh("pkill -KILL -f 'python3 swap.py' || true");
    assert.doesNotMatch(said.output, /Traceback/);
    await holds(said.stdout, found, whileSwapped);
    await giveBack();
    await mended();
    const again = await site.push();
    assert.equal(again.status, 0, again.output);
  });

  it("with sudo, in all that looks like what its rule allows", async () => {
    await asMallory(
      "printf '#!/bin/sh\\nid >/home/mallory/was-root\\n' >systemctl; cp systemctl program; chmod 755 systemctl program",
    );
    await asMallory(
      "printf '[supervisorctl]\\nserverurl=unix:///home/mallory/s\\n' >supervisord.conf",
    );
    const could = await asMallory(
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
    await holds(await mended());
  });

  it("with what it may read and write by path", async () => {
    const could = await asMallory(
      read
        .map(
          (command) =>
            `${command} >/dev/null 2>&1 </dev/null && echo "$(cat <<'WHAT'\n${command}\nWHAT\n)"`,
        )
        .join("\n") + "\ntrue",
    );
    assert.equal(could, "");
    await holds();
  });

  it("with what nginx may read: links, names with a dot, pages and pictures that run scripts", async () => {
    await asMallory(`cd www/var/media
      ln -s /etc/passwd passwd; ln -s /home/victim/www/var/media/private.txt private; ln -s /home/victim/www/var victim
      ln -s /var/log/nginx logs; ln -s /root root; echo hidden >.hidden; mkdir .folder; echo hidden >.folder/file
      echo '<script>1</script>' >page.html; echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >picture.svg
      cd ../../live/static; ln -s /etc/passwd passwd; ln -s /home/victim/www/var/media media`);
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
      const answer = await ask(path);
      assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      await holds(answer.body.replaceAll("\r", ""));
    }
    for (const path of ["/media/page.html", "/media/picture.svg"]) {
      const { status, headers } = await ask(path);
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
    const { body } = await ask("/run", { program, headers });
    assert.doesNotMatch(body, /10\.9\.8\.7|evil|https/);
    assert.match(body, new RegExp(`^HTTP_HOST=${nameOf("mallory")}$`, "m"));
    await assert.rejects(ask("/", { headers: { host: "evil.example" } }), /socket hang up/);
    // The host name in the request line takes precedence.
    const other = await ask(`http://${nameOf("victim")}/run`, { program });
    assert.match(other.body, new RegExp(`^HTTP_HOST=${nameOf("victim")}$`, "m"));
    await assert.rejects(ask("http://evil.example/"), /socket hang up/);
  });

  it("from inside its application, while something of the account runs outside", async () => {
    await asMallory("setsid sleep 300 >/dev/null 2>&1 </dev/null &");
    assert.equal(await inApplication(inSandbox), "all tried\n");
    const keys = await host.sh("cat /home/mallory/.ssh/authorized_keys");
    await holds();
    assert.equal(await inApplication(linksForTheEngine), "all made\n");
    const push = await site.push("HEAD:main", "HEAD:refs/heads/other");
    await site.commit("Another release");
    const next = await site.push();
    assert.equal(next.status, 0, push.output + next.output);
    assert.equal(await host.sh("cat /home/mallory/.ssh/authorized_keys"), keys);
    await mended();
  });

  it("with a unit whose folders lead elsewhere", async () => {
    await asMallory(`mv www kept-www; ln -s /home/victim/www www
      for slot in blue green; do
        sudo -n /usr/bin/systemctl stop gunicorn-mallory@$slot.service
        timeout 20 sudo -n /usr/bin/systemctl start gunicorn-mallory@$slot.service
      done
      sudo -n /usr/bin/systemctl stop gunicorn-mallory@blue.service
      sudo -n /usr/bin/systemctl stop gunicorn-mallory@green.service
      rm www; mv kept-www www`);
    await holds(await mended());
    assert.equal((await host.get("/", nameOf("mallory"))).status, 200);
  });

  it("within a sandbox that systemd itself finds close", async () => {
    const said = await host.sh("systemd-analyze security --no-pager gunicorn-mallory@blue.service");
    assert.ok(Number(/exposure level .*: ([\d.]+) /.exec(said)?.[1]) <= 2.5, said.slice(-200));
  });

  it("with a home that is hard to remove: it goes, and nothing else", async () => {
    const backups = "ls /var/backups/greenpush | grep -c ^mallory-";
    await asMallory(`mv .ssh kept-ssh; ln -s /root/.ssh .ssh
      ln -s /home/victim/www www/codebase/other; ln -s / www/var/root; ln -s /root www/var/media/x
      mkfifo www/var/pipe; truncate -s 1T www/var/sparse; mkdir -p closed/in && chmod 0 closed
      python3 -c 'import os
os.chdir("www/codebase")
for _ in range(1500): os.mkdir("d"); os.chdir("d")'
      ln -s /root swap-0
      setsid python3 swap.py www/var/media swap-0 >/dev/null 2>&1 </dev/null &
      setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' >/dev/null 2>&1 </dev/null &`);
    describeSites(stack, host, { victim: sites.victim });
    const up = await stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive");
    whole = whole.filter(
      (line) => !line.includes("mallory") && !/ \/etc\/(passwd|group|shadow)/.test(line),
    );
    const left = await host.sh(
      "ls -d /home/mallory /var/lib/greenpush/*.mallory /etc/*/*mallory* 2>/dev/null || true",
    );
    assert.equal(up.status, 0, up.output);
    assert.equal(left, "");
    assert.match(await host.sh(backups), /2/);
    const now = (await untouched()).filter(
      (line) => !line.includes("mallory") && !/ \/etc\/(passwd|group|shadow)/.test(line),
    );
    assert.deepEqual(compared(whole, now), []);
    assert.equal((await host.get("/", nameOf("victim"))).status, 200);
  });
});
