"""The pushed tree: its export and its submodules."""
