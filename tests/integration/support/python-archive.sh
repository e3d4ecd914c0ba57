#!/bin/sh
# python-archive.sh FOLDER: make an archive of this machine's own Python there, as those that uv installs, and a list of
# Pythons that has it and nothing else; the list's address of it is below /srv. Print its version, as 3.11.
set -eu
folder=$1
version=$(/usr/bin/python3 -c 'import platform; print(platform.python_version())')
minor=${version%.*}
mkdir -p "$folder/python/bin" "$folder/python/lib"
cp "/usr/bin/python$minor" "$folder/python/bin"
ln -s "python$minor" "$folder/python/bin/python3"
ln -s python3 "$folder/python/bin/python"
cp -r "/usr/lib/python$minor" "$folder/python/lib"
cd "$folder/python/lib/python$minor"
rm -rf test idlelib config-* dist-packages EXTERNALLY-MANAGED sitecustomize.py
find . -name __pycache__ -prune -exec rm -rf {} +
cd "$folder"
tar czf python.tar.gz python
sum=$(sha256sum python.tar.gz | cut -d ' ' -f 1)
cat >pythons.json <<EOF
{"cpython-$version-linux-$(uname -m)-gnu": {"name": "cpython", "arch": {"family": "$(uname -m)", "variant": null},
 "os": "linux", "libc": "gnu", "major": 3, "minor": ${minor#3.}, "patch": ${version##*.}, "prerelease": "", "variant": null,
 "url": "file:///srv/python.tar.gz", "sha256": "$sum", "build": "20260101"}}
EOF
echo "$minor"
