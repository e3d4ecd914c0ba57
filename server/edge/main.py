"""The verbs of certificates.py."""

from __future__ import annotations

import os
import sys

from . import certbot, paths
from .files import read_bytes
from .locks import RUN, alone
from .nginx import Untaken, put_into_force
from .obtaining import concluded, is_due, obtain
from .self_signed import self_signed
from .state import State, state_of
from .wanted import Wanted, sites, wanted_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def tell(sentence: str) -> None:
    """Print a line for the person who runs `up`, or for the journal."""
    print(sentence, flush=True)


def install(site: str) -> int:
    """Put into force what lies in the site's folder. certbot's certificate stays until it has another one."""
    wanted = existing(site)
    there = read_bytes(wanted.path("certificate.pem"))
    if wanted.source == "files":
        pem = read_bytes(wanted.path("given.pem"))
    elif wanted.source == "self-signed":
        pem = self_signed(wanted)
    else:
        pem = certbot.pem_of(site) or there
    try:
        if put_into_force(wanted, pem):
            tell("serves another certificate" if there and pem != there else "tells nginx of the certificate")
    except Untaken as why:
        tell(f"nginx does not take the certificate: {why}")
        return 1
    # What certbot was asked counts no more where another source has taken its place.
    concluded(wanted, state_of(wanted) if wanted.source == "acme" else State({}))
    return 0


def bring(site: str) -> int:
    """Have certbot get or renew the site's certificate, and say what it could not get."""
    for sentence in obtain(existing(site)):
        tell(sentence)
    return 0


def renew() -> int:
    """Do what is due for all sites; end with 1 where a certificate could not be had."""
    status = 0
    for site in sites():
        wanted = wanted_of(site)
        if wanted and wanted.source == "acme" and is_due(wanted):
            for sentence in obtain(wanted):
                tell(f"{site}: {sentence}")
                status = 1
    return status


def forget(site: str) -> int:
    """Delete what certbot has for the site; nginx serves it no more, if it did."""
    ours = certbot.pem_of(site)
    certbot.delete(site)
    wanted = wanted_of(site)
    if wanted and ours and read_bytes(wanted.path("certificate.pem")) == ours:
        put_into_force(wanted, b"")
    return 0


def close() -> int:
    """Close the accounts, and delete all that certbot has."""
    for sentence in certbot.close_accounts():
        tell(sentence)
    return 0


def existing(site: str) -> Wanted:
    """Return what a site wants. Raise FileNotFoundError where its folder is gone."""
    wanted = wanted_of(site)
    if wanted is None:
        raise FileNotFoundError(os.path.join(paths.FOLDER, site, "wanted.json"))
    return wanted


OF_ONE: dict[str, Callable[[str], int]] = {"install": install, "obtain": bring, "forget": forget}
OF_ALL: dict[str, Callable[[], int]] = {"renew": renew, "close": close}


def main(words: list[str]) -> int:
    """Run a verb; return the exit status."""
    os.umask(0o077)
    verb, *rest = words or [""]
    if verb in OF_ONE and len(rest) == 1:
        with alone(RUN):
            return OF_ONE[verb](rest[0])
    if verb in OF_ALL and not rest:
        with alone(RUN):
            return OF_ALL[verb]()
    print(f"certificates.py: wanted one of {', '.join([*OF_ONE, *OF_ALL])}", file=sys.stderr)
    return 2
