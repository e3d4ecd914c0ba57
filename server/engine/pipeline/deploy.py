"""The deploy: make a release of a revision, and discard one that can't go live."""

from __future__ import annotations

import fcntl
import os
import signal
import time

from ..checks.answer import FRONT_PAGE
from ..checks.health import check_health, say_of_absent_page, status_of_live, wanted_pages
from ..checks.sandbox import check_databases
from ..checks.settings import advice_for_host, check_settings
from ..checks.written import check_tmp, check_written, mark_complete
from ..config import current_given
from ..console.application_causes import with_help
from ..console.output import Step, say
from ..database.migrations import MigrateStep, Migrations, counted, take_back, words_of_plan
from ..errors import Refused, Unforeseen, refusal_of
from ..guest.greenpush_django.data import NotKept, keep_again, keep_named
from ..host.dedupe import has_bytecode, reuse_bytecode
from ..host.disk import sync_to_disk
from ..host.files import remove_tree, write_file, write_json
from ..host.git import git, written_in
from ..host.headroom import check_headroom
from ..host.priority import at_idle_priority
from ..paths import VAR
from ..release.environments import write_environment
from ..release.history import append_job, last_number
from ..release.job import Job
from ..release.processes import kill_processes
from ..release.project import project_of
from ..release.release import Release, State, live_release, releases
from ..release.slots import idle_slot, slot_of
from ..runtime.gunicorn import write_programs
from ..runtime.managers import lower_priority, stop_and_wait
from ..tree.export import export_revision
from ..venv.build import provide_venv
from ..venv.dependencies import dependencies_of
from ..venv.kept import complete_venv, keep_venv
from .boot import Boot
from .commands import commands_of, run_command
from .commands import counted as counted_commands
from .deploy_script import deploy_command, run_deploy_script
from .first import forget_first, run_first
from .project_notes import say_of_project, say_without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config, Given
    from ..host.files import Json
    from ..venv.dependencies import Dependencies


class Deploy(Job):
    """One deploy: a release in the making.

    `given`: what the stack gives the application, today's by default. `fresh`: make a new virtualenv and a new build.
    `hook`: inside pre-receive, where git's own variables lead to the pushed objects. `first`: run the commands of
    `first` again.
    """

    def __init__(
        self,
        config: Config,
        kind: str,
        revision: str,
        by: str,
        given: Given | None = None,
        fresh: bool = False,
        hook: bool = False,
        first: bool = False,
    ) -> None:
        number = max([each.number for each in releases()] + [last_number()]) + 1
        super().__init__(config, Release(number), kind, revision, by)
        self.given, self.fresh, self.hook, self.first = given or current_given(), fresh, hook, first
        # The name of the virtualenv that uv has made for it.
        self.made_venv = ""
        self.migrations: Migrations | None = None

    def make(self) -> None:
        """Bring the release to the state `prepared`: booted in the idle slot, checked, not yet live.

        Raise Refused or Unforeseen if it can't. Then nothing of it is left except what the exception says.
        """
        # deploy.sh sends HUP to var/pid to restart gunicorn. Until gunicorn is up, that is this process.
        # A handler, not SIG_IGN, which deploy.sh would inherit.
        signal.signal(signal.SIGHUP, be_told)
        try:
            self._open()
            say(f"{self.config.site}: release {self.release.number} of {self.revision[:7]}")
            lower_priority(self.config, self.release)
            self._make()
        except BaseException as error:
            refused = with_help(refusal_of(error, self.step) or error, self._line_for_module)
            left = self._discard(refused)
            if isinstance(refused, Refused):
                refused.left = left
                raise refused from None
            if isinstance(error, Exception) and not isinstance(error, BrokenPipeError):
                raise Unforeseen(self.log, left) from error
            raise

    def _line_for_module(self, module: str) -> str:
        """See line_for_module."""
        from .missing_module import line_for_module

        return line_for_module(self.release, module)

    def _make(self) -> None:
        release = self.release
        with Step(self, "export") as step:
            check_headroom("export")
            step.note = at_idle_priority(self._export)
            self._find_layout()
            self._keep_data()
        # Report before uv runs what can be known before.
        self.step = "virtualenv"
        dependencies = dependencies_of(self)
        self.step = "deploy.sh"
        deploy_command(release)
        with Step(self, "virtualenv") as step:
            self.made_venv, step.note = provide_venv_of(self, self.given, self.fresh, dependencies, self.hook)
            self._choose_application()
            write_programs(release, self.given.gunicorn)
        if self.config.build or self.config.node:
            # Most applications have nothing to build.
            from .build import make_build

            with Step(self, "build") as step:
                step.note = make_build(self)
        run_deploy_script(self)
        mark_complete(release)
        if self.config.migrate == "before":
            self._migrate_before()
        boot = Boot(self, idle_slot())
        with Step(self, "django") as step:
            gate = self._gate()
            if boot.slot_is_free():
                boot.begin()
            step.note = self._check_django(gate)
        with Step(self, "boot") as step:
            step.note = boot.finish()
            check_databases(release)
        # After the boot: a version that does not even start leaves the database alone.
        self._migrate()
        if self.config.first:
            run_first(self, self.first)
        self._run_release_commands()
        with Step(self, "health") as step:
            step.note = check_health(self)
            say_of_absent_page(self)
        self.step = "data"
        check_written(release)
        check_tmp(release)
        remove_tree(release.path("tmp"))
        if self.made_venv:
            complete_venv(self.made_venv)
        release.save(state=State.PREPARED, steps=self.steps, durable=False)
        # One sync for everything, because each waits for the disk; and before git moves the branch.
        sync_to_disk(release.path())

    def _open(self) -> None:
        release, number = self.release, self.release.number
        author, subject = written_in(self.revision, self.hook)
        os.mkdir(release.path())
        release.save(
            number=number,
            revision=self.revision,
            author=author,
            subject=subject,
            kind=self.kind,
            by=self.by,
            when=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            state=State.BUILDING,
            durable=False,
        )
        var = release.path("var")
        os.mkdir(var)
        for name in os.listdir(VAR):
            if name not in ("pid", "socket", "deploy.lock", "switch.lock", "env"):
                os.symlink(os.path.join("..", "..", "..", "var", name), os.path.join(var, name))
        os.mkdir(release.path("static"))
        make_public(release)
        os.mkdir(release.path("tmp"))
        write_environment(release, self.given, durable=False)
        write_json(release.path("gunicorn.json"), self.given.gunicorn, durable=False)
        write_file(release.path("gate"), "", durable=False)
        write_file(os.path.join(var, "pid"), f"{os.getpid()}\n", durable=False)

    def _export(self) -> str:
        """Write the tree; return how many submodules it has, in words."""
        release, live = self.release, live_release()
        submodules = export_revision(self, self.hook)
        release.save(submodules=submodules, durable=False)
        self._lay_files()
        # Python prefers committed bytecode to its module, and another revision must not inherit that.
        if has_bytecode(release.codebase):
            release.save(has_bytecode=True, durable=False)
        elif not live.has_bytecode:
            reuse_bytecode(release.codebase, live.codebase)
        count = len(submodules)
        return f"with {count} {'submodules' if count > 1 else 'submodule'}" if count else ""

    def _lay_files(self) -> None:
        """Lay the stack's files into the tree."""
        if not self.given.files():
            return
        from ..release.given_files import lay_files

        for place in lay_files(self.release, self.given):
            say(f"    {place} of the tree is replaced by the one of the stack file's `files`.")

    def _find_layout(self) -> None:
        """Find what the stack leaves to the tree, and write what depends on it."""
        from ..tree.distribution import write_metadata
        from ..tree.layout import find_layout

        release = self.release
        layout = find_layout(release.codebase, self.config, self.given)
        layout.python_path += write_metadata(release.codebase, layout.root, layout.python_path)
        for phrase in layout.said:
            say(f"    {phrase}")
        facts = {name: value for name, value in vars(layout).items() if name != "said"}
        release.save(**facts, durable=False)
        write_environment(release, self.given, durable=False)
        self.renew_environment()

    def _keep_data(self) -> None:
        """Link shared paths, and what the live release keeps outside of its tree, into the new release."""
        codebase = self.release.codebase
        try:
            said, homes = keep_named(codebase, VAR, self.config.shared)
        except NotKept as reason:
            raise not_kept(str(reason), reason.advice) from None
        for sentence in said:
            say(f"    {sentence}")
        keep_again(codebase, VAR, live_release().homes)
        self.release.save(homes=homes, durable=False)

    def _choose_application(self) -> None:
        """Choose between the applications of WSGI and of ASGI, where the tree has both."""
        if self.release.asgi and self.release.wsgi:
            from .web_sockets import choose_application

            choose_application(self.release)

    def _gate(self) -> int:
        """Return the gate, a locked file. The slot loads the application when it is closed and thereby unlocked.

        So gunicorn's start and Django's overlap, and static files are complete when the application reads them.
        """
        gate = os.open(self.release.path("gate"), os.O_RDWR)
        fcntl.flock(gate, fcntl.LOCK_EX)
        return gate

    def _check_django(self, gate: int) -> str:
        """Collect static files, open the gate, check the project; return the pending migrations in words."""
        wanted = [name for name in ("migrate", "collectstatic", "brotli") if getattr(self.config, name)]
        wanted += [f"location={each}" for each in self.config.locations]
        if not live_release() and wanted_pages(self.config)[FRONT_PAGE] is None:
            wanted.append(f"host={self.config.host}")
        result, migrations = self._ask_django("check", str(gate), *wanted, inherits=[gate])
        if result["refuses_host"]:
            # The health check would say it, after all migrations of a new site, which then are to be undone.
            advice = advice_for_host(self.config, self.release)
            raise Refused("django", f"{FRONT_PAGE} would answer 400", advice=advice)
        say_of_project(self, result)
        return counted(migrations.pending)

    def _migrate_before(self) -> None:
        """Apply migrations before the application is loaded, for one that needs their tables while it loads."""
        with Step(self, "plan") as step:
            _, migrations = self._ask_django("plan")
            step.note = counted(migrations.pending)
        self._migrate()

    def _ask_django(self, verb: str, *words: str, inherits: Sequence[int] = ()) -> tuple[Json, Migrations]:
        """Return the project's answer to a plan or a check, and its migrations. Raise Refused."""
        release = self.release
        result = project_of(self).ask(verb, *words, *words_of_plan(), inherits=inherits)
        if "not_kept" in result:
            raise not_kept(result["not_kept"], result["advice"])
        said: list[str] = result["said"]
        for sentence in said:
            say(f"    {sentence}")
        if self.migrations is None:
            if result["unsafe"]:
                check_settings(result["unsafe"], self.config.refuses)
            say_without(release, result["without"])
        release.save(homes={**release.homes, **result["homes"]}, durable=False)
        first, self.migrations = self.migrations is None, Migrations(self, result)
        if first:
            self.migrations.note()
        self.migrations.approve()
        return result, self.migrations

    def _migrate(self) -> None:
        """Apply what is pending, after a copy of what it takes."""
        migrations = self.migrations
        if not migrations or not migrations.pending:
            return
        self.before_migrating[FRONT_PAGE] = status_of_live(self, FRONT_PAGE)
        if migrations.plan["copies"]:
            with Step(self, "copy") as step:
                step.note = migrations.copy()
        with MigrateStep(self, migrations) as step:
            step.note = migrations.apply()

    def _run_release_commands(self) -> None:
        """Run the commands of `release`, of the Procfile where the stack says nothing."""
        commands = commands_of(self.config, self.release, "release")
        if commands:
            with Step(self, "release") as step:
                for command in commands:
                    run_command(self, "release", command, self.environment)
                step.note = counted_commands(commands)

    def _discard(self, error: BaseException) -> list[str]:
        """Discard a release that can't go live, and record why. Return in sentences what could not be undone."""
        if isinstance(error, Refused):
            step, reason = error.step, error.reason
        else:
            step, reason = self.step, f"{type(error).__name__}: {error}"
        if self.made_venv:
            keep_venv(self.made_venv)
        left = discard_release(self.config, self.release, f"{step}: {reason}")
        append_job(self, "refused", f"{step}: {reason}", left)
        return left


def be_told(*_: object) -> None:
    """Handle a signal without effect. Programs that this process starts don't ignore the signal."""


def provide_venv_of(
    job: Job, given: Given, fresh: bool, dependencies: Dependencies, hook: bool = False
) -> tuple[str, str]:
    """Give a job's release its virtualenv; see provide_venv()."""

    def identity(path: str) -> str:
        return git("rev-parse", "--verify", f"{job.revision}:{path}", hook=hook)

    return at_idle_priority(provide_venv, job, given, fresh, dependencies, identity)


def not_kept(reason: str, advice: str) -> Refused:
    """Return the refusal for data that would be lost."""
    usual = "Have the settings put it below VAR_DIR (os.environ), which outlives a release."
    return Refused("data", reason, advice=advice or usual)


def make_public(release: Release) -> None:
    """Make the folder that nginx looks into before it asks the application: see guest/greenpush_django/static.py."""
    public = release.path("public")
    os.mkdir(public)
    os.symlink(os.path.join("..", "static"), os.path.join(public, "static"))


def discard_release(config: Config, release: Release, why: str = "") -> list[str]:
    """Discard a release, its process and its migrations; return in sentences what is left. `why`: see UndoStep."""
    slot = slot_of(release)
    if slot:
        # Nobody waits for its answers. The manager stops it, so that it restarts nothing, and everything is killed.
        stop_and_wait(config, release, slot, also=lambda: kill_processes(release))
        slot.clear()
    kill_processes(release)
    left = take_back(config, release, why)
    left += forget_first(release, left)
    remove_tree(release.path())
    return left
