"""What the tests of home.py share: a home in a scratch folder, and home.py run on it like root's scripts do."""

import grp
import io
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SERVER = os.path.join(ROOT, "server")
sys.path.insert(0, SERVER)
from in_home import folders, git, main  # noqa: E402 # the line before finds it
from in_home.journal import Journal  # noqa: E402

# Two accounts that every Debian has and that nothing runs as.
ACCOUNT, OTHER = pwd.getpwnam("games"), pwd.getpwnam("daemon")
KEY, ANOTHER = "ssh-ed25519 AAAAkey ours", "ssh-ed25519 AAAAother theirs"
NGINX = grp.getgrnam("www-data")

# The calls by which home.py changes something. Each is a step at which a test can end it.
CHANGING = ("mkdir", "rename", "unlink", "rmdir", "symlink", "chown", "chmod", "fchmod")
ENDED_EARLY = 99


def as_root():
    """Continue as root, or as root of a user namespace with accounts in it."""
    if os.geteuid() != 0:
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--map-auto", "--", sys.executable, *sys.argv])


def as_account(work, *arguments):
    """Start a function in a process of the account, and return the process's id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([ACCOUNT.pw_gid])
            os.setgid(ACCOUNT.pw_gid)
            os.setuid(ACCOUNT.pw_uid)
            work(*arguments)
            status = 0
        finally:
            os._exit(status)
    return child


def end_at(step):
    """Let this process end just before the nth call that changes something."""
    count = 0

    def counted(call):
        def counting(*arguments, **options):
            nonlocal count
            count += 1
            if count == step:
                os._exit(ENDED_EARLY)
            return call(*arguments, **options)

        return counting

    for name in CHANGING:
        setattr(os, name, counted(getattr(os, name)))
    Journal.add = counted(Journal.add)


class HomeTest(unittest.TestCase):
    """`home` belongs to the account. `outside` belongs to root, and nothing there may ever change."""

    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix="greenpush-home-")
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        os.chmod(self.scratch, 0o755)
        self.home, self.record = os.path.join(self.scratch, "home"), os.path.join(self.scratch, "record")
        self.outside = os.path.join(self.scratch, "outside")
        os.mkdir(self.home)
        os.chown(self.home, ACCOUNT.pw_uid, NGINX.gr_gid)
        os.chmod(self.home, 0o710)
        os.mkdir(self.record, 0o700)
        os.mkdir(self.outside, 0o700)
        for name in ("secret", "authorized_keys", "file", "config", "HEAD"):
            self.put(os.path.join(self.outside, name), "for root's eyes\n", owner=0, mode=0o600)
        untouched = self.seen(self.outside)
        self.addCleanup(lambda: self.assertEqual(self.seen(self.outside), untouched, "what is root's was changed"))
        self.journal = []

    def path(self, *names):
        return os.path.join(self.home, *names)

    @staticmethod
    def put(path, text="", owner=None, mode=0o644, group=None):
        """Make a file and its folders, which belong to the account by default."""
        owner = ACCOUNT.pw_uid if owner is None else owner
        HomeTest.folder(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chown(path, owner, group if group is not None else (ACCOUNT.pw_gid if owner else 0))
        os.chmod(path, mode)

    @staticmethod
    def folder(path, mode=0o755):
        if not os.path.isdir(path):
            HomeTest.folder(os.path.dirname(path))
            os.mkdir(path)
            os.chown(path, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
            os.chmod(path, mode)

    @staticmethod
    def link(path, target):
        HomeTest.folder(os.path.dirname(path))
        os.symlink(target, path)
        os.lchown(path, ACCOUNT.pw_uid, ACCOUNT.pw_gid)

    def git(self, repository, *words):
        self.folder(repository)
        subprocess.run(
            ["git", "-C", repository, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=ACCOUNT.pw_uid,
            group=ACCOUNT.pw_gid,
            extra_groups=[],
            env={**os.environ, "HOME": self.home},
        )

    @staticmethod
    def seen(folder):
        """Return kind, mode, owner and content of a tree, without what was moved aside and git's own notes."""
        found = {}
        for parent, inner, files in os.walk(folder):
            inner[:] = [name for name in inner if ".aside-" not in name]
            for name in [*inner, *files]:
                path = os.path.join(parent, name)
                about = os.lstat(path)
                if ".aside-" in name or name == "index":
                    continue
                content = None
                if stat.S_ISLNK(about.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(about.st_mode) and about.st_size < 1_000_000:
                    with open(path, "rb") as file:
                        content = file.read()
                mode = None if stat.S_ISLNK(about.st_mode) else oct(about.st_mode)
                found[os.path.relpath(path, folder)] = (mode, about.st_uid, about.st_gid, content)
        return found

    def run_helper(self, verb, *lines, end=0, **limits):
        """Run home.py and return its lines, None if it was ended at a step. A failure has to be a line."""
        out, err = os.path.join(self.scratch, "out"), os.path.join(self.scratch, "err")
        child = os.fork()
        if child == 0:
            status = 1
            try:
                sys.stdin = io.TextIOWrapper(
                    io.BytesIO("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
                )
                for stream, path in ((1, out), (2, err)):
                    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
                sys.stdout, sys.stderr = (open(stream, "w", encoding="utf-8") for stream in (1, 2))
                for name, value in limits.items():
                    setattr(next(holder for holder in (folders, git) if hasattr(holder, name)), name, value)
                end_at(end)
                status = main.main(verb, ACCOUNT.pw_name, self.home, self.record)
            except BaseException as error:
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
            finally:
                sys.stderr.flush()
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == ENDED_EARLY:
            return None
        with open(err, encoding="utf-8") as file:
            self.assertEqual(file.read(), "", "home.py failed")
        with open(out, encoding="utf-8") as file:
            return file.read().splitlines()

    def apply(self, *lines, **how):
        """Apply like lib/verbs.sh: the notes of an earlier apply count, also of an interrupted one."""
        made, new = os.path.join(self.record, "made"), os.path.join(self.record, "made.new")
        with open(made, "a", encoding="utf-8") as journal:
            journal.write(self.noted("made.new"))
        with open(new, "w", encoding="utf-8"):
            pass
        said = self.run_helper("apply", *lines, **how)
        if said is not None:
            os.rename(new, made)
        return said

    def noted(self, name="made"):
        try:
            with open(os.path.join(self.record, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def probe(self, *lines, **how):
        said = self.run_helper("probe", *lines, **how)
        for line in said:
            self.assertTrue(line.startswith("differs\t"), line)
        return [line[len("differs\t") :].replace(self.home, "~") for line in said]

    def undo(self, **how):
        """Undo the journal, the last line first; return None if that was ended at a step."""
        lines = [line for line in (self.noted() + self.noted("made.new")).split("\n") if line]
        return self.run_helper("undo", *reversed(lines), **how)
