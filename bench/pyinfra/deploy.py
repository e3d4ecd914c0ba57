"""The work of Greenpush's components as a pyinfra deploy: the same packages, account, virtualenv, repository, hooks,
settings, units and nginx site, from the very same files and templates.
The inventory says authorized_key, secret_key and engine_archive: a tar of what ~/www gets of the engine."""

import json
from io import StringIO
from pathlib import Path

from jinja2 import Template
from pyinfra import host
from pyinfra.facts.files import Directory, Link
from pyinfra.operations import apt, files, git, server, systemd

SERVER_FILES = Path(__file__).parent.parent.parent / "server"
TEMPLATES = SERVER_FILES / "templates"
SITE, USER, HOME = "codebase", "deploy", "/home/deploy"
WWW = f"{HOME}/www"
UNIT = f"gunicorn-{SITE}"
SERVER_NAME = "www.example.org"
NAMES = {
    "site": SITE,
    "user": USER,
    "home": HOME,
    "www": WWW,
    "unit": UNIT,
    "alias": SITE.upper(),
    "upstream": f"greenpush-{SITE}",
    "serverNames": SERVER_NAME,
    "extra": "",
    "maxBodySize": "10m",
    "proxyTimeout": 60,
    "bootLimit": 60,
    "stopLimit": 60,
}
CONFIGURATION = {
    "settings": {
        "variables": {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": SERVER_NAME},
        "secrets": ["SECRET_KEY"],
    },
    "secrets": {"SECRET_KEY": host.data.secret_key},
    "gunicorn": {
        "wsgi": "codebase.wsgi",
        "manager": "systemd",
        "workers": 2,
        "threads": 1,
        "timeout": 30,
        "gracefulTimeout": 30,
        "options": [],
    },
}
DEPLOY_CONFIG = {
    "site": SITE,
    "branch": "main",
    "url": f"http://{SERVER_NAME}/",
    "host": SERVER_NAME,
    "scheme": "http",
    "health": "/health",
    "unit": UNIT,
    "requirements": "requirements.pip",
    "migrate": True,
    "collectstatic": True,
    "keep": 5,
}


def filled(template):
    """A template with the names filled in; files.template would take `user` for the owner of the file."""
    return StringIO(Template((TEMPLATES / template).read_text(), keep_trailing_newline=True).render(NAMES))


def as_json(value):
    return StringIO(json.dumps(value, indent=1) + "\n")


apt.packages(
    name="Install the packages",
    packages=["git", "nginx", "python3", "sudo", "virtualenv"],
    no_recommends=True,
    update=True,
    cache_time=3600,
)
nginx_changes = [
    files.link(name="Take away Debian's welcome page", path="/etc/nginx/sites-enabled/default", present=False),
    files.put(
        name="Refuse host names that no site has",
        src=str(TEMPLATES / "nginx-refuse.conf"),
        dest="/etc/nginx/conf.d/greenpush-refuse.conf",
        mode="644",
    ),
]
systemd.service(name="Start nginx at boot", service="nginx.service", running=True, enabled=True)

server.user(name="Add the account", user=USER, home=HOME, shell="/bin/bash", ensure_home=True)
for path, mode in (
    (HOME, "711"),
    (WWW, "755"),
    (f"{WWW}/var", "755"),
    (f"{WWW}/var/media", "755"),
    (f"{WWW}/config", "700"),
):
    files.directory(name=f"Make {path}", path=path, user=USER, group=USER, mode=mode)
server.user_authorized_keys(
    name="Let the key push",
    user=USER,
    group=USER,
    public_keys=[host.data.authorized_key],
    authorized_key_directory=f"{HOME}/.ssh",
)

engine = files.put(
    name="Bring the deploy engine",
    src=host.data.engine_archive,
    dest=f"{HOME}/engine.tar",
    user=USER,
    group=USER,
    mode="644",
)
server.shell(
    name="Unpack the deploy engine",
    commands=[f"tar -xf {HOME}/engine.tar -C {WWW}"],
    _su_user=USER,
    _if=engine.did_change,
)
files.put(
    name="Tell the engine of the site",
    src=as_json(DEPLOY_CONFIG),
    dest=f"{WWW}/config/deploy.json",
    user=USER,
    group=USER,
    mode="644",
)
if not host.get_fact(Link, path=f"{WWW}/bin"):
    server.shell(name="Make the virtualenv", commands=[f"{WWW}/deploy init"], _su_user=USER)

if not host.get_fact(Directory, path=f"{WWW}/codebase/.git"):
    server.shell(
        name="Make the repository",
        commands=[f"git init --quiet --initial-branch main {WWW}/codebase"],
        _su_user=USER,
    )
git.config(
    name="Let the repository take pushes to its branch",
    key="receive.denyCurrentBranch",
    value="ignore",
    repo=f"{WWW}/codebase",
    _su_user=USER,
)
for hook in ("pre-receive", "post-receive"):
    files.put(
        name=f"Bring the hook {hook}",
        src=str(SERVER_FILES / "hooks" / hook),
        dest=f"{WWW}/codebase/.git/hooks/{hook}",
        user=USER,
        group=USER,
        mode="755",
    )

for part, value in CONFIGURATION.items():
    files.put(
        name=f"Write the application's {part}",
        src=as_json(value),
        dest=f"{WWW}/config/{part}.json",
        user=USER,
        group=USER,
        mode="600",
    )

sudoers = files.put(
    name="Let the account start and stop its units",
    src=filled("sudoers"),
    dest=f"/etc/sudoers.d/greenpush-{SITE}",
    mode="440",
)
server.shell(name="Check the sudo rule", commands=["visudo -cq"], _if=sudoers.did_change)
unit = files.put(
    name="Write the unit",
    src=filled("gunicorn@.service"),
    dest=f"/etc/systemd/system/{UNIT}@.service",
    mode="644",
)
systemd.daemon_reload(name="Reload systemd", _if=unit.did_change)
for slot in ("blue", "green"):
    # A slot has nothing to run before the first push, so the unit is only enabled.
    systemd.service(name=f"Start {slot} at boot", service=f"{UNIT}@{slot}.service", running=None, enabled=True)

nginx_changes += [
    files.put(
        name="Write the nginx site",
        src=filled("nginx.conf"),
        dest=f"/etc/nginx/sites-available/greenpush-{SITE}",
        mode="644",
    ),
    files.link(
        name="Enable the nginx site",
        path=f"/etc/nginx/sites-enabled/greenpush-{SITE}",
        target=f"/etc/nginx/sites-available/greenpush-{SITE}",
    ),
]


def nginx_changed():
    return any(change.did_change() for change in nginx_changes)


server.shell(name="Check nginx's configuration", commands=["nginx -t"], _if=nginx_changed)
systemd.service(name="Let nginx read its configuration anew", service="nginx.service", reloaded=True, _if=nginx_changed)
