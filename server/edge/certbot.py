"""certbot, which talks to authorities (ACME, RFC 8555)."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess

from . import paths
from .files import read_bytes, read_json
from .nginx import make_webroot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .wanted import Wanted

# Seconds for one run.
PATIENCE = 600


class Outcome:
    """What a run of certbot ended with: "" or the reason, and the reason by each name that the authority refused."""

    __slots__ = ("failure", "refused")

    def __init__(self, failure: str = "", refused: dict[str, str] | None = None) -> None:
        self.failure, self.refused = failure, refused or {}


def lineage(site: str) -> str:
    """Return the folder of the newest certificate that certbot has for a site."""
    return os.path.join(paths.CERTBOT, "config", "live", site)


def pem_of(site: str) -> bytes:
    """Return the key and the certificate that certbot has for a site; nothing where it has none."""
    key = read_bytes(os.path.join(lineage(site), "privkey.pem"))
    chain = read_bytes(os.path.join(lineage(site), "fullchain.pem"))
    return key + chain if key and chain else b""


def run(words: list[str], environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Run certbot; return its exit status and what it printed."""
    folders = [f"--{name}-dir={paths.CERTBOT}/{name}" for name in ("config", "work", "logs")]
    try:
        done = subprocess.run(
            ["certbot", *words, "--non-interactive", *folders],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
        )
    except FileNotFoundError:
        return 127, "certbot is not installed: run up, which brings it"
    except subprocess.TimeoutExpired:
        return 124, f"certbot did not end in {PATIENCE} s"
    return done.returncode, done.stdout


def obtain(wanted: Wanted, names: list[str], anew: bool) -> Outcome:
    """Have certbot get a certificate for these names, or renew it where it is time; `anew` at any rate."""
    make_webroot()
    words = ["certonly", "--agree-tos", "--no-eff-email", "--no-directory-hooks", "--keep-until-expiring"]
    words += ["--renew-with-new-domains", "--server", wanted.directory, "--email", wanted.email]
    words += ["--cert-name", wanted.site, *(word for name in names for word in ("-d", name))]
    if anew:
        words.append("--force-renewal")
    if os.path.exists(wanted.path("eab.ini")):
        # It names the account at the authority that a new one here is bound to (RFC 8555, 7.3.4).
        words += ["--config", wanted.path("eab.ini")]
    environment: dict[str, str] = {}
    if wanted.hook:
        words += ["--manual", "--preferred-challenges", "dns", "--manual-auth-hook", wanted.hook]
        words += ["--manual-cleanup-hook", wanted.cleanup] if wanted.cleanup else []
        environment = read_json(wanted.path("dns.json"))
    else:
        words += ["--webroot", "--webroot-path", paths.WEBROOT]
    status, said = run(words, environment)
    return Outcome() if status == 0 else outcome_of(said, names)


def outcome_of(said: str, names: list[str]) -> Outcome:
    """Return what a run that failed tells: of which names, and why."""
    refused: dict[str, str] = {}
    for name, detail in re.findall(r"^\s*Domain: (\S+)\n\s*Type: .*\n\s*Detail: (.*)$", said, re.MULTILINE):
        refused[name] = shortened(detail)
    reason = reason_of(said)
    if not refused:
        refused = dict.fromkeys(re.findall(r'(?:for|identifier) "([^"\s]+)"', said), reason)
    return Outcome(reason, {name: why for name, why in refused.items() if name in names})


# Lines of certbot that say nothing of the reason.
USUAL = re.compile(
    r"Saving debug log|Ask for help|See the logfile|Plugins selected|^- - |Requesting a certificate"
    r"|Renewing an existing|Account registered|An unexpected error occurred|Some challenges have failed"
    r"|^Certbot failed to|Hint: "
    r"|^\s*(Domain|Type|Detail):|Simulating|Registering without|Please read|^\s*$"
)


def reason_of(said: str) -> str:
    """Return why certbot failed, in one line: the authority's own words where there are some."""
    details = re.findall(r"^\s*Detail: (.*)$", said, re.MULTILINE)
    lines = [line.strip() for line in said.splitlines() if not USUAL.search(line)]
    return shortened(details[0] if details else lines[-1] if lines else said.strip() or "certbot failed")


def shortened(text: str) -> str:
    """Return a text as one line that a person reads."""
    text = "".join(character if character.isprintable() else " " for character in text).strip()
    return text if len(text) <= 300 else f"{text[:297]}..."


def delete(site: str) -> None:
    """Have certbot forget a site's certificate."""
    if os.path.exists(os.path.join(paths.CERTBOT, "config", "renewal", f"{site}.conf")):
        run(["delete", "--cert-name", site])


def close_accounts() -> list[str]:
    """Close the accounts at all authorities, and delete what certbot has; return what could not be closed."""
    left: list[str] = []
    accounts = os.path.join(paths.CERTBOT, "config", "accounts")
    for registration in glob.glob(f"{glob.escape(accounts)}/**/regr.json", recursive=True):
        # ACCOUNTS/HOST/PATH/NUMBER/regr.json
        host = os.path.relpath(os.path.dirname(os.path.dirname(registration)), accounts)
        status, said = run(["unregister", "--server", f"https://{host}"])
        if status != 0:
            left.append(f"the account at {host} stays open: {reason_of(said)}")
    shutil.rmtree(paths.CERTBOT, ignore_errors=True)
    return left
