"""A lock file of another program as requirements that uv installs: exactly as locked, with its hashes."""

from __future__ import annotations

import json
import os
import re

from ..console.logs import lines_of
from ..errors import Refused
from ..host.files import write_file
from ..paths import SERVER_PYTHON
from .dependencies import PDM_LOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .dependencies import Dependencies
    from .uv import Uv

# Poetry reads its own lock file; uv runs it in an environment of its own, which it keeps in its cache.
POETRY = ("--from", "poetry==2.5.1", "--with", "poetry-plugin-export==1.10.1", "poetry", "export")
# A checkout of a repository that is installed in place, `-e git+URL#egg=NAME`, which uv has no place for: the same as a
# package.
EDITABLE_CHECKOUT = re.compile(
    r"^\s*(?:-e|--editable)[\s=]+([a-z]+\+[^\s#]+)#(?:\S*&)?egg=([\w.-]+)[^\n]*", re.MULTILINE
)


def calls_for(dependencies: Dependencies, uv: Uv) -> list[list[str]]:
    """Return the words of each call of uv that installs what these files name. Raise Refused where it can't."""
    kind = dependencies.kind
    if kind == "requirements":
        return [words_for_requirements(dependencies, uv.job.release.path("tmp", "requirements"))]
    groups = [word for group in dependencies.groups for word in ("--group", group)]
    extras = [word for extra in dependencies.extras for word in ("--extra", extra)]
    if kind in ("pyproject.toml", "setup.py", "pylock.toml"):
        # A project itself is found by the path of its release, and not installed: old code would run.
        project = ["-r", dependencies.relative(dependencies.names[0])]
        if groups and is_groups_only(dependencies.texts[0][1]):
            # uv would take it for a package, which it is not.
            project = []
        return [["--preview-features", "pylock", *project, *groups, *extras, *pinned_by_pdm(dependencies, uv)]]
    file = uv.job.release.path("tmp", "locked.txt")
    # What is locked is whole: nothing besides is looked for.
    calls = [["--no-deps", "-r", file]]
    if kind == "uv.lock":
        plain = [
            "--frozen",
            "--no-default-groups",
            "--no-emit-project",
            "--no-annotate",
            "--format",
            "requirements.txt",
        ]
        uv.run(["export", "--python", SERVER_PYTHON, *plain, *groups, *extras, "-o", file], dependencies.folder)
        lock, *beside = (text for _, text in dependencies.texts)
        calls += [["--no-deps", *words] for words in apart(file, packages_of_indexes(lock), "".join(beside))]
    elif kind == "poetry.lock":
        chosen = [word for group in dependencies.groups for word in ("--with", group)]
        chosen += [word for extra in dependencies.extras for word in ("--extras", extra)]
        poetry = ["tool", "run", "--python", SERVER_PYTHON, *POETRY, "--format", "requirements.txt", "--output", file]
        uv.run([*poetry, *chosen], dependencies.folder)
    else:
        write_file(file, pipfile_requirements(dependencies.texts[0][1]), durable=False)
    return calls


def pinned_by_pdm(dependencies: Dependencies, uv: Uv) -> list[str]:
    """Return the words that hold the packages of a pyproject.toml to what PDM has locked beside it."""
    lock = next((text for name, text in dependencies.texts if os.path.basename(name) == PDM_LOCK), "")
    if not lock:
        return []
    file = uv.job.release.path("tmp", "pdm.txt")
    write_file(file, pdm_constraints(lock), durable=False)
    return ["-c", file]


def pdm_constraints(lock: str) -> str:
    """Return pdm.lock as constraints; without those of several versions, which pyproject.toml's markers choose from.

    Source: PDM's documentation of its lock file, https://pdm-project.org/latest/usage/lockfile/.
    """
    versions: dict[str, set[str]] = {}
    hashes: dict[str, str] = {}
    for block in lock.split("[[package]]\n")[1:]:
        about = dict(re.findall(r'^(name|version|git|path|url) = "([^"]+)"', block, re.MULTILINE))
        # Where another place than an index is named, pyproject.toml names it too.
        if about.keys() == {"name", "version"}:
            versions.setdefault(about["name"], set()).add(about["version"])
            hashes[about["name"]] = "".join(f" --hash={each}" for each in re.findall(r'\bhash = "([^"]+)"', block))
    return "".join(f"{name}=={min(each)}{hashes[name]}\n" for name, each in versions.items() if len(each) == 1)


def is_groups_only(text: str) -> bool:
    """Tell whether a pyproject.toml has dependency groups, and no project that they are of."""
    return "[dependency-groups]" in lines_of(text) and "[project]" not in lines_of(text)


# A package of uv.lock with the index that it is from, and one of the lines that uv exports, with its hashes.
LOCKED = re.compile(r'^name = "([^"]+)"\n(?:version = .*\n)?source = \{ registry = "([^"]+)" \}', re.MULTILINE)
EXPORTED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:.*\\\n)*.*\n", re.MULTILINE)
INDEX = re.compile(r"^\[\[tool\.uv\.index\]\]\n((?:(?!\[).*\n?)*)", re.MULTILINE)


def packages_of_indexes(lock: str) -> dict[str, set[str]]:
    """Return the packages that uv.lock has from an index besides the one that Django is from: {address: names}.

    Of that one, the server may have another in its place.
    """
    locked = LOCKED.findall(lock)
    usual = next((url for name, url in locked if name == "django"), "")
    found: dict[str, set[str]] = {}
    for name, url in sorted(locked):
        if url != usual and "://" in url:
            found.setdefault(url, set()).add(name)
    return found


def apart(file: str, found: dict[str, set[str]], project: str) -> list[list[str]]:
    """Move what has an index of its own from the file of requirements to one beside; return the words to install it.

    An exported line does not say its index. No other package is asked for there: it may be slow or closed, and what is
    private elsewhere is not its to know.
    """
    names = {name for each in found.values() for name in each}
    if not names:
        return []
    with open(file, encoding="utf-8") as exported:
        text = exported.read()
    own = [each.group() for each in EXPORTED.finditer(text) if each.group(1) in names]
    write_file(file, EXPORTED.sub(lambda each: "" if each.group(1) in names else each.group(), text), durable=False)
    write_file(f"{file}.own", "".join(own), durable=False)
    indexes = [word for url in found for word in ("--index", named_index(url, project))]
    return [[*indexes, "-r", f"{file}.own"]] if own else []


def named_index(url: str, project: str) -> str:
    """Return an index as `NAME=URL` where pyproject.toml has a name for it, which variables with its login go by."""
    for block in INDEX.findall(project):
        about = dict(re.findall(r'^(name|url) *= *"([^"]*)"', block, re.MULTILINE))
        if "name" in about and about.get("url", "").rstrip("/") == url.rstrip("/"):
            return f"{about['name']}={url}"
    return url


def words_for_requirements(dependencies: Dependencies, aside: str) -> list[str]:
    """Return the words for requirements files. `aside`: a folder for what uv would not take as it stands."""
    names = [dependencies.relative(name) for name in dependencies.names]
    read = dependencies.requirements
    texts = {name: text for each in read for name, text in each.texts}
    if any(EDITABLE_CHECKOUT.search(text) for text in texts.values()):
        for name, text in texts.items():
            path = os.path.join(aside, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(EDITABLE_CHECKOUT.sub(r"\2 @ \1", text))
        names = [os.path.join(aside, name) for name in names]
    words = [word for name in names for word in ("-r", name)]
    words += [word for each in read for host in each.trusted for word in ("--allow-insecure-host", host)]
    words += ["--prerelease=allow"] if any(each.pre for each in read) else []
    if not dependencies.hashed:
        return words
    # As pip: where one has a hash, all need one. What the stack adds is installed afterwards, without: programs that
    # lock leave setuptools out on purpose.
    words += ["--require-hashes"]
    named = [name for name in map(name_of, dependencies.more) if name]
    besides = [name for name in named if not any(pins(text, name) for text in texts.values())]
    if not besides:
        return words
    file = os.path.join(aside, "besides.txt")
    os.makedirs(aside, exist_ok=True)
    write_file(file, "".join(f"{name}\n" for name in besides), durable=False)
    return [*words, "--excludes", file]


def name_of(line: str) -> str:
    """Return the package that a line of requirements names, "" where it is another line."""
    found = re.match(r"[A-Za-z0-9][\w.-]*", line)
    return found.group() if found else ""


def pins(text: str, name: str) -> bool:
    """Tell whether a requirements file has a line for a package."""
    same = re.sub(r"[-_.]+", "[-_.]+", name)
    return bool(re.search(rf"^\s*{same}(?![\w.-])", text, re.MULTILINE | re.IGNORECASE))


def pipfile_requirements(text: str) -> str:
    """Return Pipfile.lock's default packages as a requirements file. Source: pipenv's documentation of lock files."""
    try:
        lock = json.loads(text)
        sources: list[dict[str, Any]] = lock["_meta"]["sources"]
        packages: dict[str, dict[str, Any]] = lock["default"]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            "virtualenv", "Pipfile.lock is none that pipenv writes", advice="`pipenv lock` writes it anew."
        ) from None
    lines = [f"{'--extra-index-url' if number else '-i'} {source['url']}" for number, source in enumerate(sources)]
    return "\n".join([*lines, *(pipfile_line(name, about) for name, about in sorted(packages.items()))]) + "\n"


def pipfile_line(name: str, about: dict[str, Any]) -> str:
    """Return a package of Pipfile.lock as a line of requirements."""
    extras = f"[{','.join(about['extras'])}]" if about.get("extras") else ""
    markers = f" ; {about['markers']}" if about.get("markers") else ""
    if "git" in about:
        below = f"#subdirectory={about['subdirectory']}" if about.get("subdirectory") else ""
        return f"{name}{extras} @ git+{about['git']}@{about['ref']}{below}{markers}"
    if "path" in about or "file" in about:
        place: str = about.get("path") or about["file"]
        if about.get("editable"):
            return f"-e {place}{extras}"
        place = place if "://" in place else os.path.join(".", place)
        return f"{name}{extras} @ {place}{markers}" if "://" in place else f"{place}{extras}{markers}"
    hashes = "".join(f" --hash={each}" for each in about.get("hashes", []))
    return f"{name}{extras}{about.get('version', '')}{markers}{hashes}"
