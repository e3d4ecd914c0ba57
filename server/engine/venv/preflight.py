"""Checks of a pushed tree before pip works for minutes."""

from __future__ import annotations

import os

from ..errors import Refused
from .requirements import Requirements
from .build import no_gunicorn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..release.job import Job

# Files of other programs, each with what makes one for pip of it.
OTHERS = {
    "uv.lock": "`uv export --frozen --no-dev --no-emit-project -o requirements.pip`",
    "poetry.lock": "`poetry export -o requirements.pip` (the plugin poetry-plugin-export)",
    "Pipfile.lock": "`pipenv requirements >requirements.pip`",
    "pyproject.toml": "a requirements.pip with the lines `.` and `gunicorn`",
    "setup.py": "a requirements.pip with the lines `.` and `gunicorn`",
}


def requirements_of(job: Job) -> Requirements:
    """Return a release's requirements. Raise Refused if it is clear already that they can't serve."""
    codebase = job.release.codebase
    # One that was made before the stack named another file has its own.
    name = job.release.requirements or job.config.requirements
    if not os.path.exists(os.path.join(codebase, name)):
        raise no_requirements(codebase, name, job.config)
    requirements = Requirements(codebase, name)
    if requirements.surely_lack("gunicorn"):
        raise no_gunicorn(name)
    return requirements


def no_requirements(codebase: str, name: str, config: Config) -> Refused:
    """Return the refusal for a tree without a requirements file."""
    about, advice = what_is_there(codebase, name, config)
    return Refused("virtualenv", f"there is no {name} in the pushed tree{about}", advice=advice)


def what_is_there(codebase: str, name: str, config: Config) -> tuple[str, str]:
    """Return what a tree has in the place of that file, as the end of a sentence, and what to do."""
    files = requirement_files(codebase)
    project = next((folder for folder in folders_of(codebase) if has_project(codebase, folder)), None)
    if project and not has_project(codebase):
        there = ", ".join(f"{project}/{file}" for file in ["manage.py", *requirement_files(codebase, project)][:4])
        return f", and the project is in its folder {project} ({there})", (
            "A project is deployed from the root of the tree. Push that folder, with a deploy.sh and a "
            f"{name} in it, as a tree of its own: "
            f"`git push REMOTE $(git subtree split --prefix {project}):refs/heads/{config.branch}`."
        )
    if files:
        return f", but there is {' and '.join(files[:4])}", (
            f"Name yours in the stack file, `requirements: {files[0]}` of {config.site}; gunicorn has to be in it."
        )
    for other, makes in OTHERS.items():
        if os.path.isfile(os.path.join(codebase, other)):
            return f", but there is {other}", f"Commit what pip reads: {makes}; gunicorn has to be in it."
    return "", (
        "Add it (one package a line, gunicorn among them), or name yours with `requirements` in the stack file of "
        f"{config.site}."
    )


def has_project(*folder: str) -> bool:
    """Tell whether a folder has a manage.py."""
    return os.path.isfile(os.path.join(*folder, "manage.py"))


def requirement_files(codebase: str, *below: str) -> list[str]:
    """Return the files of a tree that pip can install, those for production first."""
    found: list[str] = []
    for folder in ("", "requirements", *(() if below else folders_of(codebase))):
        path = os.path.join(codebase, *below, folder)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            of_pip = name.endswith((".txt", ".pip")) and (folder == "requirements" or name.startswith("requirements"))
            if of_pip and os.path.isfile(os.path.join(path, name)):
                found.append(os.path.join(folder, name))
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda name: ("prod" not in name, any(word in name for word in ("dev", "test")), name))


def folders_of(codebase: str) -> list[str]:
    """Return the folders in the root of a tree, without links and those with a dot."""
    return sorted(
        entry.name
        for entry in os.scandir(codebase)
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    )
