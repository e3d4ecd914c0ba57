"""Why a Python can't be installed, and what helps, in words for the pusher."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..console.causes import cause_of
from ..console.logs import tail
from ..paths import SERVER_PYTHON
from .network_failures import NETWORK
from .requirements import version_of
from .versions import minor_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import Refused
    from .python import Wanted


def with_cause(refused: Refused, log: str, version: str, wanted: Wanted) -> Refused:
    """Return the refusal for a Python that uv could not install, with uv's reason."""
    said = "\n".join(tail(log, 50))
    source, own = wanted.source, version_of(SERVER_PYTHON)
    wins = f", which wins over {source}" if source and "`" not in source else ""
    against = wanted.against(minor_of(own) or 0)
    other = f'or name a Python that the server has, as "{own}": `python` in the stack file{wins}'
    if against:
        other = f"or take a server whose own Python fits: this one's is {own}, and {against}"
    if re.search(r"sudo: |a password is required", said):
        refused.reason = f"Python {version} is not installed, and the site's account may not have it installed"
        refused.advice = "Run `npx pulumi up`, which gives it that right, and push again."
        return refused
    if re.search(r"No download found for request|no download|No interpreter found", said, re.IGNORECASE):
        refused.reason = f"uv knows no download of Python {version} for this machine"
        refused.advice = f"Set `pythonDownloads` of the server to a list that has it, {other}."
        return refused
    address = re.search(r"https?://[^\s)`'\"]+", said)
    cause = cause_of(NETWORK, said)
    if cause:
        host = urlsplit(address.group()).netloc.rpartition("@")[2] if address else "its server"
        refused.reason = f"Python {version} can't be fetched from {host}: {cause[0]}"
        refused.advice = (
            f"{cause[1]}Set `pythonMirror` or `pythonDownloads` of the server to one that it reaches, {other}."
        )
        return refused
    refused.reason = f"Python {version} could not be installed ({refused.reason})"
    refused.advice = f"Mend what uv says, {other}."
    return refused
