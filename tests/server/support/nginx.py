"""An nginx in front of a site in a scratch folder, with the configuration that servers get."""

import http.client
import os
import pwd
import re
import shutil
import socket
import subprocess
import time

from support.site import ROOT

TEMPLATES = os.path.join(ROOT, "server", "templates")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "greenpush", "nginx")

# If root runs the tests, nginx runs as this account, which can't read unreadable files.
ACCOUNT = "www-data"


def program():
    """Return this machine's nginx, or Debian's, unpacked: installing it would start it on port 80."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    unpacked = os.path.join(CACHE, "usr", "sbin", "nginx")
    found = shutil.which("nginx", path=path)
    # Older distributions have it in the second of them.
    for package in ("nginx", "nginx-core"):
        if not found and not os.path.exists(unpacked):
            os.makedirs(CACHE, exist_ok=True)
            subprocess.run(["apt-get", "-q", "download", package], cwd=CACHE, check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["sh", "-c", f"dpkg-deb -x {package}_*.deb ."], cwd=CACHE, check=True)
    return found or unpacked


def render(template, values):
    """Fill the names of a template, like components/remote/template.ts: None drops the line."""
    with open(os.path.join(TEMPLATES, template), encoding="utf-8") as file:
        lines = file.read().split("\n")
    kept = [line for line in lines if all(values[name] is not None for name in re.findall(r"\{\{(\w+)\}\}", line))]
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(values[found.group(1)]), "\n".join(kept))


class Nginx:
    """Runs from its creation until close(). `address` is where it listens."""

    def __init__(self, site, extra=""):
        self.site, self.folder = site, os.path.join(site.scratch, "nginx")
        os.makedirs(self.folder)
        self.let_in()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.configure(extra)
        self.process = subprocess.Popen([*self.words, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        self.await_start()

    def let_in(self):
        """Let nginx reach the releases, as on a server. If root does not run the tests, nginx is the account itself."""
        group = pwd.getpwnam(ACCOUNT).pw_gid if os.geteuid() == 0 else -1
        os.chmod(self.site.scratch, 0o711)
        for folder in [
            self.site.path("slots"),
            self.site.path("var"),
            *(path for path, _, _ in os.walk(self.site.path("releases"))),
        ]:
            os.chown(folder, -1, group)
            os.chmod(folder, 0o2750)

    def configure(self, extra):
        www = self.site.www
        common = {
            "www": www,
            "site": "site",
            "maxBodySize": "10m",
            "proxyTimeout": 60,
            "extra": extra or None,
            "media": None,
            "brotli": None,
            "cacheControl": "add_header Cache-Control $greenpush_cache_control;",
            "nothingPushed": "nothing was pushed",
        }
        live = {"release": f"{www}/live", "upstream": "greenpush-site", "host": "$host", "scheme": "$scheme"}
        slot = f"{www}/slots/$greenpush_slot"
        coming = {
            "release": slot,
            "upstream": f"unix:{slot}/var/socket:",
            "host": "$http_x_greenpush_host",
            "scheme": "$http_x_forwarded_proto",
        }
        text = render("nginx-maps.conf", {}) + render(
            "nginx.conf",
            {
                **{"site": "site", "variable": "greenpush_site", "upstream": "greenpush-site", "www": www},
                **{"serverNames": "localhost", "trustsAll": 0, "trusted": None, "realIp": None},
                "live": render("nginx-release.conf", {**common, **live}),
                "next": render("nginx-release.conf", {**common, **coming}),
            },
        )
        text = text.replace("listen 80;", f"listen {self.address};").replace("listen [::]:80;", "")
        text = text.replace("/var/log/nginx/", f"{self.folder}/")
        user = f"user {ACCOUNT};\n" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        with open(os.path.join(self.folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(
                f"{user}pid {self.folder}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n{temporary}{text}\n}}\n"
            )

    @property
    def words(self):
        return [program(), "-p", self.folder, "-e", f"{self.folder}/log", "-c", f"{self.folder}/nginx.conf"]

    def await_start(self):
        host, _, port = self.address.rpartition(":")
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection((host, int(port)), timeout=1).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    with open(f"{self.folder}/log", encoding="utf-8") as file:
                        raise AssertionError(f"nginx does not start: {file.read()}") from None
                time.sleep(0.02)

    def get(self, path):
        """Return what a visitor gets: status, type, body."""
        status, headers, body = self.ask(path)
        return status, headers["content-type"], body

    def ask(self, path, **headers):
        """Return what a visitor gets who says more: status, headers, body."""
        host, _, port = self.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": "localhost", "Connection": "close", **named})
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()

    def close(self):
        self.process.terminate()
        self.process.wait()
