# What all sites of a server share: the deploy engine, the scripts of their components with their library, home.py, and
# certificates.py.
# Values: none but the common ones; file_engine, file_engine_modules, file_library, file_resources, file_home,
# file_home_modules, file_certificates, file_edge_modules.

describe() {
  gp_directory "$engine_folder" 755 root
  gp_tree "$engine_folder"
  gp_directory "$engine_folder/engine" 755 root
  file_engine_modules | gp_files "$engine_folder/engine" 644 root
  file_engine | gp_file "$engine_folder/deploy" 755 root
  file_library | gp_file "$engine_folder/library.sh" 644 root
  gp_directory "$engine_folder/resources" 755 root
  file_resources | gp_files "$engine_folder/resources" 644 root
  gp_directory "$engine_folder/in_home" 755 root
  file_home_modules | gp_files "$engine_folder/in_home" 644 root
  file_home | gp_file "$engine_folder/home.py" 755 root
  gp_directory "$engine_folder/edge" 755 root
  file_edge_modules | gp_files "$engine_folder/edge" 644 root
  file_certificates | gp_file "$engine_folder/certificates.py" 755 root
  gp_directory "$configurations" 755 root
  # The accounts that run the engine can't write here, so they would compile it at each start. home.py writes no bytecode.
  case $verb in
    apply) if gp_changed || is_uncompiled; then compile; fi ;;
    probe) if is_uncompiled; then gp_differs "$engine_folder: is not compiled for this server's Python"; fi ;;
  esac
}

# The Python of the engine and of home.py: see their first lines.
python=/usr/bin/python3

# is_uncompiled: whether a module lacks the bytecode of this Python, as all do after an upgrade of the distribution
is_uncompiled() {
  local tag module file
  tag=$("$python" -ISc 'import sys; print(sys.implementation.cache_tag)') || return 1
  find "$engine_folder/engine" "$engine_folder/in_home" -name '*.py' 2>/dev/null | while read -r module; do
    file=${module##*/}
    [ -e "${module%/*}/__pycache__/${file%.py}.$tag.pyc" ] || echo "$module"
  done | grep . >/dev/null
}

compile() {
  gp_note "compiles the engine"
  "$python" -m compileall -q "$engine_folder/engine" "$engine_folder/in_home"
}
