"""Where things lie in a site's ~/www; docs/engine.md tells what each is."""

import os

ENGINE = os.path.dirname(os.path.realpath(__file__))
WWW = os.path.dirname(ENGINE)
VAR = os.path.join(WWW, "var")
RELEASES = os.path.join(WWW, "releases")
VENVS = os.path.join(WWW, "venvs")
SLOTS = os.path.join(WWW, "slots")
CONFIG = os.path.join(WWW, "config")
LIVE = os.path.join(WWW, "live")
REPOSITORY = os.path.join(WWW, "codebase")
LOG = os.path.join(VAR, "log")
