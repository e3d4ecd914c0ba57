"""A site of its own in a scratch folder: the real engine, hooks and git, gunicorn started directly."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile

from .example import ROOT, copy_example
from .tools import tools

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINE = os.path.join(ROOT, "server", "engine")
HOOKS = os.path.join(ROOT, "server", "hooks")

# What a server has not: `npm test` sets variables of npm, and a CI job says that it is one, which makes yarn refuse to
# write a lock file.
OF_CI = ("BUILD_NUMBER", "BUILD_ID", "CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS", "GITLAB_CI", "RUN_ID")
for name in [name for name in os.environ if name.lower().startswith("npm_") or name in OF_CI]:
    del os.environ[name]

GIT = {
    "GIT_AUTHOR_NAME": "A test",
    "GIT_AUTHOR_EMAIL": "test@localhost",
    "GIT_COMMITTER_NAME": "A test",
    "GIT_COMMITTER_EMAIL": "test@localhost",
}


class Site:
    """`www` is the site, `clone` the repository to push from, `version` the last version that went live."""

    def __init__(self, **config):
        self.scratch = tempfile.mkdtemp(prefix="greenpush-engine-")
        self.www = os.path.join(self.scratch, "www")
        self.clone = os.path.join(self.scratch, "clone")
        os.makedirs(os.path.join(self.www, "config"))
        shutil.copytree(ENGINE, os.path.join(self.www, "engine"), ignore=shutil.ignore_patterns("__pycache__"))
        os.rename(os.path.join(self.www, "engine", "deploy"), os.path.join(self.www, "deploy"))
        self.run_by(os.environ.get("GREENPUSH_TEST_PYTHON", "/usr/bin/python3"))
        self.configure("deploy", {"health": "/health", "keep": 2, **config})
        self.configure(
            "settings",
            {
                "variables": {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"},
                "secrets": ["SECRET_KEY"],
            },
        )
        self.configure("secrets", {"SECRET_KEY": "the key of a test"})
        self.configure("gunicorn", {"wsgi": "codebase.wsgi", "workers": 1, "manager": "direct"})
        self.deploy("init")
        repository = self.path("codebase")
        self.run("git", "init", "--quiet", "--initial-branch", "main", repository)
        self.run("git", "-C", repository, "config", "receive.denyCurrentBranch", "ignore")
        self.run("git", "-C", repository, "config", "receive.shallowUpdate", "true")
        self.run("git", "-C", repository, "config", "receive.advertisePushOptions", "true")
        self.use_hooks(HOOKS)
        copy_example(self.clone)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("remote", "add", "site", repository)
        self.commit("The example application")

    def path(self, *names):
        return os.path.join(self.www, *names)

    def run_by(self, python):
        """Let this Python run the engine."""
        path = self.path("deploy")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("#!/usr/bin/python3 ", f"#!{python} ", 1))

    def configure(self, name, value):
        if name == "deploy":
            value = {"tools": tools(), **value}
        with open(self.path("config", f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(value, file)

    def as_root(self, name, *command):
        """Return the command for `configure` of a part of the configuration, which root stores."""
        return ["python3", "-B", os.path.join(HERE, "root.py"), self.path("config", f"{name}.json"), *command]

    def use_hooks(self, folder):
        for name in ("pre-receive", "post-receive"):
            target = self.path("codebase", ".git", "hooks", name)
            shutil.copy(os.path.join(folder, name), target)
            os.chmod(target, 0o755)

    def run(self, *words, check=True, **options):
        done = subprocess.run(
            words,
            env={**os.environ, **GIT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}")
        return done

    def git(self, *words, check=True):
        return self.run("git", "-C", self.clone, *words, check=check).stdout.strip()

    def deploy(self, *words, check=True):
        return self.run(self.path("deploy"), *words, check=check).stdout

    def write(self, name, text):
        path = os.path.join(self.clone, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def commit(self, subject):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)

    def release(self, version):
        """Commit a tree that shows this version."""
        path = os.path.join(self.clone, "pages", "views.py")
        with open(path, encoding="utf-8") as file:
            lines = [f'VERSION = "{version}"\n' if line.startswith("VERSION") else line for line in file]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        self.commit(f"Version {version}")

    def push(self, *words, env=None):
        """Push; return (exit status, what the person reads)."""
        words = words or ("HEAD:main",)
        done = subprocess.run(
            ["git", "-C", self.clone, "push", "site", *words],
            env={**os.environ, **GIT, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=120,
        )
        return done.returncode, done.stdout

    def page(self):
        """Return the site's answer on var/socket, which nginx asks."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.path("var", "socket"))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.decode()

    def processes(self):
        """Return the processes of the releases: {pid: release number}."""
        mark = f"GREENPUSH_RELEASE={self.path('releases')}/".encode()
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    for variable in file.read().split(b"\0"):
                        if variable.startswith(mark):
                            found[int(name)] = int(variable[len(mark) :])
            except OSError:
                continue
        return found

    def live(self):
        return int(os.path.basename(os.readlink(self.path("live"))))

    def record(self):
        with open(self.path("var", "log", "deploys.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def wait_for_rest(self):
        """Wait until the site is at rest after a push."""
        with open(self.path("var", "deploy.lock"), "a", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    def close(self):
        self.wait_for_rest()
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for folder, _, _ in os.walk(self.scratch):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.scratch)
