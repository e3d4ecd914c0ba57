"""What the stack gives: the settings of the engine itself, of the application and of gunicorn."""

import os
import shlex

from .host.files import read_json
from .paths import CONFIG

# What holds where config/deploy.json is silent. Limits are in seconds, `copy` is in MB.
DEFAULTS = {
    "site": "site",
    "branch": "main",
    "url": "",
    "host": "localhost",
    "scheme": "http",
    "names": [],
    # Where nginx's server for a release in its slot listens, "" where there is none.
    "nginx": "",
    "health": "/",
    "pages": {},
    "unit": "gunicorn-site",
    "python": "/usr/bin/python3",
    "requirements": "requirements.pip",
    "migrate": True,
    "migrations": "ask",
    "collectstatic": True,
    "keep": 5,
    "shared": [],
    "limits": {
        "lock": 900,
        "virtualenv": 900,
        "deploy": 600,
        "django": 600,
        "migrate": 3600,
        "copy": 1000,
        "boot": 60,
        "health": 10,
        "stop": 60,
    },
}


def deploy_config():
    config = {**DEFAULTS, **(read_json(os.path.join(CONFIG, "deploy.json")) or {})}
    config["limits"] = {**DEFAULTS["limits"], **config["limits"]}
    return config


def current_config():
    """What the stack gives this site: settings (and which secrets go with them), secrets, gunicorn."""
    return {
        "settings": read_json(os.path.join(CONFIG, "settings.json"), {}),
        "secrets": read_json(os.path.join(CONFIG, "secrets.json"), {}),
        "gunicorn": read_json(os.path.join(CONFIG, "gunicorn.json"), {}),
    }


def is_whole(config):
    """Whether all that a release is made with is there: it comes part by part while a site is set up."""
    settings = config["settings"]
    missing = set(settings.get("secrets", [])) - set(config["secrets"])
    return bool(settings and config["gunicorn"] and not missing)


def environment_of(config):
    """The application's variables: the settings, and of the secrets those that the settings name."""
    settings = config["settings"]
    chosen = dict(settings.get("variables", {}))
    for name in settings.get("secrets", []):
        if name in config["secrets"]:
            chosen[name] = config["secrets"][name]
    return chosen


def environment_text(variables):
    return "".join(f"{name}={shlex.quote(variables[name])}\n" for name in sorted(variables))
