#!/bin/sh

# Runs on the server at each push, as the user who pushes. The working directory is this tree as it was pushed, inside a release:
# ../bin is the virtualenv, ../var has the pid and the socket of Gunicorn. (`live` and ~/www/codebase follow when it serves.)
# A command that fails refuses the push: the version before it goes on serving.
set -e

# Update requirements
../bin/pip install -r requirements.pip

# Reload the Gunicorn instance
kill -HUP "$(cat ../var/pid)"

# Ideas of other things to do:
#   Warm a cache?
#   Compile translations?
# Migrations and static files need no line here: the server takes care of them before the new version is asked for its health.
