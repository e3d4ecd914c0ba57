"""Run the engine, and kill it and all that belongs to its deploy at one of its steps: crash.py PLAN DEPLOY WORDS...

PLAN is a JSON file: {"at": N, "whole": bool, "seen": [...]}. Each call that changes something outside of the process is
a step, and is noted in `seen` (what, on which file). At the Nth step everything is killed as by a power failure if
`whole`, otherwise only the engine.
"""

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

plan_file, deploy, *words = sys.argv[1:]
# The engine finds its site by its own path.
sys.argv = [deploy, *words]
with open(plan_file, encoding="utf-8") as file:
    plan = json.load(file)
me = os.getpid()


def step(what, target):
    if os.getpid() != me:
        return
    target = re.sub(r"\d+", "N", os.path.basename(str(target)))
    if plan["seen"][-1:] == [f"{what} {target}"]:
        return
    plan["seen"].append(f"{what} {target}")
    with open(plan_file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    if len(plan["seen"]) == plan["at"]:
        crash()


def crash():
    if plan["whole"]:
        parent = os.getppid()
        with open(f"/proc/{parent}/stat", encoding="utf-8") as file:
            grandparent = int(file.read().rsplit(")", 1)[1].split()[1])
        keepers = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_keeper(pid)]
        for pid in [*keepers, grandparent, parent]:
            os.kill(pid, signal.SIGKILL)
    os.kill(me, signal.SIGKILL)


def is_keeper(pid):
    """Return the engine's child that holds the lock: it has this process's command line and is a session leader."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return plan_file.encode() in file.read() and pid != me
    except OSError:
        return False


def watched(name, call, target):
    def replaced(*arguments, **options):
        # A removed tree has thousands of files. All of them together are one step.
        step(name, "file of a tree" if "dir_fd" in options else target(arguments))
        return call(*arguments, **options)

    return replaced


sys.path.insert(0, os.path.dirname(deploy))
main = importlib.import_module("engine.cli").main

for name in ("rename", "unlink", "mkdir"):
    setattr(os, name, watched(name, getattr(os, name), lambda arguments: arguments[-1]))
os.symlink = watched("symlink", os.symlink, lambda arguments: arguments[1])
shutil.rmtree = watched("rmtree", shutil.rmtree, lambda arguments: arguments[0])
start = subprocess.Popen.__init__


def popen(self, command, *arguments, **options):
    step("start", command[0])
    start(self, command, *arguments, **options)
    if command[0] != "git":
        step("started", command[0])


subprocess.Popen.__init__ = popen
supervised = importlib.import_module("engine.host.supervised").Supervised
begin = supervised.__init__


def supervise(self, command, *arguments, **options):
    step("start", command[0])
    begin(self, command, *arguments, **options)
    step("started", command[0])


supervised.__init__ = supervise
sys.exit(main(words))
