"""What a push says of the project that Django was asked about, and that does not refuse it."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..checks.health import is_of_site
from ..console.output import say
from ..release.release import live_release
from .commands import commands_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..host.files import Json
    from ..release.job import Job
    from ..release.release import Release


def say_of_project(job: Job, checked: Json) -> None:
    """Say what there is to say of the answer to a check."""
    say_cache_tables(job, checked["without_table"])
    say_host_of_static(job.config, checked["static_url"])
    say_warnings(job.release, checked["warnings"])


def say_without(release: Release, without: dict[str, bool]) -> None:
    """Say which applications have models and no migrations, when the live release did not have them."""
    for label in sorted(without.keys() - set(live_release().without)):
        how = (
            f"`python manage.py makemigrations {label}`, then commit them"
            if without[label]
            else "`release: [python manage.py migrate --run-syncdb]` in the stack file makes them"
        )
        say(f"    {label} has models and no migrations, so its tables are not made: {how}.")
    release.save(without=sorted(without), durable=False)


def say_cache_tables(job: Job, sentences: list[str]) -> None:
    """Say which tables of caches are not there, unless a command of this push makes them."""
    if not sentences:
        return
    commands = [each for name in ("first", "release") for each in commands_of(job.config, job.release, name)]
    if not any("createcachetable" in each.line for each in commands):
        for sentence in sentences:
            say(f"    {sentence}")


def say_host_of_static(config: Config, url: str) -> None:
    """Say that static files have a host name that is none of the site's."""
    host = urlsplit(url).hostname
    if host and not is_of_site(config, host):
        say(
            f"    static files have the address {url}, and {host} is none of the site's names: add it to "
            "`serverNames` in the stack file, unless a CDN or another server has it"
        )


def say_warnings(release: Release, warnings: list[str]) -> None:
    """Print new warnings of `check --deploy`."""
    known = live_release().warnings
    new = [warning for warning in warnings if warning not in known]
    if new:
        say(f"    `manage.py check --deploy` warns: {', '.join(new)}.")
    release.save(warnings=warnings, durable=False)
