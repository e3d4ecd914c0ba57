"""Databases of a site: migrations and copies."""
