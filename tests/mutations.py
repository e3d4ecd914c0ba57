"""`npm run test:mutations`: change the engine's decisions, one at a time, and check that its quick tests notice.

cosmic-ray makes the changes, in a copy of the checkout. Changes in annotations are left out, because nothing evaluates
them. The exit status is 1 if more than one in ten changes of a module goes unnoticed.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSION = "8.7.0"
MODULES = (
    "checks/health",
    "database/migrations",
    "pipeline/recovery",
    "pipeline/switch",
    "release/lock",
    "venv/requirements",
)
MOST = 0.1
CONFIGURATION = """[cosmic-ray]
module-path = "server/engine/{module}.py"
timeout = 20.0
excluded-modules = []
test-command = "{python} -B tests/unit/engine/test_{name}.py -f"
[cosmic-ray.distributor]
name = "local"
"""


def tool():
    """Return the folder of cosmic-ray's programs; install it if it is missing."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "greenpush", f"cosmic-ray-{VERSION}")
    programs = os.path.join(folder, "bin")
    if not os.path.exists(os.path.join(programs, "cosmic-ray")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([os.path.join(programs, "pip"), "install", "-q", f"cosmic-ray=={VERSION}"], check=True)
    return programs


def is_annotation(line):
    """Return whether only annotations of a line could be changed."""
    return bool(re.match(r"\s*(?:def |TYPE_CHECKING|if TYPE_CHECKING|\) -> |\w+: [^=]*,?$)", line))


def mutate(programs, checkout, module):
    """Change a module in each way; return the number of changes, and [(line, changed line)] of the unnoticed ones."""
    name = os.path.basename(module)
    configuration, session = (os.path.join(checkout, f"{name}.{ending}") for ending in ("toml", "sqlite"))
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(module=module, name=name, python=sys.executable))
    for verb in ("init", "exec"):
        subprocess.run([os.path.join(programs, "cosmic-ray"), verb, configuration, session], cwd=checkout, check=True)
    with open(os.path.join(checkout, "server", "engine", f"{module}.py"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    changes = sqlite3.connect(session).execute(
        "SELECT start_pos_row, test_outcome, diff FROM mutation_specs JOIN work_results USING (job_id)"
    )
    own = [change for change in changes if not is_annotation(lines[change[0] - 1])]
    unnoticed = [
        (at, next(line[1:].strip() for line in diff.split("\n") if re.match(r"\+(?!\+\+)", line)))
        for at, outcome, diff in own
        if "SURVIVED" in str(outcome)
    ]
    return len(own), sorted(unnoticed)


def main():
    programs, failed = tool(), False
    scratch = tempfile.mkdtemp(prefix="greenpush-mutations-")
    try:
        checkout = os.path.join(scratch, "checkout")
        for folder in ("server", "tests"):
            shutil.copytree(os.path.join(ROOT, folder), os.path.join(checkout, folder))
        for module in MODULES:
            count, unnoticed = mutate(programs, checkout, module)
            print(f"{module}: {len(unnoticed)} of {count} changes went unnoticed ({len(unnoticed) / count:.0%})")
            for at, line in unnoticed:
                print(f"    {at}: {line}")
            failed = failed or len(unnoticed) > MOST * count
    finally:
        shutil.rmtree(scratch)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
