"""Where things lie: the engine itself, and a site's ~/www, of which docs/explanation/engine.md tells what each part is."""

import os
import sys

ENGINE = os.path.dirname(os.path.realpath(__file__))
# Taken out of the environment, for what the engine starts is no caller of it.
WWW = os.environ.pop("GREENPUSH_WWW", None) or os.path.dirname(os.path.abspath(sys.argv[0]))
VAR = os.path.join(WWW, "var")
RELEASES = os.path.join(WWW, "releases")
COPIES = os.path.join(WWW, "copies")
VENVS = os.path.join(WWW, "venvs")
SUBMODULES = os.path.join(WWW, "submodules")
SLOTS = os.path.join(WWW, "slots")
# A link to /etc/greenpush/SITE, which root writes and the account reads.
CONFIG = os.path.join(WWW, "config")
LIVE = os.path.join(WWW, "live")
REPOSITORY = os.path.join(WWW, "codebase")
LOG = os.path.join(VAR, "log")
