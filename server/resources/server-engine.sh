# The deploy engine, once for all sites of a server, and what root's scripts need to work in the homes of their accounts.
# Values: none but the common ones; file_engine, file_engine_modules and file_home.

describe() {
  gp_directory "$engine_folder" 755 root
  gp_tree "$engine_folder"
  gp_directory "$engine_folder/engine" 755 root
  file_engine_modules | gp_files "$engine_folder/engine" 644 root
  file_engine | gp_file "$engine_folder/deploy" 755 root
  file_home | gp_file "$engine_folder/home.py" 755 root
  gp_directory "$configurations" 755 root
  # Who runs the engine may not write here, and would compile it at each start.
  case $verb in
    apply) if gp_changed || is_uncompiled; then compile; fi ;;
    probe) if is_uncompiled; then gp_differs "$engine_folder/engine: is not compiled for this server's Python"; fi ;;
  esac
}

# The Python that runs the engine, see the first line of engine/deploy.
python=/usr/bin/python3

# is_uncompiled: whether a module lacks the bytecode of this Python, as all do after an upgrade of the distribution
is_uncompiled() {
  local tag module file
  tag=$("$python" -ISc 'import sys; print(sys.implementation.cache_tag)') || return 1
  find "$engine_folder/engine" -name '*.py' 2>/dev/null | while read -r module; do
    file=${module##*/}
    [ -e "${module%/*}/__pycache__/${file%.py}.$tag.pyc" ] || echo "$module"
  done | grep -q .
}

compile() {
  gp_note "compiles the engine"
  "$python" -m compileall -q "$engine_folder/engine"
}
