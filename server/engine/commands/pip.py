"""pip as deploy.sh calls it."""

import os
import re
import shutil

from ..paths import VENVS
from ..release.releases import read_release, release_path, write_release
from ..venv.build import copy_venv, link_venv


def command_pip(words):
    """pip as deploy.sh calls it. Reading goes to the shared virtualenv, writing to a copy of its own."""
    number, words = int(words[0]), words[1:]
    about = read_release(number)
    pip = os.path.join(VENVS, about["venv"], "bin", "pip")
    reading = {"list", "freeze", "show", "check", "config", "cache", "debug", "help", "hash", "index", "inspect"}
    verb = next((word for word in words if not word.startswith("-")), "help")
    if verb in reading or about.get("own_venv"):
        os.execv(pip, [pip, *words])
    if verb in ("install", "sync") and only_requirements(words, number):
        print(f"{about['venv']}: all there already")
        return
    os.execv(own_venv(number, about["venv"]), [pip, *words])


def only_requirements(words, number):
    """Whether an install asks for nothing but the file that the virtualenv was made from."""
    words = [word for word in words if not re.fullmatch(r"-q+|--quiet|--no-input|--disable-pip-version-check", word)]
    if len(words) != 3 or words[0] != "install" or words[1] not in ("-r", "--requirement"):
        return False
    try:
        with open(words[2], "rb") as asked, open(release_path(number, "requirements"), "rb") as known:
            return asked.read() == known.read()
    except OSError:
        return False


def own_venv(number, shared):
    """A copy of the shared virtualenv for one release alone; the path of its pip."""
    name = f"{shared}-{number}"
    path = os.path.join(VENVS, name)
    copy_venv(shared, path, copy_writable)
    write_release(number, venv=name, own_venv=True)
    link_venv(number, name)
    return os.path.join(path, "bin", "pip")


def copy_writable(source, target):
    """What deploy.sh does to a virtualenv of its own may write into files."""
    shutil.copy2(source, target)
    os.chmod(target, os.stat(target).st_mode | 0o200)
