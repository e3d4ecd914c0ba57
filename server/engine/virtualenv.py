"""Virtualenvs: made once for the same requirements, read-only, shared by releases."""

import hashlib
import json
import os
import re
import shlex
import shutil
import stat

from .files import relink, remove_tree, write_file
from .git import clean_environment
from .paths import ENGINE, VENVS, WWW
from .programs import MARK, make_durable, run
from .pushed import read_pushed
from .refused import Refused
from .releases import live_number, read_release, release_path, write_release
from .requirements import Requirements, python_version, venv_key
from .sharing import adopt, share


def venv_complete(name):
    return os.path.exists(os.path.join(VENVS, name, "complete"))


def base_venv(python):
    """The name of the virtualenv that others of this Python begin as: it has pip and nothing else."""
    about = json.dumps([python, python_version(python)])
    return f"base-{hashlib.sha256(about.encode()).hexdigest()[:16]}"


def provide_base(python, log, limit, number):
    """The name of the base virtualenv, which is made where it isn't there."""
    name = base_venv(python)
    if not venv_complete(name):
        path = os.path.join(VENVS, name)
        remove_tree(path)
        # Marked, so that it is ended with its release when the engine was killed meanwhile.
        environment = {**clean_environment(), MARK: release_path(number)}
        run("virtualenv", ["virtualenv", "--quiet", "--python", python, path], log, limit, environment, WWW)
        compile_venv(path, log, limit, environment)
        seal_venv(path)
        complete_venv(name)
    return name


def copy_venv(name, path, copy):
    """A copy of a finished virtualenv that can be written to, file by file by `copy`."""
    source = os.path.join(VENVS, name)
    remove_tree(path)
    shutil.copytree(
        source,
        path,
        symlinks=True,
        copy_function=copy,
        ignore=lambda folder, _: ["complete"] if folder == source else [],
    )
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o755)
    # The first line of each script names the virtualenv's Python.
    for entry in os.scandir(os.path.join(path, "bin")):
        if entry.is_file(follow_symlinks=False):
            with open(entry.path, "rb") as file:
                text = file.read()
            if source.encode() in text:
                os.unlink(entry.path)
                with open(entry.path, "wb") as file:
                    os.fchmod(file.fileno(), 0o755)
                    file.write(text.replace(source.encode(), path.encode()))


def compile_venv(path, log, limit, environment):
    """Bytecode for all modules that have none yet, on all processors: a virtualenv in use can't get it any more."""
    command = [os.path.join(path, "bin", "python"), os.path.join(ENGINE, "compile.py"), os.path.join(path, "lib")]
    run("virtualenv", command, log, limit, environment, WWW)


def seal_venv(path):
    """All becomes read-only, for from now on many releases may run from it, and is on its way to the disk."""
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            mode = os.lstat(file).st_mode
            if stat.S_ISREG(mode) and mode & 0o222:
                os.chmod(file, mode & 0o555)
                begin_writing(file)
        os.chmod(folder, 0o555)


def begin_writing(path):
    """Begin to write a new file to its disk, without waiting for the end.

    The caller works at that, with its own priority. In a sync processes of the kernel do, and those of visitors would
    have to take turns with them.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Linux writes what is not on the disk yet before it drops the rest from memory: mm/fadvise.c, generic_fadvise.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def complete_venv(name):
    """Others may have this one too, as soon as nothing of it can be lost any more."""
    path = os.path.join(VENVS, name)
    make_durable(path)
    os.chmod(path, 0o755)
    write_file(os.path.join(path, "complete"), "", 0o444)
    os.chmod(path, 0o555)


def link_venv(number, venv):
    """Make a release the small www that deploy.sh expects: bin, lib and pyvenv.cfg beside codebase."""
    for name in ("lib", "pyvenv.cfg"):
        relink(release_path(number, name), os.path.join("..", "..", "venvs", venv, name))
    binaries = release_path(number, "bin")
    remove_tree(binaries)
    os.mkdir(binaries)
    for name in os.listdir(os.path.join(VENVS, venv, "bin")):
        target = os.path.join("..", "..", "..", "venvs", venv, "bin", name)
        if re.fullmatch(r"pip[0-9.]*", name):
            write_file(os.path.join(binaries, name), pip_script(number), 0o755, durable=False)
        else:
            os.symlink(target, os.path.join(binaries, name))


def pip_script(number):
    """pip of a release. The virtualenv was made from this very file, so that the seed's own
    `../bin/pip install -r requirements.pip` has nothing to do; all else asks the engine first."""
    path = shlex.quote(release_path(number))
    return (
        "#!/bin/sh\n"
        f"# pip of release {number}: the virtualenv below it is shared and read-only.\n"
        'if [ "$#" = 3 ] && [ "$1 $2" = "install -r" ] && cmp -s "$3" '
        f"{path}/requirements; then\n"
        '\techo "$3: all there already"\n\texit 0\nfi\n'
        f'exec {shlex.quote(os.path.join(WWW, "deploy"))} pip {number} "$@"\n'
    )


def provide_venv(deploy, tree):
    """Give a release its virtualenv; made aside where there is none yet of these requirements."""
    config, number = deploy.config, deploy.number
    codebase = release_path(number, "codebase")
    name = config["requirements"]
    if not os.path.exists(os.path.join(codebase, name)):
        raise Refused(
            "virtualenv",
            f"there is no {name} in the pushed tree",
            advice=f"Add it (one package a line, gunicorn among them), or name yours with `requirements` in the "
            f"stack file of {config['site']}.",
        )
    requirements = Requirements(codebase, name)
    key = venv_key(requirements, config["python"], tree, number, deploy.environment)
    with open(release_path(number, "requirements"), "wb") as file:
        file.write(read_pushed("virtualenv", os.path.join(codebase, name)))
    note = "unchanged"
    if not venv_complete(key):
        note = "made new"
        limit = config["limits"]["virtualenv"]
        path = os.path.join(VENVS, key)
        copy_venv(provide_base(config["python"], deploy.log, limit, number), path, share)
        try:
            # What pip would compile again, most often the virtualenv before has.
            pip = [os.path.join(path, "bin", "pip"), "install", "--no-input", "--no-compile", "-r", name]
            run("virtualenv", pip, deploy.log, limit, deploy.environment, codebase)
            if not os.path.exists(os.path.join(path, "bin", "gunicorn")):
                raise Refused("virtualenv", f"{name} brings no gunicorn", advice=f"Add gunicorn to {name}.")
        except Refused as refused:
            remove_tree(path)
            refused.lines = pip_reason(refused.lines)
            refused.advice = refused.advice or f"Mend {name}; `pip install -r {name}` shows the same on your machine."
            raise
        own, live = (os.path.join(VENVS, venv, "lib") for venv in (key, read_release(live_number())["venv"]))
        adopt(own, live, files=True)
        compile_venv(path, deploy.log, limit, deploy.environment)
        seal_venv(path)
        deploy.made_venv = key
    write_release(number, venv=key, durable=False)
    link_venv(number, key)
    return note


def pip_reason(lines):
    """pip's errors where it names some, else the end of what it said."""
    errors = [line for line in lines if line.startswith("ERROR")]
    return errors or lines
