"""A site's certificate by certbot: which names, when, and what is said where it can't be had."""

from __future__ import annotations

import time

from . import certbot
from .leads_here import names_that_lead_away
from .nginx import Untaken, put_into_force
from .pem import certificate_in
from .state import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .state import State
    from .wanted import Wanted

# Seconds after which certbot is asked again by the timer, which runs each hour, give or take half of one: twice a day
# for renewals; each time for names that lead here and have no certificate, for which that is far below the limits of
# https://letsencrypt.org/docs/rate-limits/.
BETWEEN = 11 * 3600
WHERE_MISSING = 1200


def obtain(wanted: Wanted) -> list[str]:
    """Get or renew a site's certificate; return what a person has to know, nothing where all names have one."""
    state = state_of(wanted)
    away = {} if wanted.hook else names_that_lead_away(wanted.names)
    state.missing, state.away = dict(away), sorted(away)
    names = [name for name in wanted.names if name not in away]
    anew = state.directory not in ("", wanted.directory)
    outcome = certbot.Outcome()
    state.asked = time.time()
    while names:
        outcome = certbot.obtain(wanted, names, anew)
        if not outcome.failure or not outcome.refused:
            break
        # Those that fail must not keep the others from theirs.
        state.missing.update(outcome.refused)
        names = [name for name in names if name not in outcome.refused]
    state.failure = outcome.failure if names else ""
    if names and not outcome.failure:
        state.directory = wanted.directory
    pem = certbot.pem_of(wanted.site)
    if pem:
        try:
            put_into_force(wanted, pem)
        except Untaken as why:
            state.failure = f"nginx does not take the certificate: {why}"
    return concluded(wanted, state)


def concluded(wanted: Wanted, state: State) -> list[str]:
    """Save what is known now; return what a person has to know."""
    certificate = certificate_in(wanted.path("certificate.pem"))
    by_authority = certificate if certificate and not certificate.self_signed else None
    # Only an authority can still give one.
    asked_for = wanted.names if wanted.source == "acme" else []
    state.missing = {
        name: state.missing.get(name) or state.failure or "it was not asked for yet"
        for name in asked_for
        if not (by_authority and by_authority.covers(name))
    }
    state.save(wanted, certificate)
    return state.sentences(certificate)


def is_due(wanted: Wanted) -> bool:
    """Tell whether the timer has something to do for a site: a name that leads here has no certificate, or certbot was
    not asked for half a day, less where the certificate lives but for days.
    """
    state = state_of(wanted)
    certificate = certificate_in(wanted.path("certificate.pem"))
    between: float = WHERE_MISSING if set(state.missing) - set(state.away) else BETWEEN
    if certificate:
        between = min(between, (certificate.expires - certificate.begins) / 8)
    if not 0 <= time.time() - state.asked < between:
        return True
    return bool(state.away) and len(names_that_lead_away(state.away)) < len(state.away)
