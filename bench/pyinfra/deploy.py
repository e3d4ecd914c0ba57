"""The work of Greenpush's components as a pyinfra deploy: the same packages, tools, account, virtualenv, repository,
hooks, settings, units and nginx site.
The inventory says authorized_key, secret_key, engine_archive (a tar of the deploy engine) and site_files (the folder
with the site's own files, as Greenpush writes them)."""

import json
from io import StringIO
from pathlib import Path

from pyinfra import host
from pyinfra.facts.files import Directory, File, Link
from pyinfra.operations import apt, files, git, server, systemd

SERVER_FILES = Path(__file__).parent.parent.parent / "server"
SITE_FILES = Path(host.data.site_files)
SITE, USER, HOME = "codebase", "deploy", "/home/deploy"
WWW = f"{HOME}/www"
UNIT = f"gunicorn-{SITE}"
ENGINE, TOOLS, CONFIGURATION = "/usr/lib/greenpush", "/opt/greenpush", f"/etc/greenpush/{SITE}"
# Folders in the account's home, with the group and the mode of each.
FOLDERS = (
    (HOME, "www-data", "710"),
    (WWW, "www-data", "710"),
    (f"{WWW}/releases", "www-data", "2710"),
    (f"{WWW}/slots", "www-data", "710"),
    (f"{WWW}/venvs", USER, "750"),
    (f"{WWW}/cache", USER, "750"),
    (f"{WWW}/var", "www-data", "710"),
    (f"{WWW}/var/media", "www-data", "2750"),
    (f"{WWW}/var/log", USER, "750"),
)
GIT_SETTINGS = {
    "receive.denyCurrentBranch": "ignore",
    "receive.shallowUpdate": "true",
    "receive.advertisePushOptions": "true",
    "receive.fsckObjects": "true",
    "receive.fsck.badTimezone": "ignore",
    "receive.fsck.missingSpaceBeforeDate": "ignore",
    "receive.fsck.zeroPaddedFilemode": "ignore",
    "core.hooksPath": f"{WWW}/codebase/.git/hooks",
}

apt.packages(
    name="Install the packages",
    packages=["git", "nginx", "python3", "sudo", "virtualenv"],
    no_recommends=True,
    update=True,
    cache_time=3600,
)
nginx_changes = [
    files.link(name="Take away Debian's welcome page", path="/etc/nginx/sites-enabled/default", present=False),
]
for part in ("refuse", "maps", "names", "pages"):
    nginx_changes.append(
        files.put(
            name=f"Bring the part of nginx's configuration that all sites share: {part}",
            src=str(SITE_FILES / "nginx" / f"{part}.conf"),
            dest=f"/etc/nginx/conf.d/greenpush-{part}.conf",
            mode="644",
        )
    )
systemd.service(name="Start nginx at boot", service="nginx.service", running=True, enabled=True)

for path in (ENGINE, "/etc/greenpush", TOOLS, f"{TOOLS}/pythons"):
    files.directory(name=f"Make {path}", path=path, user="root", group="root", mode="755")
engine = files.put(
    name="Bring the deploy engine",
    src=host.data.engine_archive,
    dest=f"{ENGINE}/engine.tar",
    mode="644",
)
server.shell(
    name="Unpack and compile the deploy engine",
    commands=[
        f"tar -xf {ENGINE}/engine.tar -C {ENGINE} --no-same-owner",
        f"python3 -m compileall -q {ENGINE}/engine",
    ],
    _if=engine.did_change,
)
for source, name in (
    ("install.sh", "install.sh"),
    ("install-python.sh", "install-python"),
    ("requirements.txt", "requirements.txt"),
):
    files.put(
        name=f"Bring what installs uv, pip, gunicorn and Pythons: {name}",
        src=str(SERVER_FILES / "tools" / source),
        dest=f"{TOOLS}/{name}",
        mode="755",
    )
if not host.get_fact(File, path=f"{TOOLS}/uv"):
    server.shell(
        name="Install uv and the wheels of pip and gunicorn",
        commands=[f"sh {TOOLS}/install.sh {TOOLS}/requirements.txt {TOOLS}"],
    )

server.user(name="Add the account", user=USER, home=HOME, shell="/bin/bash", ensure_home=True)
for path, group, mode in FOLDERS:
    files.directory(name=f"Make {path}", path=path, user=USER, group=group, mode=mode)
server.user_authorized_keys(
    name="Let the key push",
    user=USER,
    group=USER,
    public_keys=[host.data.authorized_key],
    authorized_key_directory=f"{HOME}/.ssh",
)

files.directory(
    name="Make the folder of the site's configuration", path=CONFIGURATION, user="root", group=USER, mode="750"
)
for part in ("deploy", "settings", "gunicorn"):
    files.put(
        name=f"Write the site's configuration: {part}",
        src=str(SITE_FILES / "config" / f"{part}.json"),
        dest=f"{CONFIGURATION}/{part}.json",
        user="root",
        group=USER,
        mode="640",
    )
files.put(
    name="Write the application's secrets",
    src=StringIO(json.dumps({"SECRET_KEY": host.data.secret_key}) + "\n"),
    dest=f"{CONFIGURATION}/secrets.json",
    user="root",
    group=USER,
    mode="640",
)
for name, target in (("config", CONFIGURATION), ("deploy", f"{ENGINE}/deploy")):
    files.link(name=f"Link {name} into the site", path=f"{WWW}/{name}", target=target, user=USER, group=USER)
if not host.get_fact(Link, path=f"{WWW}/bin"):
    server.shell(name="Make the virtualenv", commands=[f"{WWW}/deploy init"], _su_user=USER)

if not host.get_fact(Directory, path=f"{WWW}/codebase/.git"):
    server.shell(
        name="Make the repository",
        commands=[f"git init --quiet --initial-branch main {WWW}/codebase"],
        _su_user=USER,
    )
for key, value in GIT_SETTINGS.items():
    git.config(
        name=f"Let the repository take pushes to its branch: {key}",
        key=key,
        value=value,
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

sudoers = files.put(
    name="Let the account start and stop its units",
    src=str(SITE_FILES / "sudoers"),
    dest=f"/etc/sudoers.d/greenpush-{SITE}",
    mode="440",
)
server.shell(name="Check the sudo rule", commands=["visudo -cq"], _if=sudoers.did_change)
unit = files.put(
    name="Write the unit",
    src=str(SITE_FILES / "gunicorn@.service"),
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
        src=str(SITE_FILES / "nginx" / "site.conf"),
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
