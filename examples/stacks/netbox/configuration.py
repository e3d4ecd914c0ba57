# NetBox's own configuration. Greenpush fills in the names in braces when it lays this file into a release.
ALLOWED_HOSTS = ["${ALLOWED_HOSTS}"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "netbox", "CONN_MAX_AGE": 300}}
REDIS = {
    "tasks": {"HOST": "localhost", "PORT": 6379, "DATABASE": 0},
    "caching": {"HOST": "localhost", "PORT": 6379, "DATABASE": 1},
}
SECRET_KEY = "${SECRET_KEY}"
MEDIA_ROOT = "${MEDIA_ROOT}"
