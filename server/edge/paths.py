"""Where things lie. Only root may write there."""

from __future__ import annotations

# The folder of each site's certificate.
FOLDER = "/etc/greenpush-tls"
# What certbot keeps: accounts, certificates, logs.
CERTBOT = "/var/lib/greenpush-acme"
# What nginx serves below CHALLENGES of each site.
WEBROOT = f"{CERTBOT}/webroot"
CHALLENGES = "/.well-known/acme-challenge/"
# The configuration of each site, which its account may read.
CONFIGURATIONS = "/etc/greenpush"
LOCKS = "/run/greenpush"
