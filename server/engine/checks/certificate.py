"""What root's program has noted of the site's certificate (server/edge/state.py)."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone

from ..host.files import read_json
from ..paths import CONFIG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..host.files import Json

DAY = 86400


def certificate_of_site() -> Json | None:
    """Return what is known of the certificate; None where the site has no HTTPS.

    `names`; `expires`, a day as 2027-02-24, or None; `days` until then, or None; `troubles`, sentences.
    """
    noted = read_json(os.path.join(CONFIG, "certificate.json"))
    if not noted:
        return None
    expires, late, now = noted.get("expires"), noted.get("late"), time.time()
    troubles = [f"{name} has no certificate yet: {why}" for name, why in sorted(noted.get("missing", {}).items())]
    if late and now > late:
        days = int((expires - now) // DAY)
        ends = f"expires in {days} day{'' if days == 1 else 's'}" if now < expires else "has expired"
        failure = noted.get("failure")
        troubles.append(f"the certificate {ends}{f'; the last renewal failed: {failure}' if failure else ''}")
    return {
        "names": noted.get("names", []),
        "expires": datetime.fromtimestamp(expires, timezone.utc).strftime("%Y-%m-%d") if expires else None,
        "days": int((expires - now) // DAY) if expires else None,
        "troubles": troubles,
    }
