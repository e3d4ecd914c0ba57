"""Virtualenvs: made once for the same requirements, and shared by releases."""
