"""Settings that are for development: refused for a site that visitors meet, said elsewhere."""

from __future__ import annotations

from ..console.output import say
from ..errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..host.files import Json


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
    without = " To commit nothing, lay a settings module of your own into the tree: `files`." if in_tree else ""
    allowed = ", ".join(f"`{each['kind']}: true`" for each in refused)
    raise Refused(
        "django",
        f"{first['what']} ({first['where']}){more}",
        lines,
        f"Write these lines, then push again.{without} "
        f"Where the site may run so all the same: {allowed} in the stack file.",
    )
