"""Why an index, or another server, does not give what it is asked for: in uv's words, and in ours."""

from __future__ import annotations

# For cause_of().
NETWORK = (
    (r"dns error|failed to lookup address|Name or service not known|name resolution", "its name leads nowhere", ""),
    (r"Connection refused", "it refuses the connection", ""),
    (
        r"invalid peer certificate|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|certificate verify failed",
        "the server does not trust its certificate",
        "If a company's proxy or index has a certificate authority of its own, add that to the server's "
        "(update-ca-certificates), or name its file as `cert` in /etc/pip.conf. ",
    ),
    (
        r"\b(40[13]) (?:Unauthorized|Forbidden)|\b(407) Proxy|HTTP status client error \((40[137])",
        "it answers {}, so it wants a login",
        "Check the address and its login. ",
    ),
    (r"\b(404) Not Found|HTTP status client error \((404)", "it answers {}", "Check the address. "),
    (r"\b(5\d\d) [A-Z]|HTTP status server error \((5\d\d)", "it answers {}", ""),
    (r"[Tt]imed out|[Tt]imeout|unreachable|No route to host", "it does not answer", ""),
)
