# The deploy engine, once for all sites of a server, and what root's scripts need to work in the homes of their accounts.
# Values: none but the common ones; file_engine, file_engine_modules and file_home.

describe() {
  gp_directory "$engine_folder" 755 root
  gp_tree "$engine_folder"
  gp_directory "$engine_folder/engine" 755 root
  file_engine_modules | gp_files "$engine_folder/engine" 644 root
  file_engine | gp_file "$engine_folder/deploy" 755 root
  file_home | gp_file "$engine_folder/home.py" 755 root
  gp_directory /etc/greenpush 755 root
  # Who runs the engine may not write here, and would compile it at each start.
  if gp_changed; then python3 -m compileall -q "$engine_folder/engine"; fi
}
