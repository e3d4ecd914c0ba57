"""Releases on disk: what is known of each, who works at them, and what runs of them."""
