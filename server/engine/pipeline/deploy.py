"""Making a release of a revision, and undoing one that did not make it."""

import fcntl
import os
import signal
import time

from ..checks.health import FRONT_PAGE, check_health, status_of_live
from ..config import current_config
from ..console.application_causes import with_help
from ..console.output import Step, say
from ..database.migrations import MigrateStep, Migrations, counted, take_back, words_of_plan
from ..errors import Refused, refusal_of
from ..guest.greenpush_django.data import NotKept, keep_again, keep_named
from ..host.dedupe import reuse_identical, has_bytecode
from ..host.files import remove_tree, write_file, write_json
from ..host.git import git, written_in
from ..host.headroom import check_headroom
from ..host.priority import at_idle_priority
from ..paths import LOG, SLOTS, VAR
from ..release.django_commands import run_django
from ..release.environments import write_environment
from ..release.history import last_number, append_deploy
from ..release.programs import interpreter, kill_processes, sync_to_disk, release_environment, run
from ..release.releases import (
    idle_slot,
    live_number,
    read_release,
    release_numbers,
    release_path,
    slot_of,
    write_release,
)
from ..runtime.gunicorn import program, start_script
from ..runtime.managers import lower_priority, stop_and_wait
from ..tree.export import export_revision
from ..venv.build import provide_venv
from ..venv.kept import complete_venv, keep_venv
from ..venv.preflight import requirements_of
from .boot import Boot


class Deploy:
    """One deploy: a release in the making, its steps, and the line it leaves on record."""

    def __init__(self, config, kind, revision, by, site=None, fresh=False):
        self.config, self.kind, self.revision, self.by = config, kind, revision, by
        self.site, self.fresh = site or current_config(), fresh
        self.number, self.log, self.step, self.steps = None, None, "", []
        self.made_venv, self.migrations = None, None
        # {path: status} of the live release, before migrations could break it too.
        self.before_migrating = {}
        self.begun = time.monotonic()

    def make(self, hook=False):
        """Bring the release to the state `prepared`: booted in the idle slot, checked, not yet live."""
        # deploy.sh says HUP to var/pid, which is this process until gunicorn is up: "serve this", as it will.
        # A handler and not SIG_IGN, which deploy.sh itself would inherit.
        signal.signal(signal.SIGHUP, lambda *_: None)
        try:
            say(f"{self.config['site']}: release {self._open(hook)} of {self.revision[:7]}")
            lower_priority(self.config, self.number)
            self._make(hook)
        except BaseException as error:
            refused = with_help(refusal_of(error, self.step) or error)
            self.discard(refused)
            # Where main() puts the traceback of what nobody has foreseen.
            refused.log = self.log
            raise refused from None
        return self.number

    def _make(self, hook):
        number = self.number
        with Step(self, "export") as step:
            check_headroom("export")
            step.note = at_idle_priority(self._export, hook)
            self._keep_data()
        # What can be known before pip is said before pip.
        self.step = "virtualenv"
        requirements = requirements_of(self)
        self.step = "deploy.sh"
        self._deploy_command()
        with Step(self, "virtualenv") as step:
            step.note = self.provide_venv(requirements, hook)
        with Step(self, "deploy.sh"):
            self.run_deploy_script()
        if self.config["migrate"] == "before":
            self._migrate_before()
        boot = Boot(self, idle_slot())
        with Step(self, "django") as step:
            gate = self._gate()
            if boot.slot_is_free():
                boot.begin()
            step.note = self._check_django(gate)
        with Step(self, "boot") as step:
            step.note = boot.finish()
        # After the boot: a version that does not even start leaves the database alone.
        self._migrate()
        with Step(self, "health") as step:
            step.note = check_health(self)
        remove_tree(release_path(number, "tmp"))
        if self.made_venv:
            complete_venv(self.made_venv)
        write_release(number, state="prepared", steps=self.steps, durable=False)
        # All at once, for each waits for the disk, and before git moves the branch.
        sync_to_disk(release_path(number))

    def _open(self, hook):
        self.number = number = max([*release_numbers(), last_number()]) + 1
        self.log = os.path.join(LOG, f"deploy-{number}.log")
        author, subject = written_in(self.revision, hook)
        os.mkdir(release_path(number))
        write_json(
            release_path(number, "release.json"),
            {
                "number": number,
                "revision": self.revision,
                "author": author,
                "subject": subject,
                "kind": self.kind,
                "by": self.by,
                "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                "state": "building",
            },
            durable=False,
        )
        var = release_path(number, "var")
        os.mkdir(var)
        for name in os.listdir(VAR):
            if name not in ("pid", "socket", "deploy.lock", "switch.lock", "env"):
                os.symlink(os.path.join("..", "..", "..", "var", name), os.path.join(var, name))
        os.mkdir(release_path(number, "static"))
        make_public(number)
        os.mkdir(release_path(number, "tmp"))
        write_environment(number, self.site, durable=False)
        write_json(release_path(number, "gunicorn.json"), self.site["gunicorn"], durable=False)
        start = start_script(number, self.site["gunicorn"])
        write_file(release_path(number, "start"), start, 0o755, durable=False)
        write_file(release_path(number, "gunicorn"), program(number), 0o755, durable=False)
        write_file(release_path(number, "gate"), "", durable=False)
        write_file(os.path.join(var, "pid"), f"{os.getpid()}\n", durable=False)
        self.environment = release_environment(number)
        return number

    def _export(self, hook):
        submodules = export_revision(self, hook)
        write_release(self.number, submodules=submodules, durable=False)
        codebase = release_path(self.number, "codebase")
        live = live_number()
        # Python runs bytecode that was committed in the place of its module: another revision must not inherit that.
        if has_bytecode(codebase):
            write_release(self.number, has_bytecode=True, durable=False)
        elif not read_release(live).get("has_bytecode"):
            reuse_identical(codebase, release_path(live, "codebase"))
        count = len(submodules)
        return f"with {count} {'submodules' if count > 1 else 'submodule'}" if count else ""

    def _keep_data(self):
        """What the stack names, and what the live release keeps outside of its tree, is there from the start."""
        codebase = release_path(self.number, "codebase")
        try:
            said, homes = keep_named(codebase, VAR, self.config["shared"])
        except NotKept as reason:
            raise not_kept(reason) from None
        for sentence in said:
            say(f"    {sentence}")
        keep_again(codebase, VAR, read_release(live_number()).get("homes", {}))
        write_release(self.number, homes=homes, durable=False)

    def provide_venv(self, requirements, hook=False):
        def identity(path):
            return git("rev-parse", "--verify", f"{self.revision}:{path}", hook=hook)

        return at_idle_priority(provide_venv, self, requirements, identity)

    def _deploy_command(self):
        """The words that run deploy.sh. Raises Refused where there is none that can be run."""
        codebase = release_path(self.number, "codebase")
        if not os.path.exists(os.path.join(codebase, "deploy.sh")):
            raise Refused(
                "deploy.sh",
                "there is none in the root of the pushed tree",
                advice="Add a deploy.sh; it may be empty. It is run by sh in the release's codebase folder.",
            )
        return interpreter(os.path.join(codebase, "deploy.sh"))

    def run_deploy_script(self):
        codebase = release_path(self.number, "codebase")
        run(
            "deploy.sh",
            self._deploy_command(),
            self.log,
            self.config["limits"]["deploy"],
            self.environment,
            codebase,
            shown=True,
        )
        if read_release(self.number).get("revision") != self.revision:
            raise Refused(
                "deploy.sh", f"it has spoilt {release_path(self.number, 'release.json')}, which is the engine's"
            )

    def _gate(self):
        """A locked file, which is unlocked when it is closed: the slot waits for that before it loads the application.

        So gunicorn's start and Django's overlap, and static files are complete when the application may read them.
        """
        gate = os.open(release_path(self.number, "gate"), os.O_RDWR)
        fcntl.flock(gate, fcntl.LOCK_EX)
        return gate

    def _check_django(self, gate):
        """Collect static files, close the gate's file, check the project; see which migrations the databases lack."""
        wanted = [name for name in ("migrate", "collectstatic") if self.config[name]]
        result = self._ask_django("check", str(gate), *wanted, inherits=[gate])
        self._say_warnings(result["warnings"])
        return counted(self.migrations.pending)

    def _migrate_before(self):
        """Apply migrations before anything loads the application whole, which may want what they make."""
        with Step(self, "plan") as step:
            self._ask_django("plan")
            step.note = counted(self.migrations.pending)
        self._migrate()

    def _ask_django(self, verb, *words, inherits=()):
        """What a look at the project answers, with its migrations in `migrations`. Raises Refused."""
        result = run_django(self, verb, *words, *words_of_plan(), inherits=inherits)
        if "not_kept" in result:
            raise not_kept(result["not_kept"])
        for sentence in result["said"]:
            say(f"    {sentence}")
        homes = {**read_release(self.number)["homes"], **result["homes"]}
        write_release(self.number, homes=homes, durable=False)
        first, self.migrations = self.migrations is None, Migrations(self, result)
        if first:
            self.migrations.note()
        self.migrations.approve()
        return result

    def _say_warnings(self, warnings):
        """What `check --deploy` warns of that it did not before, and DEBUG each time."""
        if "DEBUG" in warnings:
            say("    DEBUG is True: visitors who meet an error read the settings. Set it to False for this site.")
        known = read_release(live_number()).get("warnings", [])
        new = [warning for warning in warnings if warning not in ("DEBUG", *known)]
        if new:
            say(f"    `manage.py check --deploy` warns: {', '.join(new)}.")
        write_release(self.number, warnings=warnings, durable=False)

    def _migrate(self):
        """Apply what is pending, after a copy of what it takes."""
        migrations = self.migrations
        if not migrations.pending:
            return
        self.before_migrating[FRONT_PAGE] = status_of_live(self, FRONT_PAGE)
        if migrations.plan["copies"]:
            with Step(self, "copy") as step:
                step.note = migrations.copy()
        with MigrateStep(self, migrations) as step:
            step.note = migrations.apply()

    def discard(self, error):
        """Undo a release that did not make it; put on record why, and what could not be undone."""
        reason = error.reason if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        if self.made_venv:
            keep_venv(self.made_venv)
        error.left = discard_release(self.config, self.number) if self.number is not None else []
        step = error.step if isinstance(error, Refused) else self.step
        append_deploy(self, "refused", f"{step}: {reason}", error.left)


def not_kept(reason):
    """The refusal of data that can't be taken out of the tree."""
    advice = "Have the settings put it below VAR_DIR (os.environ), which outlives a release."
    return Refused("data", str(reason), advice=advice)


def make_public(number):
    """Where nginx looks for files before it asks the application; guest/greenpush_django/static.py adds to it."""
    public = release_path(number, "public")
    os.mkdir(public)
    os.symlink(os.path.join("..", "static"), os.path.join(public, "static"))


def discard_release(config, number):
    """Take away a release that will not be live, its process and its migrations; what is left, in sentences."""
    slot = slot_of(number)
    if slot:
        # Nobody waits for its answers: the manager is told, so that it starts nothing anew, and all is killed.
        stop_and_wait(config, number, slot, also=lambda: kill_processes(number))
        os.unlink(os.path.join(SLOTS, slot))
    kill_processes(number)
    left = take_back(config, number)
    remove_tree(release_path(number))
    return left
