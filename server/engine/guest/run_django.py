"""What the engine asks of Django, in one start of it: run_django.py ANSWER VERB...

Run by a release's own Python in the folder of its manage.py. ANSWER is the file in the release's folder that gets what
there is to answer, as JSON.

plan [left=FILE]: take data out of the release, answer what is to be migrated (see plan_of_project),
what was said of data, the places it was taken from (homes), what of the settings is unsafe, and which changes of an
earlier push, that FILE names, are still there.
check GATE [migrate] [collectstatic] [brotli] [location=PATH…] [host=NAME] [left=FILE]: the same, and between the two
collect static files, close the descriptor GATE, check the project; answer their address, and whether Django refuses
that host name. Without `migrate`, no database is asked.
copy ALIAS FILE; restore ALIAS FILE: a database as a whole.
migrate NOTES PENDING ASIDE: apply what is pending (JSON), with notes in a file of how far it came; in the databases of
ASIDE (JSON) set aside what goes.
forget ALIASES: drop what was set aside in these (JSON).
undo NOTES PENDING: take these back where they are applied, answer what is left.
uses GONE: answer which of these tables and columns (JSON) this release uses.
ask PATH HOST SCHEME: answer a request without a server, so that its error is shown.
explain FILE: answer what to write where another program of the release has ended with the error in this file.
setting NAME: answer what a setting is, where it gets its value, the variable that it reads, and what turns that off.
"""

from __future__ import annotations

import atexit
import json
import os
import sys

# Before the tree takes the place of this folder, of which nothing else is an application's to import.
from greenpush_django import (
    background,
    caches,
    copies,
    data,
    elsewhere,
    migrations,
    settings_check,
    static,
    translations,
)
from greenpush_django.tree_files import is_of_tree, tree_of_release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType
    from typing import Any, NoReturn

    Json = dict[str, Any]


def main(answer: str, verb: str, *rest: str) -> None:
    """Run a verb, and write its answer."""
    sys.path[0] = os.getcwd()
    try:
        set_up()
        result = VERBS[verb](answer, *rest) or {}
    except (Exception, SystemExit) as error:
        # A push waits for this module only where it has failed already.
        from greenpush_django.unreached import help_with

        if not isinstance(error, SystemExit) or error.code:
            unsafe = unsafe_of_settings() if verb in ("plan", "check") else []
            tell(answer, {"help": help_with(error), "unsafe": unsafe})
        raise
    tell(answer, result)
    if verb != "ask":
        end_now()


def set_up() -> None:
    """Load the settings and the applications, as the project's own manage.py does."""
    if os.environ.get("DJANGO_CONFIGURATION"):
        from configurations import importer  # pyright: ignore[reportMissingImports] # the application's own

        importer.install()  # pyright: ignore[reportUnknownMemberType]
    import django

    django.setup()


def plan(answer: str, *words: str) -> Json:
    """See the module."""
    from django.conf import settings

    said, homes = taken_out(answer)
    return {**planned(words), "homes": homes, "said": said, "unsafe": settings_check.findings(settings)}


def check(answer: str, gate: str, *words: str) -> Json:
    """See the module."""
    from django.conf import settings
    from django.core.management import call_command

    said, homes = taken_out(answer)
    said += static.collect(settings, "collectstatic" in words, release_of(answer), "brotli" in words)
    said += elsewhere.said_of_folders(settings, release_of(answer), os.environ["VAR_DIR"])
    os.close(int(gate))
    call_command("check")
    said += caches.said_of_caches(settings)
    said += background.said_of_tasks(settings, os.path.join(release_of(answer), "codebase"))
    said += translations.said_of_translations(settings, tree_of_release())
    said += elsewhere.said_of_media_url(settings, os.environ["VAR_DIR"], values_of("location", words))
    result = planned(words) if "migrate" in words else NOTHING_PLANNED
    unsafe = settings_check.findings(settings)
    about = {
        "static_url": static.address_of(settings),
        "warnings": warnings_of(),
        "without_table": caches.without_table(settings) if "migrate" in words else [],
        "refuses_host": any(settings_check.refuses_host(settings, each) for each in values_of("host", words)),
    }
    return {**result, "homes": homes, "said": said, "unsafe": unsafe, **about}


def unsafe_of_settings() -> list[Json]:
    """Return what is not safe of the settings, as settings_check has it; nothing where they can't be loaded."""
    from django.conf import settings

    try:
        return settings_check.findings(settings)
    except (Exception, SystemExit):
        return []


def taken_out(answer: str) -> tuple[list[str], dict[str, str]]:
    """Return what is said of data that the release had in its tree, and the places that it was taken from."""
    from django.conf import settings

    release, var = release_of(answer), os.environ["VAR_DIR"]
    try:
        databases = elsewhere.databases_elsewhere(settings, release, var)
        kept = data.keep_data(settings, os.path.join(release, "codebase"), var, os.getcwd())
    except data.NotKept as reason:
        tell(answer, {"not_kept": str(reason), "advice": reason.advice})
        return end_now()
    # A worker looks at them: greenpush_sandbox.py.
    tell(os.path.join(release, "databases.json"), databases)
    return kept


def release_of(answer: str) -> str:
    """Return the release's folder, in which the answer is."""
    return os.path.realpath(os.path.dirname(answer))


def values_of(name: str, words: Iterable[str]) -> list[str]:
    """Return the values of words such as `left=FILE`."""
    return [word.partition("=")[2] for word in words if word.startswith(f"{name}=")]


NOTHING_PLANNED = {
    "migrations": [],
    "pending": {},
    "unknown": [],
    "losses": [],
    "gone": {},
    "copies": {},
    "left_alone": [],
    "without": {},
    "still": [],
}


def planned(words: Iterable[str]) -> Json:
    """Return what is to be migrated, and what of an earlier push is still there."""
    from django.conf import settings

    if not settings.DATABASES:
        return NOTHING_PLANNED
    result = {**NOTHING_PLANNED, **migrations.plan_of_project()}
    for file in values_of("left", words):
        with open(file, encoding="utf-8") as left:
            result["still"] = migrations.still_changed(json.load(left)["changed"])
    return result


def warnings_of() -> list[str]:
    """Return what `check --deploy` warns of: [identifier]. Of DEBUG settings_check tells."""
    from django.core import checks

    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    return sorted({each.id for each in found if each.id})


def copy(_: Any, alias: str, file: str) -> None:
    """See the module."""
    copies.copy(alias, file)


def restore(_: Any, alias: str, file: str) -> None:
    """See the module."""
    copies.restore(alias, file)


def migrate(_: Any, notes: str, pending: str, aside: str) -> None:
    """See the module."""
    migrations.apply(json.loads(pending), notes, json.loads(aside))


def forget(_: Any, aliases: str) -> None:
    """See the module."""
    migrations.forget_asides(json.loads(aliases))


def undo(_: Any, notes: str, pending: str) -> Json:
    """See the module."""
    return migrations.take_back(json.loads(pending), notes)


def uses(_: Any, gone: str) -> list[str]:
    """See the module."""
    return migrations.still_used(json.loads(gone))


def ask(_: Any, path: str, host: str, scheme: str) -> None:
    """See the module."""
    from django.core.handlers import exception
    from django.http.response import HttpResponseBase
    from django.test import Client

    answer = exception.response_for_exception

    def shown(request: Any, error: Exception) -> Any:
        """Answer an error, but for what Django or the application takes for suspicious: no client is shown that."""
        response = answer(request, error)
        if response.status_code == 400:
            raise error
        return response

    exception.response_for_exception = shown
    makers: list[tuple[CodeType, int]] = []

    def seen(frame: FrameType, event: str, result: Any) -> None:
        """Note what of the application returns an answer that is an error, the one that makes it first."""
        # What is asked of a lazy object would make it.
        is_answer = event == "return" and issubclass(type(result), HttpResponseBase)
        if is_answer and is_bad(result.status_code) and is_of_tree(frame.f_code.co_filename, tree):
            makers.append((frame.f_code, frame.f_lineno))

    tree = tree_of_release()
    sys.setprofile(seen)
    try:
        response = Client().get(path, secure=scheme == "https", HTTP_HOST=host)
    finally:
        sys.setprofile(None)
    if is_bad(response.status_code) and makers:
        code, line = makers[0]
        place = os.path.relpath(os.path.realpath(code.co_filename), tree)
        raise AnswersSo(f"{place}:{line} answers {response.status_code}", code)


def is_bad(status: int) -> bool:
    """Tell whether a status is one that a page is refused for."""
    return status == 400 or status >= 500


class AnswersSo(Exception):
    """Where the application itself answers with an error's status, without an error. `code`: its function."""

    def __init__(self, what: str, code: CodeType) -> None:
        super().__init__(what)
        self.code = code


def explain(_: Any, file: str) -> Json:
    """See the module."""
    from greenpush_django.tree_files import text_of
    from greenpush_django.unreached import help_with

    kind, _, text = text_of(file).partition(": ")
    module, _, name = kind.rpartition(".")
    return {"help": help_with(type(name, (Exception,), {"__module__": module})(text)), "unsafe": []}


def setting(_: Any, name: str) -> Json:
    """See the module."""
    from django.conf import settings
    from greenpush_django.settings_sources import sources_of_release

    where, value, variable = sources_of_release().place_of(name)
    has = getattr(settings, name)
    has = [str(each) for each in has] if isinstance(has, (list, tuple, set)) else bool(has)
    return {"has": has, "where": where, "variable": variable, "off": settings_check.off(value, variable)}


VERBS = {
    each.__name__: each for each in (plan, check, copy, restore, migrate, forget, undo, uses, ask, explain, setting)
}


def end_now() -> NoReturn:
    """End without taking Django apart again, which takes longer than a check: the person who pushes waits."""
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] # it has no public name
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def tell(answer: str, result: Any) -> None:
    """Write the answer."""
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
