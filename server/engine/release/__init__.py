"""Releases on disk: their facts, slots, lock, history and processes."""
