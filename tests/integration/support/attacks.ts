/** Something that the account of a site puts in place of a file in its home. */
export interface Attack {
  /** The path that it replaces, relative to the home. */
  path: string;
  /** The command that makes it; the path follows. */
  by: string;
  /** A sentence of the probe; undefined if no component compares that path. */
  says?: RegExp;
}

const link = (path: string, to: string, says?: RegExp): Attack => ({
  path,
  by: `ln -s ${to}`,
  says: says ?? new RegExp(`/${path.replaceAll(".", "\\.")}: (is|links to) .*, wanted `),
});
const git = "www/codebase/.git";

/** Links to files of the operator or of the other site. Those of one list are there at the same time. */
export const links: Attack[][] = [
  [link("www", "/home/victim/www")],
  [
    link(".ssh", "/root/.ssh"),
    link("www/var", "/home/victim/www/var"),
    link("www/releases", "/home/victim/www/releases"),
    link("www/slots", "/etc"),
    link(git, "/home/victim/www/codebase/.git", /codebase: the repository is missing/),
  ],
  [
    link(".ssh/authorized_keys", "/root/.ssh/authorized_keys"),
    link("www/var/log", "/root"),
    link("www/var/media", "/home/victim/www/var/media"),
    link("www/var/env", "/home/victim/www/var/env", /var\/env: the file is missing/),
    link(`${git}/hooks`, "/root"),
    link(`${git}/config`, "/root/secret", /\.git\/config|git setting/),
    link(`${git}/HEAD`, "/etc/shadow", /HEAD of .*codebase is "", wanted/),
  ],
];

const grows = 'sh -c \'setsid sh -c "while date; do :; done" >"$0" 2>/dev/null </dev/null &\'';

/** Things that are not files, or files without end. */
export const endless: Attack[][] = [
  [
    { path: ".ssh/authorized_keys", by: "mkfifo", says: /authorized_keys: is neither a file nor/ },
    { path: `${git}/config`, by: "truncate -s 1T", says: /\.git\/config is no regular file/ },
    { path: `${git}/HEAD`, by: "ln -s /dev/zero", says: /HEAD of .*codebase is "", wanted/ },
    { path: `${git}/hooks/pre-receive`, by: "mkfifo", says: /pre-receive: is neither a file nor/ },
    { path: "www/releases/1/release.json", by: grows },
    { path: "www/releases/1/env", by: "truncate -s 1T" },
    { path: "www/codebase/pages/views.py", by: "mkfifo" },
  ],
  [
    {
      path: ".ssh/authorized_keys",
      by: "truncate -s 1T",
      says: /keys: has more than 1000000 bytes/,
    },
    { path: `${git}/config`, by: "mkfifo", says: /\.git\/config is no regular file|git setting/ },
    { path: `${git}/HEAD`, by: "mkdir", says: /HEAD of .*codebase is "", wanted/ },
    {
      path: `${git}/hooks/post-receive`,
      by: "ln -s /dev/zero",
      says: /post-receive: is a link to/,
    },
    { path: "www/releases/1/release.json", by: "mkfifo" },
    { path: "www/var/env", by: "ln -s /dev/zero", says: /./ },
  ],
];

/** Commands that sudo's rule does not allow, though they look like those that it allows. */
export const sudoed = [
  "systemctl start gunicorn-victim@blue.service",
  "systemctl stop gunicorn-victim@blue.service",
  "systemctl --no-pager start gunicorn-mallory@blue.service",
  "systemctl start gunicorn-mallory@blue.service ssh.service",
  "systemctl start 'gunicorn-mallory@*.service'",
  "systemctl start gunicorn-mallory@red.service",
  "systemctl start gunicorn-mallory@blue",
  "systemctl restart gunicorn-mallory@blue.service",
  "systemctl status gunicorn-mallory@blue.service",
  "systemctl edit gunicorn-mallory@blue.service",
  "systemctl daemon-reload",
  "systemctl",
  "SYSTEMD_PAGER=/home/mallory/program systemctl stop gunicorn-mallory@green.service",
  "-E LD_PRELOAD=/home/mallory/program systemctl stop gunicorn-mallory@green.service",
  "-u victim systemctl stop gunicorn-mallory@green.service",
  "-g www-data systemctl stop gunicorn-mallory@green.service",
  "-D / systemctl stop gunicorn-mallory@green.service",
  "-e /etc/shadow",
  "-s",
  "/home/mallory/systemctl start gunicorn-mallory@blue.service",
  "supervisorctl status",
  "supervisorctl -c supervisord.conf status",
  "/usr/bin/supervisorctl -c /etc/supervisor/supervisord.conf status gunicorn-mallory-blue",
];

/** Commands that have to fail, because the account may not read that. */
export const read = [
  "ls /home/victim",
  "ls /home/victim/www/releases",
  "cat /home/victim/www/var/db.sqlite3",
  "cat /home/victim/www/var/env",
  "cat /home/victim/www/var/media/private.txt",
  "ls /home/victim/www/var/log",
  "cat /home/victim/www/live/static/pages/style.css",
  "cat /home/victim/www/codebase/.git/HEAD",
  "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"/home/victim/www/var/socket\")'",
  "cat /etc/greenpush/victim/secrets.json",
  "cat /etc/greenpush/victim/settings.json",
  "cat /var/log/nginx/victim.access.log",
  "cat /var/log/nginx/victim.error.log",
  "ls /var/lib/greenpush/site-layout.mallory",
  "ls /var/backups/greenpush",
  "cat /root/secret",
  "cat /etc/shadow",
  "cat /etc/sudoers.d/greenpush-victim",
  "cat /proc/$(pgrep -o -u victim)/environ",
  "ls /proc/$(pgrep -o -u victim)/root/",
  "kill -0 $(pgrep -o -u victim)",
  "touch /usr/lib/greenpush/engine/x.py",
  "touch /etc/greenpush/mallory/x",
];

/** A program for the page that runs anything. It tries what the application may not do, and prints what worked. */
export const inSandbox = `
import ctypes, os, socket, subprocess
home = "/home/mallory"
call = ctypes.CDLL(None, use_errno=True).syscall

def system(*words):
    if call(*words) < 0:
        raise OSError(ctypes.get_errno(), "")

def attempt(what, work, *words):
    try:
        work(*words)
        print("could", what)
    except (OSError, subprocess.CalledProcessError):
        pass

def write(path):
    with open(path, "ab") as file:
        file.write(b"by the application\\n")

for path in (".ssh/authorized_keys", ".bashrc", "x", "www/x", "www/live/codebase/x.py", "www/live/start", "www/live/env",
             "www/live/bin/python", "www/slots/x", "www/venvs/x", "www/releases/x", "www/codebase/.git/hooks/pre-receive",
             "www/codebase/.git/config", "../victim/x"):
    attempt(f"write {path}", write, os.path.join(home, path))
for path in ("/usr/lib/greenpush/deploy", "/etc/greenpush/mallory/x", "/etc/x", "/root/.ssh/x", "/var/lib/x", "/run/x", "/usr/bin/x",
             "/proc/sys/kernel/core_pattern", "/sys/kernel/x", "/var/spool/cron/crontabs/mallory"):
    attempt(f"write {path}", write, path)
for path in ("/root/secret", "/etc/shadow", "/etc/greenpush/victim/secrets.json", f"{home}/.ssh/authorized_keys",
             f"{home}/www/codebase/.git/HEAD", "/var/log/nginx/victim.access.log"):
    attempt(f"read {path}", lambda: open(path).read())
outside = [pid for pid in filter(str.isdigit, os.listdir("/proc")) if int(pid) not in (os.getpid(), os.getppid())]
for pid in outside:
    for part in ("root", "cwd"):
        attempt(f"write by {part} of {pid}", write, f"/proc/{pid}/{part}{home}/.ssh/authorized_keys")
    attempt(f"write the memory of {pid}", lambda: open(f"/proc/{pid}/mem", "r+b"))
    attempt(f"trace {pid}", system, 101, 16, int(pid), 0, 0)
attempt("make a user namespace", system, 272, 0x10000000)
attempt("make a mount namespace", system, 272, 0x20000)
attempt("mount", system, 165, b"none", b"/tmp", b"tmpfs", 0, 0)
attempt("unmount", system, 166, home.encode(), 2)
attempt("trace its parent", system, 101, 16, os.getppid(), 0, 0)
attempt("chroot", system, 161, b"/tmp")
attempt("load BPF", system, 321, 5, 0, 0)
attempt("be root", os.setuid, 0)
attempt("be in nginx's group", os.setgid, 33)
attempt("sudo", lambda: subprocess.run(["sudo", "-n", "-l"], check=True, capture_output=True))
attempt("connect to the other site", socket.socket(socket.AF_UNIX).connect, "/home/victim/www/var/socket")
attempt("open a raw socket", socket.socket, socket.AF_PACKET, socket.SOCK_RAW)
write("/tmp/program")
attempt("make a SUID program", os.chmod, "/tmp/program", 0o4755)
attempt("make a SGID program", os.chmod, f"{home}/www/var/db.sqlite3", 0o2755)
attempt("make a device", os.mknod, "/tmp/device", 0o20600, os.makedev(1, 1))
print("all tried")
`;

/** Links in var/ to files that the application can't write, so that the engine would write them at the next push. */
export const linksForTheEngine = `
import os
var, keys = "/home/mallory/www/var", "/home/mallory/.ssh/authorized_keys"
for name in ("deploy.lock", "switch.lock", "env", "env.new", "log/deploys.jsonl", "log/deploy-2.log", "log/gunicorn-2.log"):
    path = os.path.join(var, name)
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(keys, path)
print("all made")
`;

/** The lines that home.py gets of a site, as the component scripts write them. */
export const description = `
mode	/home/mallory	710	www-data
directory	/home/mallory/.ssh	700
keys	/home/mallory/.ssh/authorized_keys	/run/keys
directory	/home/mallory/www	710	www-data
directory	/home/mallory/www/releases	2710	www-data
directory	/home/mallory/www/var	710	www-data
shared	/home/mallory/www/var/media	www-data
directory	/home/mallory/www/var/media	2750	www-data
directory	/home/mallory/www/var/log	750
directory	/home/mallory/www/codebase	750
directory	/home/mallory/www/codebase/.git	750
owned	/home/mallory/www/codebase/.git
setting	/home/mallory/www/codebase	core.bare	false
head	/home/mallory/www/codebase	main
directory	/home/mallory/www/codebase/.git/hooks	755
environment	/home/mallory/www
`.trimStart();

/** Pairs of paths that are exchanged in a loop while root's programs work. */
export const swapped: [string, string][] = [
  ["www", "/home/victim/www"],
  [".ssh", "/root/.ssh"],
  ["www/var", "/etc"],
  ["www/var/media", "/home/victim/www/var/media"],
  ["www/var/log", "/root"],
  [".ssh/authorized_keys", "/root/.ssh/authorized_keys"],
  [`${git}/hooks`, "/root"],
  [`${git}/HEAD`, "/etc/shadow"],
  [git, "/home/victim/www/codebase/.git"],
];
