"""Make a virtualenv and give it to a release. The same dependencies have one, read-only, shared by releases."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from glob import glob

from ..errors import Refused
from ..host.dedupe import reuse_bytecode
from ..host.files import relink, remove_tree, write_file
from ..host.pushed_file import read_pushed, text_if_any
from ..host.run import run
from ..paths import ENGINE, SERVER_PYTHON, VENVS, WWW
from ..release.release import Release, live_release
from .dependencies import folders_above
from .kept import complete_venv, kept_venv, made_with, venv_complete
from .key import venv_key
from .python import python_for
from .requirements import version_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..config import Given
    from ..release.job import Job
    from .dependencies import Dependencies
    from .uv import Uv


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
    command = [
        os.path.join(path, "bin", "python"),
        os.path.join(ENGINE, "guest", "compile_bytecode.py"),
        os.path.join(path, "lib"),
    ]
    run("virtualenv", command, log, limit, environment, WWW)


def seal_venv(path: str) -> None:
    """Make everything read-only, because many releases may run from it, and begin to write it to the disk."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                seal_venv(entry.path)
            elif entry.is_file(follow_symlinks=False):
                mode = entry.stat(follow_symlinks=False).st_mode
                if mode & 0o222:
                    seal_file(entry.path, mode & 0o555)
    os.chmod(path, 0o555)


def seal_file(path: str, mode: int) -> None:
    """Give a new file its mode, and begin to write it to its disk, without waiting for the end.

    The caller does that work, with its own priority. In a sync, kernel threads do it, and visitors' processes would
    take turns with them (bench/notes/latency.md).
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(descriptor, mode)
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


def provide_empty(job: Job) -> str:
    """Return the name of the virtualenv of release 0, which has pip and nothing else; make it if it isn't there."""
    name = f"empty-{version_of(SERVER_PYTHON)}"
    if not venv_complete(name):
        make_venv(job, SERVER_PYTHON, name)
        complete_venv(name)
    return name


def provide_venv(
    job: Job, given: Given, fresh: bool, dependencies: Dependencies, identity: Callable[[str], str]
) -> tuple[str, str]:
    """Give a release the virtualenv of its dependencies; make it if there is none yet.

    `fresh`: one of its own making. `identity`: see venv_key(). Return the name of the virtualenv where uv made it, ""
    where it was there; and that in words.
    """
    release = job.release
    folders = folders_above(release.project, release.codebase)
    python, version = python_for(job, folders, [text for _, text in dependencies.texts])
    key = venv_key(dependencies, python, identity, release.number, job.environment, given.variables())
    # Compared with by the release's bin/pip.
    files = dependencies.names if dependencies.kind == "requirements" else []
    with open(release.path("requirements"), "wb") as file:
        if len(files) == 1:
            file.write(read_pushed("virtualenv", os.path.join(release.codebase, files[0])))
    name, made = None if fresh else kept_venv(key), ""
    if name is None:
        name = made = f"{key}.{release.number}" if fresh else key
        make_venv(job, python, name, dependencies, fresh)
    release.save(venv=name, requirements=dependencies.names, own_venv=False, durable=False)
    link_venv(release, name)
    return made, f"made new of {dependencies.named()} for Python {version}" if made else "unchanged"


def make_venv(job: Job, python: str, name: str, dependencies: Dependencies | None = None, fresh: bool = False) -> None:
    """Have uv make a virtualenv. Raise Refused where it can't, or where it brings no Django.

    Without dependencies it has pip and nothing else.
    """
    # Most pushes make none, and should not wait until this is loaded.
    from .uv import Uv

    path = os.path.join(VENVS, name)
    remove_tree(path)
    uv = Uv(job, fresh)
    try:
        uv.run(["venv", "--quiet", "--no-config", "--python", python, path], WWW)
        if dependencies:
            install(uv, path, dependencies)
        # After the application's own, so that one which brings them has its versions.
        wanted = ("pip", "gunicorn") if dependencies else ("pip",)
        own = [package for package in wanted if not os.path.exists(os.path.join(path, "bin", package))]
        if own:
            uv.install_own(path, *own)
    except Refused as refused:
        remove_tree(path)
        if refused.advice or not dependencies:
            raise
        # Its patterns take some milliseconds to compile: other pushes should not wait for that.
        from .install_failures import with_cause

        raise with_cause(refused, job, dependencies, version_of(python)) from None
    live = live_release().venv
    if live:
        reuse_bytecode(os.path.join(path, "lib"), os.path.join(VENVS, live, "lib"))
    compile_venv(path, job.log, job.config.limits.virtualenv, job.environment)
    seal_venv(path)


def install(uv: Uv, path: str, dependencies: Dependencies) -> None:
    """Install what the files name, then what the stack adds. Raise Refused where there is no Django among it."""
    from .locked import calls_for

    more = dependencies.more
    calls = calls_for(dependencies, uv)
    if more and not dependencies.locks:
        # One call: what the files leave open is the stack's to say.
        calls, more = [[*calls[0], *more]], []
    for words in calls:
        uv.install(path, words, dependencies.folder)
    if more:
        # They may not change what the files have locked.
        locked = uv.job.release.path("tmp", "installed.txt")
        write_file(locked, installed_in(path), durable=False)
        uv.install(path, ["-c", locked, *more], dependencies.folder)
    if not glob(os.path.join(path, "lib", "python*", "site-packages", "django", "__init__.py")):
        from .absent import no_django

        exported = text_if_any(uv.job.release.path("tmp", "locked.txt"))
        raise no_django(dependencies, exported, made_with(path), uv.job.config)


def installed_in(path: str) -> str:
    """Return the packages of a virtualenv, each with its version, as constraints."""
    found = glob(os.path.join(path, "lib", "python*", "site-packages", "*-*.dist-info"))
    names = sorted(os.path.basename(each)[: -len(".dist-info")] for each in found)
    return "".join(f"{name.replace('-', '==', 1)}\n" for name in names)
