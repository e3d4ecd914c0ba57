"""Settings that are for development, refused for a site that visitors meet; and those that a page's answer comes of."""

from __future__ import annotations

from ..console.output import say
from ..errors import Refused
from ..release.project import project_at_rest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config
    from ..host.files import Json
    from ..release.release import Release

# Variables that have the site's names.
HOSTS = ("ALLOWED_HOSTS", "DJANGO_ALLOWED_HOSTS")


def check_settings(found: Sequence[Json], refuses: Sequence[str]) -> None:
    """Raise Refused for what is found of the settings where the stack refuses it; say the rest.

    `found`: see guest/greenpush_django/settings_check.py.
    """
    refused = [each for each in found if each["kind"] in refuses]
    if not refused:
        for each in found:
            if each["kind"]:
                say(f"    {each['where']}: {each['what']}.")
        return
    # What goes with these: without DEBUG, ALLOWED_HOSTS counts.
    with_debug = refused[0]["kind"] == "debug"
    besides = [each for each in found if not each["kind"] and (with_debug or each["write"].startswith("import "))]
    lines: list[str] = []
    for each in (*refused, *besides):
        lines += [f"{each['where']}: {each['what']}", f"    write: {each['write']}"]
    first = refused[0]
    more = f", and {len(refused) - 1} more of its settings" if refused[1:] else ""
    in_tree = any("(in the stack file)" not in each["write"] for each in (*refused, *besides))
    without = f" To commit nothing, {first['own']}." if in_tree else ""
    allowed = ", ".join(f"`{each['kind']}: true`" for each in refused)
    raise Refused(
        "django",
        f"{first['what']} ({first['where']}){more}",
        lines,
        f"Write these lines, then push again.{without} "
        f"Where the site may run so all the same: {allowed} in the stack file.",
    )


def advice_for_host(config: Config, release: Release) -> str:
    """Return what to write where ALLOWED_HOSTS lacks the host name that a page is asked for; "" where it has it."""
    found = setting_of(config, release, "ALLOWED_HOSTS")
    if any(allows(name.lower(), config.host) for name in found.get("has", [])):
        return ""
    said = f"Django answers 400 to a host name that ALLOWED_HOSTS does not have; it was asked for {config.host}."
    if not found:
        return f"{said} The variable ALLOWED_HOSTS has the site's names, separated by commas; let the settings use it."
    where, variable = found["where"], found["variable"]
    if not variable:
        write = 'ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")'
        return f"{said} Write {write} at {where}, or into a settings module of your own: `files` in the stack file."
    if variable in HOSTS:
        return f"{said} {where} makes {found['has']} of {variable}, which has the site's names, separated by commas."
    line = f"environment: {{ {variable}: ${{ALLOWED_HOSTS}} }}"
    return f"{said} {where} reads {variable}. Write `{line}` into the stack file."


def allows(name: str, host: str) -> bool:
    """Tell whether a name of ALLOWED_HOSTS stands for a host name, as Django has it."""
    return name in ("*", host) or (name.startswith(".") and f".{host}".endswith(name))


def advice_for_http(config: Config, release: Release) -> str:
    """Return what to write where Django itself leads to https, "" where it does not."""
    found = setting_of(config, release, "SECURE_SSL_REDIRECT")
    if not found.get("has"):
        return ""
    variable = found["variable"]
    line = f": `environment: {{ {variable}: {found['off']} }}` in the stack file" if variable else ""
    return f"Or let SECURE_SSL_REDIRECT ({found['where']}) be False{line}."


def setting_of(config: Config, release: Release, name: str) -> Json:
    """Return what a setting is and where that comes from, {} where the release can't tell."""
    try:
        return project_at_rest(config, release).ask("setting", name)
    except Refused:
        return {}
