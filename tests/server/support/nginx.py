"""An nginx in front of a site in a scratch folder, with the configuration that servers get."""

import http.client
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import time

from support.site import ROOT

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


def configuration(site, settings, proxy_protocol):
    """Return what servers get for a site with these settings, as the program renders it."""
    done = subprocess.run(
        ["node", "--require", "./start/register.js", "tests/server/support/nginx-configuration.ts"],
        cwd=ROOT,
        input=json.dumps({"settings": settings, "home": site.scratch, "proxyProtocol": proxy_protocol}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


class Nginx:
    """Runs from its creation until close(), for a site with settings as a stack file has them. `address` is where it
    listens.
    """

    def __init__(self, site, proxy_protocol=False, **settings):
        self.site, self.proxy_protocol = site, proxy_protocol
        self.folder = os.path.join(site.scratch, "nginx-proxied" if proxy_protocol else "nginx")
        os.makedirs(self.folder)
        self.let_in()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.configure(settings)
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

    def configure(self, settings):
        text = configuration(self.site, settings, self.proxy_protocol)
        text = re.sub(r"listen \[::\]:80.*", "", text.replace("listen 80", f"listen {self.address}"))
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

    def ask(self, path, verb="GET", body=None, source=None, **headers):
        """Return what a visitor gets who says more, or comes from another address: status, headers, body."""
        host, _, port = self.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), source_address=source and (source, 0))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, path, body, headers={"Host": "localhost", "Connection": "close", **named})
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()

    def close(self):
        self.process.terminate()
        self.process.wait()
