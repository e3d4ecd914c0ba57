"""What runs within a release, by its own Python."""
