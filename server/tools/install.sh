#!/bin/sh
# install.sh REQUIREMENTS FOLDER: bring uv, and the wheels of pip and gunicorn, into a folder.
# pip checks the hashes, and goes by this machine's pip.conf. Only the program of uv's wheel is taken.
set -eu
requirements=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What it would keep for the next time goes too.
VIRTUALENV_OVERRIDE_APP_DATA=$work/app-data virtualenv --quiet "$work/venv"
"$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary :all: \
  --require-hashes --dest "$work/wheels" --requirement "$requirements"
"$work/venv/bin/python" -m zipfile -e "$work"/wheels/uv-*.whl "$work/uv"
mkdir -p "$folder/wheels"
rm -f "$folder"/wheels/*.whl
find "$work/wheels" -name '*.whl' ! -name 'uv-*' -exec install -m 644 {} "$folder/wheels/" \;
# In one rename, because a push may be using it. Last, so that whoever finds it finds all.
install -m 755 "$work"/uv/uv-*.data/scripts/uv "$folder/uv.new"
mv "$folder/uv.new" "$folder/uv"
