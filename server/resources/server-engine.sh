# The deploy engine, once for all sites of a server, and what root's scripts need to work in the homes of their accounts.
# Values: none but the common ones; file_engine, file_engine_modules and file_home.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  directory "$engine_folder" 755 root
  tree "$engine_folder"
  directory "$engine_folder/engine" 755 root
  file_engine_modules | files "$engine_folder/engine" 644 root
  file_engine | file "$engine_folder/deploy" 755 root
  file_home | file "$engine_folder/home.py" 755 root
  directory /etc/greenpush 755 root
  # Who runs the engine may not write here, and would compile it at each start.
  if changed; then python3 -m compileall -q "$engine_folder/engine"; fi
}
