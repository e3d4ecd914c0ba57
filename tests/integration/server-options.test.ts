// Options of a server: firewall, security updates, keys only, fail2ban. On, off, changed by hand, and the way back from a
// change that could lock the operator out.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { copyCheckout } from "../../testing/checkout";
import { Host } from "../../testing/host";
import { compared, inventory } from "./support/inventory";
import { allOn, optionsByHand, rules, sshd, steps } from "./support/options-by-hand";
import { FromOutside } from "./support/from-outside";
import { Stack } from "../../testing/stack";

const takenBack = "the server took the last change back, because no new connection confirmed it";

const ways = [
  { suite: "bookworm", whole: true },
  // The packages and their defaults differ between the two Debian releases.
  { suite: "trixie", whole: false },
] as const;

for (const { suite, whole } of ways) {
  describe(`options of a server with ${suite}`, { timeout: 900_000 }, () => {
    let host: Host;
    let stack: Stack;
    let bare: string[];
    let plain: string[];
    let outside: FromOutside;

    const set = (options: object) =>
      stack.describe({ servers: { own: { ...host.settings(), ...options } }, sites: {} });

    const up = (...words: string[]) =>
      stack.pulumi("up", "--yes", "--skip-preview", "--non-interactive", ...words);

    const fails = async (...reads: RegExp[]) => {
      const ended = await up("--continue-on-error");
      assert.notEqual(ended.status, 0, ended.output);
      for (const each of reads) assert.match(ended.output, each);
    };

    before(async () => {
      host = await Host.make(suite);
      outside = new FromOutside(host);
      await host.sh(`sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/' /etc/ssh/sshd_config.d/test-server.conf
        systemctl reload ssh
        systemd-run --quiet --unit=other python3 -m http.server --bind :: 9999
        until ss -Hltn | grep -q :9999; do sleep 0.1; done`);
      await outside.findAddresses();
      stack = new Stack(await copyCheckout());
      await stack.create();
      bare = await inventory(host);
      set({});
      await stack.up();
      plain = await inventory(host);
    });

    it("are off by default: there is nothing of them", async () => {
      assert.equal(outside.addresses.length, 2);
      assert.deepEqual(await outside.reachable(22, 80, 9999), [
        [22, 80, 9999],
        [22, 80, 9999],
      ]);
      assert.match((await outside.offered()) ?? "", /password/);
      const found = plain.filter((line) =>
        /package (nftables|fail2ban|unattended-upgrades) |(path \/etc|unit) .*greenpush.*(firewall|00)/.test(
          line,
        ),
      );
      assert.deepEqual(found, []);
    });

    if (whole) {
      it("respect what is there: each is refused, and nothing is touched", async () => {
        await host.sh(`mkdir -p /etc/fail2ban/jail.d && echo >/etc/fail2ban/jail.d/theirs.conf
        printf 'AuthenticationMethods publickey,password publickey\\n' >/etc/ssh/sshd_config.d/theirs.conf`);
        await host.sh(
          "printf '#!/bin/sh\\necho Status: active\\n' >/usr/local/sbin/ufw && chmod +x /usr/local/sbin/ufw",
        );
        const before = await inventory(host);
        set({ fail2ban: true, sshHardening: true, firewall: true });
        await fails(
          /own: firewall of own: this server has a firewall already: ufw is active\n.*Take `firewall` out of servers\.own .*\(`ufw disable`\)/,
          /own: fail2ban of own: fail2ban is set up already: \/etc\/fail2ban\/jail.d\/theirs.conf\n.*Take `fail2ban` out of servers\.own/,
          /own: ssh-hardening of own: sshd asks for more than a key \(AuthenticationMethods publickey,password.*lock Greenpush out/,
        );
        set({ sshHardening: true });
        await host.sh(
          "cd /etc/ssh && rm sshd_config.d/theirs.conf && sed -i 's/^Include/#&/' sshd_config",
        );
        await fails(
          /own: ssh-hardening of own: \/etc\/ssh\/sshd_config has no line "Include \/etc\/ssh\/sshd_config\.d\/\*\.conf"/,
        );
        await host.sh(
          "sed -i 's/^#Include/PasswordAuthentication yes\\nInclude/' /etc/ssh/sshd_config",
        );
        await fails(
          /own: ssh-hardening of own: sshd would still have "passwordauthentication yes": something says so before/,
        );
        await host.sh(`sed -i '/^PasswordAuthentication yes/d' /etc/ssh/sshd_config
        printf 'AuthenticationMethods publickey,password publickey\\n' >/etc/ssh/sshd_config.d/theirs.conf`);
        set({});
        await stack.up();
        // Except for their records, which say what was begun.
        const touched = compared(before, await inventory(host));
        assert.deepEqual(
          touched.filter((line) => !line.includes("/var/lib/greenpush/")),
          [],
        );
        await host.sh("rm -r /usr/local/sbin/ufw /etc/fail2ban /etc/ssh/sshd_config.d/theirs.conf");
      });
    }

    it("are set up, and are no drift", async () => {
      set(allOn);
      await stack.up();
      const { changes, warnings } = await stack.plan();
      assert.deepEqual({ changes, warnings }, { changes: {}, warnings: [] });
    });

    it("the firewall lets in SSH and HTTP and nothing else, by IPv4 and IPv6", async () => {
      assert.deepEqual(await outside.reachable(22, 80, 9999), [
        [22, 80],
        [22, 80],
      ]);
      await host.sh(
        "python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:9999\")'",
      );
    });

    it("passwords are refused", async () => {
      assert.equal(await outside.offered(), "publickey");
      assert.match(await host.sh("sshd -T"), /^x11forwarding no$/m);
    });

    it("fail2ban bans who fails to log in, and nobody else", async () => {
      // The operator's own setting counts too: this machine, which often connects without a key, is not banned.
      await host.sh(`printf '[DEFAULT]\\nignoreip = %s\\n' "\${SSH_CONNECTION%% *}" >/etc/fail2ban/jail.local
        fail2ban-client reload >/dev/null`);
      await host.sh(`ip netns add outside
        ip link add inside type veth peer name eth0 netns outside
        ip addr add 192.0.2.1/24 dev inside && ip link set inside up
        ip -n outside addr add 192.0.2.2/24 dev eth0 && ip -n outside link set eth0 up`);
      const said = await host.sh(`for attempt in $(seq 20); do
          ! fail2ban-client status sshd | grep -q 192.0.2.2 || break
          ip netns exec outside timeout 3 ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \\
            -o ConnectTimeout=5 nobody-$attempt@192.0.2.1 true 2>&1 || true
        done
        # fail2ban says so before it has the address in the set.
        waited=0
        until nft list table inet f2b-table | grep -q 192.0.2.2 || [ "$waited" = 100 ]; do
          sleep 0.1
          waited=$((waited + 1))
        done
        nft list table inet f2b-table`);
      assert.match(said, /Permission denied/);
      assert.match(said, /elements = \{ 192\.0\.2\.2 \}/);
      await host.sh("ip netns del outside");
    });

    it("security updates are installed by themselves", async () => {
      const said = await host.sh("unattended-upgrade --dry-run --verbose 2>&1");
      assert.match(
        said,
        new RegExp(`origin=Debian,codename=${suite}-security,label=Debian-Security`),
      );
      assert.match(
        await host.sh("apt-config dump"),
        /^APT::Periodic::Unattended-Upgrade "1";$[\s\S]*^Unattended-Upgrade::Automatic-Reboot "false";$/m,
      );
    });

    describe("changed by hand", () => {
      for (const round of whole ? optionsByHand : optionsByHand.slice(0, 1))
        it(round.map(({ by }) => by).join("; "), async () => {
          await host.sh(round.map(({ by }) => by).join("\n"));
          const found = await stack.plan();
          await stack.up();
          assert.deepEqual(found.changes["update"]?.sort(), Object.values(steps).flat().sort());
          assert.deepEqual(
            found.warnings.map((each) => each.replaceAll("\t", " ")).sort(),
            round.map(({ says }) => `changed by hand on own: ${says}`).sort(),
          );
        });

      it("are what they were", async () => {
        assert.deepEqual(await stack.changes(), {});
        assert.deepEqual(await outside.reachable(22, 80, 9999), [
          [22, 80],
          [22, 80],
        ]);
        assert.equal(await outside.offered(), "publickey");
      });
    });

    if (whole) {
      it("what others say of root stays where it is stricter, unless it locks Greenpush out", async () => {
        await host.sh("echo PermitRootLogin no >/etc/ssh/sshd_config.d/10-theirs.conf");
        const { warnings } = await stack.plan();
        assert.deepEqual(warnings, [
          `changed by hand on own: ${sshd}: line 4 "PermitRootLogin prohibit-password" was added`,
        ]);
        await fails(/own: ssh-hardening of own: root may not log in \(PermitRootLogin no\)/);
        await host.sh("rm /etc/ssh/sshd_config.d/10-theirs.conf");
        assert.deepEqual(await stack.changes(), {});
      });

      it("outlive a reboot", async () => {
        await host.restart();
        await outside.findAddresses();
        await host.sh("systemd-run --quiet --unit=other python3 -m http.server --bind :: 9999");
        assert.deepEqual(await outside.reachable(22, 80, 9999), [
          [22, 80],
          [22, 80],
        ]);
        assert.deepEqual(await stack.changes(), {});
      });

      it("without a confirmation the server goes back by itself, also when it is switched off before", async () => {
        set({ ...allOn, firewall: false, sshHardening: false });
        await stack.up();
        assert.match((await outside.offered()) ?? "", /password/);
        const lib = join(stack.checkout, "server", "lib", "way-in.sh");
        const text = readFileSync(lib, "utf8");
        writeFileSync(lib, text.replace("way_back_seconds=120", "way_back_seconds=10"));
        set(allOn);
        // As if the connection were lost after the first of the two steps.
        const targets = ["own-firewall", "own-ssh-hardening"].flatMap((each) => [
          ...["--target", `**${each}`],
          ...["--target", `**${each}-apply`],
        ]);
        const ended = await up(...targets);
        assert.equal(ended.status, 0, ended.output);
        assert.equal(await outside.offered(), "publickey");
        await host.restart();
        await outside.findAddresses();
        await host.sh(`for record in firewall ssh-hardening; do
          until [ -e /var/lib/greenpush/$record.own/taken-back ]; do sleep 0.2; done
          while [ -e /etc/systemd/system/greenpush-way-back-$record.service ]; do sleep 0.2; done
        done
        systemd-run --quiet --unit=other python3 -m http.server --bind :: 9999
        until ss -Hltn | grep -q :9999; do sleep 0.1; done
        test ! -e ${rules} && test ! -e ${sshd} && ! nft list table inet greenpush 2>/dev/null`);
        assert.deepEqual(await outside.reachable(22, 80, 9999), [
          [22, 80, 9999],
          [22, 80, 9999],
        ]);
        assert.match((await outside.offered()) ?? "", /password/);
        const { warnings } = await stack.plan();
        assert.deepEqual(warnings, [
          `changed by hand on own: ${takenBack}`,
          `changed by hand on own: ${takenBack}`,
        ]);
        writeFileSync(lib, text);
      });

      it("and the next up says so, and does it again", async () => {
        const said = await stack.up();
        assert.match(said, /firewall: the server took the last change back/);
        assert.match(said, /ssh-hardening: the server took the last change back/);
        assert.equal(await outside.offered(), "publickey");
        const left = await host.sh(
          "ls -d /etc/systemd/system/*way-back* /var/lib/greenpush/*/way-back /var/lib/greenpush/*/taken-back 2>/dev/null || true",
        );
        assert.equal(left, "");
        assert.deepEqual(await stack.changes(), {});
      });
    }

    it("one goes, and what it shares with another stays with that one", async () => {
      set({ fail2ban: true });
      await stack.up();
      assert.deepEqual(await outside.reachable(9999), [[9999], [9999]]);
      assert.match((await outside.offered()) ?? "", /password/);
      assert.match(
        await host.sh(
          "fail2ban-client set sshd banip 203.0.113.7 && until nft list ruleset | grep 203; do sleep 0.1; done",
        ),
        /203\.0\.113\.7/,
      );
      assert.deepEqual(await stack.changes(), {});
    });

    it("all gone, the server is as it was before them", async () => {
      await host.sh("rm /etc/fail2ban/jail.local");
      set({});
      await stack.up();
      assert.deepEqual(differences(plain, await inventory(host)), []);
    });

    if (whole) {
      it("refuses a second firewall, and leaves the first alone", async () => {
        await host.sh(`apt-get install -qqy --no-install-recommends nftables >/dev/null
        nft 'add table inet theirs; add chain inet theirs in { type filter hook input priority 0; policy drop; }
          add rule inet theirs in tcp dport 22 accept; add rule inet theirs in ct state established accept' 2>/dev/null ||
        printf '%s\\n' 'table inet theirs { chain in { type filter hook input priority 0; policy drop; tcp dport 22 accept; ct state established accept; }; }' | nft -f -`);
        const before = await host.sh("nft list ruleset");
        set({ firewall: true });
        await fails(
          /own: firewall of own: this server has a firewall already: the table inet theirs drops what comes in\n.*Take `firewall` out/,
        );
        assert.equal(await host.sh("nft list ruleset"), before);
        await host.sh("nft delete table inet theirs");
        await host.sh("nft add table inet docker-like");
        await stack.up();
        assert.match(
          await host.sh("nft list ruleset"),
          /table inet docker-like[\s\S]*table inet greenpush/,
        );
        set({ firewall: true, sshHardening: true, fail2ban: true });
        await stack.up();
      });

      it("destroy takes all of them away, and what was there stays", async () => {
        await stack.destroy();
        assert.match(
          await host.sh("nft list ruleset"),
          /^table inet docker-like \{\n\}\n(table inet f2b-table \{\n\}\n)?$/,
        );
        await host.sh("apt-get purge --autoremove -qqy nftables >/dev/null 2>&1");
        assert.deepEqual(differences(bare, await inventory(host)), []);
      });
    }
  });
}

/** What differs on the server, except for the addresses that a container gets with each start. */
const differences = (before: string[], after: string[]) =>
  compared(before, after).filter((line) => !line.includes(" /etc/hosts "));
