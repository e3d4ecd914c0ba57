"""Make a virtualenv and give it to a release. The same requirements have one, read-only, shared by releases."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import stat

from ..host.files import relink, remove_tree, write_file
from ..host.git import clean_environment
from .kept import complete_venv, kept_venv, venv_complete
from ..console.logs import tail
from ..paths import ENGINE, VENVS, WWW
from ..host.run import run
from ..release.job import MARK
from ..host.pushed_file import read_pushed
from ..errors import Refused
from ..release.release import Release, live_release
from .requirements import python_version, venv_key, version_of
from ..host.dedupe import reuse_identical, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..config import Given
    from ..release.job import Job
    from .requirements import Requirements

# The last lines of what pip says and of its log, where the cause of a failure is looked for.
PIP_LINES = 2000


def base_venv(python: str) -> str:
    """Return the name of this Python's base virtualenv, which has pip and nothing else."""
    about = json.dumps([python, python_version(python)])
    return f"base-{hashlib.sha256(about.encode()).hexdigest()[:16]}"


def provide_base(python: str, log: str, limit: float, release: Release) -> str:
    """Return the name of the base virtualenv; make it if it isn't there."""
    name = base_venv(python)
    if not venv_complete(name):
        path = os.path.join(VENVS, name)
        remove_tree(path)
        # Marked as the release's, so that recovery ends it if the engine was killed.
        environment = {**clean_environment(), MARK: release.path()}
        run("virtualenv", ["virtualenv", "--quiet", "--python", python, path], log, limit, environment, WWW)
        compile_venv(path, log, limit, environment)
        seal_venv(path)
        complete_venv(name)
    return name


def copy_venv(name: str, path: str, copy: Callable[[str, str], object]) -> None:
    """Make a copy of a finished virtualenv that can be written to, file by file by `copy`."""
    source = os.path.join(VENVS, name)
    remove_tree(path)

    def not_the_mark(folder: str, _: list[str]) -> list[str]:
        return ["complete"] if folder == source else []

    shutil.copytree(
        source,
        path,
        symlinks=True,
        copy_function=copy,
        ignore=not_the_mark,
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


def compile_venv(path: str, log: str, limit: float, environment: Mapping[str, str]) -> None:
    """Compile all modules that have no bytecode, on all CPUs: a finished virtualenv is read-only."""
    command = [os.path.join(path, "bin", "python"), os.path.join(ENGINE, "guest", "compile_bytecode.py"), os.path.join(path, "lib")]
    run("virtualenv", command, log, limit, environment, WWW)


def seal_venv(path: str) -> None:
    """Make everything read-only, because many releases may run from it, and begin to write it to the disk."""
    for folder, _, names in os.walk(path):
        for name in names:
            file = os.path.join(folder, name)
            mode = os.lstat(file).st_mode
            if stat.S_ISREG(mode) and mode & 0o222:
                os.chmod(file, mode & 0o555)
                begin_writing(file)
        os.chmod(folder, 0o555)


def begin_writing(path: str) -> None:
    """Begin to write a new file to its disk, without waiting for the end.

    The caller does that work, with its own priority. In a sync, kernel threads do it, and visitors' processes would
    take turns with them (bench/notes/latency.md).
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Linux writes dirty pages before it drops them from memory: mm/fadvise.c, generic_fadvise.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def link_venv(release: Release, venv: str) -> None:
    """Lay out what deploy.sh expects in a release: bin, lib and pyvenv.cfg beside codebase."""
    for name in ("lib", "pyvenv.cfg"):
        relink(release.path(name), os.path.join("..", "..", "venvs", venv, name))
    binaries = release.path("bin")
    remove_tree(binaries)
    os.mkdir(binaries)
    for name in os.listdir(os.path.join(VENVS, venv, "bin")):
        target = os.path.join("..", "..", "..", "venvs", venv, "bin", name)
        if re.fullmatch(r"pip[0-9.]*", name):
            write_file(os.path.join(binaries, name), pip_script(release), 0o755, durable=False)
        else:
            os.symlink(target, os.path.join(binaries, name))


def pip_script(release: Release) -> str:
    """Return the script bin/pip of a release.

    The virtualenv was made from this very requirements file. So the `../bin/pip install -r requirements.pip` of the
    classic layout has nothing to do. For anything else the script calls the engine.
    """
    path, number = shlex.quote(release.path()), release.number
    return (
        "#!/bin/sh\n"
        f"# pip of release {number}: the virtualenv below it is shared and read-only.\n"
        'if [ "$#" = 3 ] && [ "$1 $2" = "install -r" ] && cmp -s "$3" '
        f"{path}/requirements; then\n"
        '\techo "$3: all there already"\n\texit 0\nfi\n'
        f'exec {shlex.quote(os.path.join(WWW, "deploy"))} pip {number} "$@"\n'
    )


def provide_venv(
    job: Job, given: Given, fresh: bool, requirements: Requirements, identity: Callable[[str], str]
) -> tuple[str, str]:
    """Give a release the virtualenv of its requirements; make it if there is none yet.

    `fresh`: one of its own making. `identity`: see venv_key(). Return the name of the virtualenv where pip made it, "" where
    it was there; and that in words.
    """
    config, release = job.config, job.release
    key = venv_key(requirements, config.python, identity, release.number, job.environment, given.variables())
    with open(release.path("requirements"), "wb") as file:
        file.write(read_pushed("virtualenv", os.path.join(requirements.root, requirements.name)))
    name, made = None if fresh else kept_venv(key), ""
    if name is None:
        name = made = f"{key}.{release.number}" if fresh else key
        make_venv(job, fresh, requirements, name)
    release.save(venv=name, requirements=requirements.name, own_venv=False, durable=False)
    link_venv(release, name)
    return made, "made new" if made else "unchanged"


def make_venv(job: Job, fresh: bool, requirements: Requirements, name: str) -> None:
    """Have pip make a virtualenv. Raise Refused where it can't, or where it brings no gunicorn."""
    limit, file = job.config.limits.virtualenv, requirements.name
    path = os.path.join(VENVS, name)
    copy_venv(provide_base(job.config.python, job.log, limit, job.release), path, share)
    # The virtualenv before has most of what pip would compile again.
    pip = [os.path.join(path, "bin", "pip"), "install", "--no-input", "--no-compile", "-r", file]
    # A wheel that pip built earlier may need a library that the server no longer has.
    pip += ["--no-cache-dir"] if fresh else []
    try:
        run("virtualenv", pip, job.log, limit, job.environment, requirements.root)
        if not os.path.exists(os.path.join(path, "bin", "gunicorn")):
            raise no_gunicorn(file)
    except Refused as refused:
        cause = refused if refused.advice else with_cause(refused, job, requirements, pip)
        remove_tree(path)
        raise cause from None
    live = live_release().venv
    reuse_identical(os.path.join(path, "lib"), os.path.join(VENVS, live, "lib"), files=True)
    compile_venv(path, job.log, limit, job.environment)
    seal_venv(path)


def no_gunicorn(file: str) -> Refused:
    """Return the refusal for requirements without gunicorn."""
    return Refused("virtualenv", f"{file} brings no gunicorn", advice=f"Add gunicorn to {file}.")


def with_cause(refused: Refused, job: Job, requirements: Requirements, pip: Sequence[str]) -> Refused:
    """Return the refusal for what pip could not install, with pip's reason."""
    # Its patterns take some milliseconds to compile: other pushes should not wait for that.
    from .pip_failures import explain

    file, said = requirements.name, "\n".join(tail(job.log, PIP_LINES))
    # pip says why it got nothing from an index only with --verbose.
    detail = asked_again(job, requirements, pip) if "(from versions: none)" in said else ""
    known = explain(said, detail, version_of(job.config.python))
    if known:
        refused.reason, refused.lines, refused.advice = f"{file}: {known[0]}", known[1], known[2]
    else:
        errors = [line for line in refused.lines if line.startswith("ERROR")]
        refused.lines = errors or refused.lines
        refused.advice = f"Mend {file}; `pip install -r {file}` shows the same on your machine."
    return refused


def asked_again(job: Job, requirements: Requirements, pip: Sequence[str]) -> str:
    """Return pip's output of an attempt with --verbose."""
    log = job.release.path("tmp", "pip.log")
    try:
        limit = job.config.limits.virtualenv
        run("virtualenv", [*pip, "-vv", "--retries", "0"], log, limit, job.environment, requirements.root)
    except Refused:
        pass
    return "\n".join(tail(log, PIP_LINES))
