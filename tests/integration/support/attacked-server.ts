import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Application } from "../../../testing/application";
import { Host } from "../../../testing/host";
import type { Stack } from "../../../testing/stack";
import type { Attack } from "./attacks";
import { compared } from "./inventory";
import { nameOf, setUpSites } from "./two-sites";

const root = join(__dirname, "..", "..", "..");
const probe = readFileSync(join(root, "server", "probe.sh"), "utf8");
const swap = readFileSync(join(root, "tests", "server", "support", "swap.py"), "utf8");
/** Text that only root has, and text that only the other site has. */
const [ofRoot, ofVictim] = ["for-root-alone-3f9a", "for-the-victim-alone-77c1"];
const components = [
  ...["site-layout", "git-repository", "deploy-hooks", "app-secrets", "app-settings"],
  ...["gunicorn-process", "nginx-site"],
];

/** The two sites of the server: the account of the first attacks the other one. */
export const sites = { mallory: { keep: true }, victim: { keep: false } };

/** A server whose site `mallory` attacks it, its operator and the site `victim`. */
export class AttackedServer {
  private before: string[] = [];

  private constructor(
    readonly host: Host,
    readonly stack: Stack,
    /** A clone that pushes to the attacker's site. */
    readonly site: Application,
  ) {}

  static async make(): Promise<AttackedServer> {
    const host = await Host.make();
    const made = await setUpSites(host, sites);
    assert.ok(made.sites["mallory"]);
    await host.sh(`install -m 600 /dev/null /root/secret && echo ${ofRoot} >/root/secret`);
    await host.sh(
      `echo ${ofVictim} >www/var/media/private.txt; chmod 640 www/var/media/private.txt`,
      "victim",
    );
    await host.sh(`cat /home/mallory/.ssh/authorized_keys >/run/keys; mkdir -p /run/record`);
    await host.sh(`cat >/home/mallory/swap.py <<'SWAP'\n${swap}\nSWAP`);
    const server = new AttackedServer(host, made.stack, made.sites["mallory"]);
    server.before = await server.guarded();
    return server;
  }

  /** Run a shell script as the account. It uses no key, because an attack may have removed that. */
  asMallory(text: string): Promise<string> {
    return this.host.sh(
      `cd /home/mallory && runuser -u mallory -- sh -s <<'ATTACK'\n${text}\nATTACK`,
    );
  }

  /** Let the page that runs anything run a Python program, and return its output. */
  async inApplication(program: string): Promise<string> {
    return (await this.ask("/run", { program })).body;
  }

  /** Request a page of the attacker's site, with a Python program for the page that runs one. */
  ask(
    path: string,
    { program, headers = {} }: { program?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
    return new Promise((resolve, reject) => {
      const { host, httpPort: port } = this.host.address;
      const asking = request(
        {
          host,
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
    });
  }

  /** What belongs to the operator, the server and the other site, one line each. */
  private async guarded(): Promise<string[]> {
    const listed = await this.host.sh(`
        set -e; find /root /etc /home/victim /usr/lib/greenpush /var/lib/greenpush/*.victim /var/lib/greenpush/*.own -xdev \\
          ! -path '*/www/var*' ! -path '*/__pycache__*' ! -path '*mallory*' ! -name 'ssl_*' \\
          ! -path '/root/.local*' -printf '%p %y %m %u:%g %l\\n'
        find /home/victim/www/var -printf '%p %y %m %u:%g %l\\n'
        sha256sum /root/secret /root/.ssh/authorized_keys /etc/shadow /etc/passwd /etc/group /etc/sudoers.d/* \\
          /etc/greenpush/victim/* /home/victim/.ssh/authorized_keys /home/victim/www/var/env /home/victim/www/var/media/* \\
          /home/victim/www/codebase/.git/config /home/victim/www/codebase/.git/HEAD /home/victim/www/codebase/.git/hooks/*
        echo "process $(cat /home/victim/www/var/pid)"`);
    return listed.split("\n").filter(Boolean).sort();
  }

  /** What of that has changed; `except` leaves lines out. */
  async changed(except = (_line: string): boolean => false): Promise<string[]> {
    const kept = (line: string) => !except(line);
    return compared(this.before.filter(kept), (await this.guarded()).filter(kept));
  }

  /** Assert that nothing was gained: neither by what was done, nor by what the operator was shown. */
  async holds(...shown: string[]): Promise<void> {
    for (const text of shown) {
      assert.doesNotMatch(text, new RegExp(`${ofRoot}|${ofVictim}|root:[*!$]`));
      assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    assert.deepEqual(await this.changed(), []);
    assert.equal((await this.host.get("/", nameOf("victim"))).status, 200);
    // Nobody's program runs with another's rights.
    const special = await this.host.sh(
      "find /home/mallory -xdev -type f -perm /6000 2>/dev/null || true",
    );
    assert.equal(special, "");
  }

  /** Run the probe, and return what it reports of the account's site. */
  async looked(): Promise<string> {
    const ended = await this.host.run(probe);
    assert.equal(ended.status, 0, ended.output);
    return ended.stdout
      .split("\n")
      .filter((line) => /^drift\t\S+\tmallory\t/.test(line))
      .join("\n");
  }

  /** Do what `up` does on the server for the account's site. Each component has to end. */
  async applied(): Promise<string> {
    const applies = components.map(
      (component) =>
        `timeout 100 sh /var/lib/greenpush/${component}.mallory/script apply </dev/null || echo "${component} ended with $?"`,
    );
    return (await this.host.run(applies.join("\n"))).output;
  }

  /** Do the same, and assert that nothing differs any more. */
  async mended(): Promise<string> {
    const said = await this.applied();
    assert.doesNotMatch(said, /ended with/);
    assert.equal(await this.looked(), "");
    return said;
  }

  /** Put attacks in place of something, which is kept. */
  put(attacks: Attack[]): Promise<string> {
    return this.asMallory(`mkdir kept && cp -a www .ssh kept && mkdir kept/moved
      ${attacks.map(({ path, by }, at) => `mv '${path}' kept/moved/${at} && ${by} "$PWD/${path}" || exit 1`).join("\n")}`);
  }

  /** Restore the home, and restart the processes that have it open. */
  giveBack(): Promise<string> {
    return this.host.sh(`pkill -u mallory -f 'while date' || true
      systemctl stop gunicorn-mallory@blue gunicorn-mallory@green
      cd /home/mallory && rm -rf www .ssh *.aside-* .ssh.aside-* swap-* && mv kept/www kept/.ssh . && rm -rf kept`);
  }
}
