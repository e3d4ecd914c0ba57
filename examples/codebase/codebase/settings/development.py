"""On your own machine."""

import os

from .common import *  # noqa: F403
from .common import BASE_DIR, DATABASES

DEBUG = True
SECRET_KEY = "only for development"
ALLOWED_HOSTS = ["*"]

if "VAR_DIR" not in os.environ:
    DATABASES["default"]["NAME"] = BASE_DIR / "db.sqlite3"
    MEDIA_ROOT = BASE_DIR / "media"
