"""On the servers that everybody uses."""

import os

from django.core.exceptions import ImproperlyConfigured

from .common import *  # noqa: F403


def required(variable):
    try:
        return os.environ[variable]
    except KeyError:
        raise ImproperlyConfigured(f"{variable} isn't set in the environment") from None


DEBUG = False
SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",") if host.strip()]

# nginx tells which scheme the visitor came by.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Only the server knows whether it has a certificate. Without one, none of these could work.
TLS = os.environ.get("TLS") == "on"
CSRF_COOKIE_SECURE = TLS
SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS else 0
# Other names under this domain aren't this site's to promise anything for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
