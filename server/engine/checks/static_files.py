"""The static files of a release: which ones visitors ask for, and what keeps nginx from reading one."""

from __future__ import annotations

import os
import re
import stat
from itertools import islice
from urllib.parse import quote, unquote, urljoin, urlsplit

from ..paths import RELEASES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..release.release import Release

# The most files to ask for, the most of one folder, and the most folders to look into.
MOST, MOST_OF_FOLDER, MOST_FOLDERS = 20, 3, 200

REFERENCE = re.compile(r"""(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def addresses(release: Release) -> dict[str, str]:
    """Return where a release has static files: {address: folder}, as {"/static/": ".../public/static"}.

    guest/greenpush_django/static.py makes them what they are.
    """
    public = release.path("public")
    found: dict[str, str] = {}
    for folder, folders, _ in os.walk(public):
        for name in folders:
            path = os.path.join(folder, name)
            if os.path.islink(path) and os.path.isdir(path):
                found[f"/{os.path.relpath(path, public)}/"] = path
    # `static` is there whatever the settings say.
    said = {os.path.realpath(path) for address, path in found.items() if address != "/static/"}
    return {
        address: path for address, path in found.items() if address != "/static/" or os.path.realpath(path) not in said
    }


def named_in(page: str, url: str, is_own: Callable[[str], bool], below: Iterable[str]) -> list[str]:
    """Return the paths of the style sheets and scripts that a page names, in its order, of those below addresses of
    static files.

    `url` is the page's own; `is_own` tells whether a host name is one of the site's.
    """
    found: dict[str, None] = {}
    for texts in REFERENCE.findall(page):
        try:
            target = urlsplit(urljoin(url, "".join(texts).strip().replace("&amp;", "&")))
        except ValueError:
            continue
        if not target.path.endswith((".css", ".js")) or not target.path.startswith(tuple(below)):
            continue
        if is_own(target.hostname or "") and re.fullmatch(r"[!-~]+", target.path + target.query):
            found[f"{target.path}?{target.query}" if target.query else target.path] = None
    return list(found)[:MOST]


def sample(release: Release, named: Iterable[str] = ()) -> list[str]:
    """Return paths to ask for: those that are named, then others that were collected, from many folders."""
    paths = dict[str, None].fromkeys(named)
    for address, top in addresses(release).items():
        for at, (folder, folders, names) in enumerate(os.walk(top)):
            folders.sort()
            if len(paths) >= MOST or at >= MOST_FOLDERS:
                break
            # Style sheets and scripts first.
            names.sort(key=lambda name: (not name.endswith((".css", ".js")), name))
            files = (os.path.join(folder, name) for name in names if not name.startswith("."))
            for file in islice(filter(os.path.isfile, files), MOST_OF_FOLDER):
                paths[address + quote(os.fsencode(os.path.relpath(file, top)))] = None
    return list(paths)[:MOST]


def file_of(release: Release, path: str) -> str | None:
    """Return the file that a path is the address of, None where there is none."""
    file = release.path("public", unquote(urlsplit(path).path).lstrip("/"))
    return file if os.path.isfile(file) else None


def obstacle(path: str) -> str:
    """Return what keeps nginx from a file or a socket of the site, in words; "" if nothing does.

    nginx is in the group of the releases. It follows a link only if link and target have the same owner.
    """
    group = os.stat(RELEASES).st_gid
    parts = os.path.realpath(path).split("/")
    for at in range(2, len(parts) + 1):
        part = "/".join(parts[:at])
        about = os.stat(part)
        if not lets_in(about, group):
            return f"{part} is closed to nginx (its mode is {stat.S_IMODE(about.st_mode):o})"
    while path.startswith(f"{RELEASES}/"):
        if os.path.islink(path) and os.lstat(path).st_uid != os.stat(path).st_uid:
            return f"{path} is a link to what belongs to another account, which nginx does not follow"
        path = os.path.dirname(path)
    return ""


def lets_in(about: os.stat_result, group: int) -> bool:
    """Tell whether somebody of that group may go through a folder, connect to a socket, read a file."""
    wanted = stat.S_IROTH
    if stat.S_ISDIR(about.st_mode):
        wanted = stat.S_IXOTH
    elif stat.S_ISSOCK(about.st_mode):
        wanted = stat.S_IWOTH
    return bool(about.st_mode & (wanted << 3 if about.st_gid == group else wanted))
