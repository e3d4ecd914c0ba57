# What virtualenvs are made with, in /opt/greenpush: uv, the wheels of pip and gunicorn, and the Pythons that uv installs.
# Values: pythons (versions such as 3.13, in one string); file_requirements, file_install, file_install_python,
# file_python_source.

tools=/opt/greenpush

describe() {
  gp_directory "$tools" 755 root
  gp_tree "$tools"
  file_install_python | gp_file "$tools/install-python" 755 root
  file_python_source | gp_file "$tools/python-source" 644 root
  gp_directory "$tools/pythons" 755 root
  file_requirements >"$work/requirements"
  case $verb in
    apply)
      if ! tools_are_right; then bring_tools; fi
      bring_pythons
      ;;
    probe)
      if ! tools_are_right; then gp_differs "$tools: uv or a wheel of pip or gunicorn is not what was installed"; fi
      broken_pythons | while read -r python; do gp_differs "$python: does not run"; done
      ;;
  esac
}

# tools_are_right: what is there is what the last apply has brought, for these requirements. uv alone has 50 MB, so they are
# hashed only if something may have written to them since.
tools_are_right() {
  [ -f "$record/tools" ] && cmp -s "$work/requirements" "$record/requirements" || return 1
  stamps_of_tools >"$work/stamps" 2>/dev/null || return 1
  if cmp -s "$work/stamps" "$record/stamps"; then return 0; fi
  sha256sum --check --status "$record/tools" 2>/dev/null || return 1
  [ "$verb" = probe ] || cp "$work/stamps" "$record/stamps"
}

# stamps_of_tools: with the time of the last change of each, which no program can set back
stamps_of_tools() { stat -c '%n %i %s %z' "$tools/uv" "$tools"/wheels/*.whl; }

bring_tools() {
  gp_note "brings uv, pip and gunicorn"
  file_install >"$work/install"
  sh "$work/install" "$work/requirements" "$tools" >"$work/brought" 2>&1 ||
    gp_fail "uv, pip and gunicorn can't be had from the package index: $(tail -n 3 "$work/brought")" \
      "Let the server reach PyPI, or name another index in its /etc/pip.conf, then run up again."
  cp "$work/requirements" "$record/requirements"
  # In this order: what is changed in between is hashed at the next look.
  stamps_of_tools >"$record/stamps"
  sha256sum "$tools/uv" "$tools"/wheels/*.whl >"$record/tools"
}

# broken_pythons: of the installed ones, those that do not run
broken_pythons() {
  local folder
  for folder in "$tools"/pythons/cpython-*; do
    if [ -d "$folder" ] && [ ! -L "$folder" ] && ! timeout 20 "$folder/bin/python3" -ISc '' >/dev/null 2>&1; then echo "$folder"; fi
  done
}

# bring_pythons: those that sites name, and again those that do not run; a push brings what a tree asks for
bring_pythons() {
  local python broken
  broken=$(broken_pythons)
  for python in $pythons $(echo "$broken" | sed -n 's/.*cpython-\(3\.[0-9]*\)\..*/\1/p'); do
    if [ "$python" = "$(/usr/bin/python3 -ISc 'import sys; print("%d.%d" % sys.version_info[:2])')" ]; then continue; fi
    if find "$tools/pythons" -maxdepth 1 -name "cpython-$python.*" -type d | grep -qvxF -- "$broken"; then continue; fi
    gp_note "installs Python $python"
    echo "$broken" | grep -F "/cpython-$python." | while read -r folder; do rm -rf "$folder"; done
    "$tools/install-python" "$python" >"$work/python" 2>&1 ||
      gp_fail "Python $python can't be installed: $(tail -n 3 "$work/python")" \
        "Set pythonMirror or pythonDownloads of the server in the stack file to one that it reaches, or let the site have another Python."
  done
}
