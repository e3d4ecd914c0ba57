// Which texts a setting may have: none that a command, a configuration file or a terminal would misread.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStack, StackFileError } from "../../../stacks/load";

/** The message for a setting of a server or site; "" if it is allowed. */
function told(path: string, value: unknown): string {
  const [kind = "", ...names] = path.split(".");
  const stack = {
    servers: { own: { host: "www.example.org", hostKey: "ssh-ed25519 AAAA" } },
    sites: { codebase: { serverNames: ["www.example.org"], settings: "a.b" } },
  };
  const place = kind === "server" ? stack.servers.own : stack.sites.codebase;
  const setting = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  try {
    Object.assign(place, setting);
    parseStack(JSON.stringify(stack), "own.yaml");
    return "";
  } catch (error) {
    if (error instanceof StackFileError) return error.message;
    throw error;
  }
}

const key = "ssh-ed25519 AAAAC3Nz";
const table: Record<string, { may: unknown[]; mayNot: [value: unknown, says: RegExp][] }> = {
  "server.host": {
    may: ["www.example.org", "web", "web_1.lan", "192.0.2.1", "2001:db8::1", "::1", "fe80::1%eth0"],
    mayNot: [
      ["-oProxyCommand=touch /tmp/owned", /allowed: a host name/],
      ["-oProxyCommand=id", /a host name, an IPv4 or an IPv6 address/],
      ["--", /a host name/],
      ["root@web", /a host name/],
      ["web:22", /a host name/],
      ["a..b", /a host name/],
      ["1:2", /a host name/],
      ["web\nHost *", /a host name/],
      ["$(id)", /a host name/],
      ["", /a host name/],
    ],
  },
  "server.user": {
    may: ["root", "admin", "_ops", "a-b"],
    mayNot: [
      ["-l", /Unix account/],
      ["a b", /Unix account/],
      ["a\n", /Unix account/],
    ],
  },
  "server.hostKey": {
    may: [key, `${key} a comment`, "ecdsa-sha2-nistp256 AAAA="],
    mayNot: [
      ["ssh-rsa AAAA", /is an RSA key: .*ssh-keyscan -t ed25519/],
      [`@cert-authority * ${key}`, /ssh-keyscan/],
      [`@revoked ${key}`, /ssh-keyscan/],
      [`no-pty ${key}`, /ssh-keyscan/],
      [`${key}\nother ssh-ed25519 BBBB`, /ssh-keyscan/],
      [`www.example.org ${key}`, /ssh-keyscan/],
    ],
  },
  "server.privateKey": {
    may: ["~/.ssh/id_ed25519", "keys/id", "/srv/my keys/id"],
    mayNot: [
      ["", /path of a file/],
      ["/home/%u/id", /path of a file/],
      ["$HOME/id", /path of a file/],
      ["a\nb", /path of a file/],
    ],
  },
  "server.packages": {
    may: [["libpq5", "g++", "python3.11", "libstdc++6"]],
    mayNot: [
      [["nginx-"], /the name of a Debian package/],
      [["-o", "libpq5"], /the name of a Debian package/],
      [["--purge"], /the name of a Debian package/],
      [["libpq5=1.0"], /the name of a Debian package/],
      [["a b"], /the name of a Debian package/],
    ],
  },
  "site.serverNames": {
    may: [["www.example.org", "*.example.org", ".example.org", "www.example.*", "localhost"]],
    mayNot: [
      [["a;"], /a host name/],
      [["~^www"], /a host name/],
      [["a.example.org default_server"], /a host name/],
      [["$hostname"], /a host name/],
      [["a\u202eb"], /a host name/],
      [["{{www}}"], /a host name/],
      [["*"], /a host name/],
      [["a.*.b"], /a host name/],
      [["-a"], /a host name/],
      [[""], /a host name/],
    ],
  },
  "site.url": {
    may: ["https://www.example.org/", "http://www.example.org:8080/a?b=%20"],
    mayNot: [
      ["https://www.example.org/\nset", /an address as/],
      ["https://", /an address as/],
      ["http://[::1", /an address as/],
      ["ftp://www.example.org", /an address as/],
      ["https://www.example.org/\u001b[2J", /an address as/],
    ],
  },
  "site.user": {
    may: ["deploy", "www", "web-1", "git", "app_user"],
    mayNot: [
      ["root", /is root, an account of the system: a site needs one of its own/],
      ["daemon", /an account of the system/],
      ["bin", /an account of the system/],
      ["sys", /an account of the system/],
      ["www-data", /an account of the system/],
      ["postgres", /an account of the system/],
      ["nobody", /an account of the system/],
      ["sshd", /an account of the system/],
      ["systemd-network", /an account of the system/],
      ["messagebus", /an account of the system/],
      ["_apt", /an account of the system/],
      ["Deploy", /Unix account/],
    ],
  },
  "site.home": {
    may: ["/srv/x", "/var/www/x", "/home/x", "/opt/x", "/srv/a/b", "/var/lib/x", "/home/a.b"],
    mayNot: [
      ["/", /shares out/],
      ["/home", /shares out/],
      ["/srv", /shares out/],
      ["/opt", /shares out/],
      ["/var", /shares out/],
      ["/etc", /belongs to the system/],
      ["/etc/x", /belongs to the system/],
      ["/root", /belongs to the system/],
      ["/root/x", /belongs to the system/],
      ["/usr/local/x", /belongs to the system/],
      ["/bin", /belongs to the system/],
      ["/lib", /belongs to the system/],
      ["/lib64/x", /belongs to the system/],
      ["/boot/x", /belongs to the system/],
      ["/dev/shm", /belongs to the system/],
      ["/proc/1", /belongs to the system/],
      ["/sys/x", /belongs to the system/],
      ["/run/x", /belongs to the system/],
      ["/tmp/x", /belongs to the system/],
      ["/var/lib/greenpush/x", /belongs to the system/],
      ["/srv/../etc", /written plainly/],
      ["/srv/x/..", /written plainly/],
      ["/srv//x", /written plainly/],
      ["/srv/./x", /written plainly/],
      ["/srv/x/", /written plainly/],
      ["//etc", /written plainly/],
      ["srv/x", /an absolute path/],
      ["/srv/x y", /an absolute path/],
    ],
  },
  "site.branch": {
    may: ["main", "release/1.2", "a_b-c"],
    mayNot: [
      ["-f", /name of a branch/],
      ["a..b", /name of a branch/],
      ["a//b", /name of a branch/],
      ["a/.b", /name of a branch/],
      ["a.lock", /name of a branch/],
      ["a/", /name of a branch/],
      ["a b", /name of a branch/],
      ["main:other", /name of a branch/],
    ],
  },
  "site.source": {
    may: [
      "/srv/codebase",
      "https://example.org/a.git",
      "ssh://git@example.org:2222/a.git",
      "git@example.org:a/b.git",
      "example.org:a.git",
      "file:///srv/a",
    ],
    mayNot: [
      ["--upload-pack=id", /git can clone/],
      ["ext::sh -c id", /git can clone/],
      ["ext::id", /git can clone/],
      ["ssh://-oProxyCommand=id/x", /git can clone/],
      ["-x@host:a", /git can clone/],
      ["host:-x", /git can clone/],
      ["odd://example.org/a", /git can clone/],
      ["https://ada:secret@example.org/a.git", /has a password in it/],
      ["a\tb:c", /git can clone/],
    ],
  },
  "site.requirements": {
    may: ["requirements.pip", "requirements/production.txt", "a.b/c"],
    mayNot: [
      ["../x", /a file of the codebase/],
      ["a/../../x", /a file of the codebase/],
      ["/etc/passwd", /a file of the codebase/],
      ["-r", /a file of the codebase/],
      ["a//b", /a file of the codebase/],
    ],
  },
  "site.health": {
    may: ["/", "/health?full=1", "/a%20b"],
    mayNot: [
      ["health", /a path, from \//],
      ["/a b", /a path, from \//],
      ["/a\r\nX: y", /a path, from \//],
      ["/\u0000", /a path, from \//],
    ],
  },
  "site.gunicorn.options": {
    may: [["--max-requests=1000", "--preload", "--worker-class=gthread"]],
    mayNot: [
      [["--bind=0.0.0.0:80"], /Greenpush sets itself/],
      [["--bin=0.0.0.0:80"], /Greenpush sets itself/],
      [["--work=9"], /Greenpush sets itself/],
      [["--daemon"], /Greenpush sets itself/],
      [["--time=3"], /Greenpush sets itself/],
      [["-b=x"], /an option of gunicorn/],
      [["--a=b\nc"], /an option of gunicorn/],
      [["--a=\u0000"], /an option of gunicorn/],
    ],
  },
  "site.gunicorn.memory": {
    may: ["500M", "2G", "50%", "100%"],
    mayNot: [
      ["500", /a size as systemd has it/],
      ["0M", /a size as systemd has it/],
      ["101%", /a size as systemd has it/],
      ["1G\nUser=root", /a size as systemd has it/],
    ],
  },
  "site.gunicorn.unit": {
    may: [["ReadWritePaths=/srv/data", "Environment=A=b"]],
    mayNot: [
      [["[Install]"], /a line of a unit/],
      [["ReadWritePaths=/srv\nUser=root"], /a line of a unit/],
      [["ReadWritePaths=/srv \\"], /a line of a unit/],
      [["User=root"], /Greenpush writes itself/],
      [["ExecStart=/bin/sh"], /Greenpush writes itself/],
    ],
  },
  "site.nginx.extra": {
    may: [["location ~ '\\.php$' { return 404; }", "\tgzip on;", "# ü"]],
    mayNot: [
      [["a\nb"], /one line/],
      [["a\rb"], /one line/],
      [["a\u0000b"], /one line/],
    ],
  },
  "site.authorizedKeys": {
    may: [
      [key, `from="10.0.0.0/8" ${key}`, `no-pty,command="a \\"b\\" c" ${key} ada@example.org`],
      ["sk-ssh-ed25519@openssh.com AAAA", "ssh-rsa AAAA"],
    ],
    mayNot: [
      [[`${key}\nssh-ed25519 BBBB`], /authorized_keys/],
      [[`from="10.0.0.0/8 ${key}`], /authorized_keys/],
      [["AAAA"], /authorized_keys/],
      [[`# ${key}`], /authorized_keys/],
    ],
  },
  "site.pushers": {
    may: [{ ada: { key }, "a.b_c-1": { key: "ssh-ed25519 BBBB", role: "shell" } }],
    mayNot: [
      [{ ada: { key: `from="*" ${key}` } }, /without options before it/],
      [{ ada: { key: `${key}\n${key}` } }, /without options before it/],
      [{ ada: { key, role: "root" } }, /allowed: push, operate, shell/],
      [{ Ada: { key } }, /lower-case letters, digits and \. _ -/],
      [{ "a\nb": { key } }, /lower-case letters/],
      [{ ada: { key }, bob: { key: `${key} bob` } }, /is the key of ada already/],
    ],
  },
};

describe("a setting", () => {
  for (const [path, { may, mayNot }] of Object.entries(table)) {
    for (const value of may)
      it(`${path} may be ${JSON.stringify(value)}`, () => assert.equal(told(path, value), ""));
    for (const [value, says] of mayNot)
      it(`${path} may not be ${JSON.stringify(value)}`, () => {
        const message = told(path, value);
        assert.match(message, says);
        assert.equal(message.split("\n").length, 1, message);
        assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      });
  }
});

describe("sites of one server", () => {
  const stack = (...sites: object[]) => {
    const all = sites.map((site, index) => {
      const own = { serverNames: [`${index}.example.org`], settings: "a.b", ...site };
      return [`site-${index}`, own] as const;
    });
    const servers = { own: { host: "web", hostKey: key } };
    return JSON.stringify({ servers, sites: Object.fromEntries(all) });
  };
  const tells = (text: string, says: RegExp) =>
    assert.throws(() => parseStack(text, "own.yaml"), { message: says });

  it("may share an account, in different folders of its home", () => {
    parseStack(stack({ directory: "a" }, { directory: "b" }), "own.yaml");
    parseStack(
      stack({ home: "/srv/x", directory: "a" }, { home: "/srv/x", directory: "b" }),
      "own.yaml",
    );
    parseStack(stack({ user: "a" }, { user: "b" }, { user: "c", home: "/home/ab" }), "own.yaml");
  });

  it("share no folder, and an account has one home", () => {
    tells(stack({}, {}), /sites\.site-1: stands in the folder of site-0/);
    tells(
      stack({ directory: "a" }, { directory: "b", home: "/srv/x" }),
      /sites\.site-1\.home: is \/srv\/x, but \/home\/deploy in sites\.site-0: the account deploy has one home/,
    );
  });

  it("have homes that are apart where they have different accounts", () => {
    const apart = /site-1: the home of b, .*are not apart: give each account a home of its own/;
    tells(stack({ user: "a", home: "/srv/x" }, { user: "b", home: "/srv/x" }), apart);
    tells(stack({ user: "a", home: "/srv/x" }, { user: "b", home: "/srv/x/y" }), apart);
    tells(stack({ user: "a", home: "/home/b/a" }, { user: "b" }), apart);
  });

  it("stand in folders in which a socket can lie", () => {
    parseStack(stack({ home: `/srv/${"x".repeat(71)}` }), "own.yaml");
    tells(
      stack({ home: `/srv/${"x".repeat(72)}` }),
      /site-0\.home: "\/srv\/x+\/www" is 81 characters long; 80 fit/,
    );
    tells(
      stack({ directory: "x".repeat(9000) }),
      /site-0\.directory: .*…" is 9013 characters long/,
    );
  });

  it("have names of their own, however they are written", () => {
    const named = (serverNames: string[]) => ({ serverNames, user: "b" });
    tells(
      stack(named(["WWW.example.org"]), { ...named(["www.example.org"]), user: "c" }),
      /www\.example\.org is a server name of site-0 already/,
    );
  });
});
