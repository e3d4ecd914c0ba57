"""pip as deploy.sh calls it."""

from __future__ import annotations

import os
import re
import shutil

from ..paths import VENVS
from ..release.release import Release
from ..venv.build import copy_venv, link_venv


def command_pip(words: list[str]) -> None:
    """Run pip as deploy.sh calls it. Reading goes to the shared virtualenv, writing to a copy of its own."""
    release, words = Release(int(words[0])), words[1:]
    pip = os.path.join(VENVS, release.venv, "bin", "pip")
    reading = {"list", "freeze", "show", "check", "config", "cache", "debug", "help", "hash", "index", "inspect"}
    verb = next((word for word in words if not word.startswith("-")), "help")
    if verb in reading or release.own_venv:
        os.execv(pip, [pip, *words])
    if verb in ("install", "sync") and only_requirements(words, release):
        print(f"{release.venv}: all there already")
        return
    os.execv(own_venv(release), [pip, *words])


def only_requirements(words: list[str], release: Release) -> bool:
    """Tell whether an install asks for nothing but the file that the virtualenv was made from."""
    words = [word for word in words if not re.fullmatch(r"-q+|--quiet|--no-input|--disable-pip-version-check", word)]
    if len(words) != 3 or words[0] != "install" or words[1] not in ("-r", "--requirement"):
        return False
    try:
        with open(words[2], "rb") as asked, open(release.path("requirements"), "rb") as known:
            return asked.read() == known.read()
    except OSError:
        return False


def own_venv(release: Release) -> str:
    """Copy the shared virtualenv for one release alone; return the path of its pip."""
    shared = release.venv
    name = f"{shared}-{release.number}"
    path = os.path.join(VENVS, name)
    copy_venv(shared, path, copy_writable)
    release.save(venv=name, own_venv=True)
    link_venv(release, name)
    return os.path.join(path, "bin", "pip")


def copy_writable(source: str, target: str) -> None:
    """Copy a file that its owner can write: what deploy.sh does to a virtualenv of its own may write into files."""
    shutil.copy2(source, target)
    os.chmod(target, os.stat(target).st_mode | 0o200)
