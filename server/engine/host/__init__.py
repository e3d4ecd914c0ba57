"""The machine below a site: files, processes, processors, disk, git."""
