"""On test servers, made and destroyed at will: as staging, but no browser shall remember them."""

from .staging import *  # noqa: F403

SECURE_HSTS_SECONDS = 0
