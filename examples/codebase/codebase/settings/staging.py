"""The rehearsal: production, and nobody outside hears of it."""

from .production import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
