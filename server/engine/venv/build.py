"""How a virtualenv is made and given to a release: once for the same requirements, read-only, shared by releases."""

import hashlib
import json
import os
import re
import shlex
import shutil
import stat

from ..config import environment_of
from ..host.files import relink, remove_tree, write_file
from ..host.git import clean_environment
from .kept import complete_venv, kept_venv, venv_complete
from ..console.logs import tail
from ..paths import ENGINE, VENVS, WWW
from ..release.programs import MARK, run
from ..host.pushed_file import read_pushed
from ..errors import Refused
from ..release.releases import live_number, read_release, release_path, write_release
from .requirements import python_version, venv_key, version_of
from ..host.dedupe import reuse_identical, share

# The last lines of what pip says and of its log, where the cause of a failure is looked for.
PIP_LINES = 2000


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
    command = [os.path.join(path, "bin", "python"), os.path.join(ENGINE, "guest", "compile_bytecode.py"), os.path.join(path, "lib")]
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


def provide_venv(deploy, requirements, identity):
    """Give a release its virtualenv: the one of these requirements, made aside where there is none yet.

    `identity`: see venv_key().
    """
    config, number = deploy.config, deploy.number
    given = environment_of(deploy.site)
    key = venv_key(requirements, config["python"], identity, number, deploy.environment, given)
    with open(release_path(number, "requirements"), "wb") as file:
        file.write(read_pushed("virtualenv", os.path.join(requirements.root, requirements.name)))
    name, note = None if deploy.fresh else kept_venv(key), "unchanged"
    if name is None:
        name, note = f"{key}.{number}" if deploy.fresh else key, "made new"
        make_venv(deploy, requirements, name)
        deploy.made_venv = name
    write_release(number, venv=name, requirements=requirements.name, own_venv=False, durable=False)
    link_venv(number, name)
    return note


def make_venv(deploy, requirements, name):
    """Have pip make a virtualenv. Raises Refused where it can't, or where it brings no gunicorn."""
    limit, file = deploy.config["limits"]["virtualenv"], requirements.name
    path = os.path.join(VENVS, name)
    copy_venv(provide_base(deploy.config["python"], deploy.log, limit, deploy.number), path, share)
    # What pip would compile again, most often the virtualenv before has.
    pip = [os.path.join(path, "bin", "pip"), "install", "--no-input", "--no-compile", "-r", file]
    # What pip has built before may be of a library that the server no longer has.
    pip += ["--no-cache-dir"] if deploy.fresh else []
    try:
        run("virtualenv", pip, deploy.log, limit, deploy.environment, requirements.root)
        if not os.path.exists(os.path.join(path, "bin", "gunicorn")):
            raise no_gunicorn(file)
    except Refused as refused:
        cause = refused if refused.advice else with_cause(refused, deploy, requirements, pip)
        remove_tree(path)
        raise cause from None
    live = read_release(live_number())["venv"]
    reuse_identical(os.path.join(path, "lib"), os.path.join(VENVS, live, "lib"), files=True)
    compile_venv(path, deploy.log, limit, deploy.environment)
    seal_venv(path)


def no_gunicorn(file):
    return Refused("virtualenv", f"{file} brings no gunicorn", advice=f"Add gunicorn to {file}.")


def with_cause(refused, deploy, requirements, pip):
    """The refusal of what pip could not install, with pip's reason."""
    # All its patterns take some milliseconds, for which no other push has to wait.
    from .pip_failures import explain

    file, said = requirements.name, "\n".join(tail(deploy.log, PIP_LINES))
    # Why it got nothing from an index pip tells only where it is asked to tell all.
    detail = asked_again(deploy, requirements, pip) if "(from versions: none)" in said else ""
    known = explain(said, detail, version_of(deploy.config["python"]))
    if known:
        refused.reason, refused.lines, refused.advice = f"{file}: {known[0]}", known[1], known[2]
    else:
        errors = [line for line in refused.lines if line.startswith("ERROR")]
        refused.lines = errors or refused.lines
        refused.advice = f"Mend {file}; `pip install -r {file}` shows the same on your machine."
    return refused


def asked_again(deploy, requirements, pip):
    """What pip says of an attempt when it is to tell all."""
    log = release_path(deploy.number, "tmp", "pip.log")
    try:
        limit = deploy.config["limits"]["virtualenv"]
        run("virtualenv", [*pip, "-vv", "--retries", "0"], log, limit, deploy.environment, requirements.root)
    except Refused:
        pass
    return "\n".join(tail(log, PIP_LINES))
