"""The example application, with a Django that this machine's Python runs."""

import os
import re
import shutil

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
EXAMPLE = os.path.join(ROOT, "examples", "codebase")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as file:
        return file.read()


DJANGO = re.search(r"^Django==.*$", read("testing", "older-django.txt"), re.M).group()
# The requirements.pip that each site of a test begins with.
REQUIREMENTS = re.sub(r"^Django==.*$", DJANGO, read("examples", "codebase", "requirements.pip"), flags=re.M)


def copy_example(folder):
    """Make the folder. The example's pyproject.toml asks for a newer Python."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("pyproject.toml"))
    with open(os.path.join(folder, "requirements.pip"), "w", encoding="utf-8") as file:
        file.write(REQUIREMENTS)
