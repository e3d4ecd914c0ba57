"""gunicorn of a release, and what starts it."""
