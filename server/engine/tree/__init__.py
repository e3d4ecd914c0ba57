"""A pushed tree, which may be anything."""
