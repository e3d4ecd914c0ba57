"""Paths of the engine itself and of a site's ~/www. docs/explanation/engine.md explains each."""

import os
import sys

ENGINE = os.path.dirname(os.path.realpath(__file__))
# Removed from the environment, because programs that the engine starts must not inherit it.
WWW = os.environ.pop("GREENPUSH_WWW", None) or os.path.dirname(os.path.abspath(sys.argv[0]))
VAR = os.path.join(WWW, "var")
RELEASES = os.path.join(WWW, "releases")
COPIES = os.path.join(WWW, "copies")
VENVS = os.path.join(WWW, "venvs")
# What programs keep to be quicker the next time; may be removed at any time.
CACHE = os.path.join(WWW, "cache")
SUBMODULES = os.path.join(WWW, "submodules")
SLOTS = os.path.join(WWW, "slots")
# A link to /etc/greenpush/SITE, which root writes and the account reads.
CONFIG = os.path.join(WWW, "config")
LIVE = os.path.join(WWW, "live")
REPOSITORY = os.path.join(WWW, "codebase")
LOG = os.path.join(VAR, "log")
# The distribution's own, which also runs the engine.
SERVER_PYTHON = "/usr/bin/python3"
