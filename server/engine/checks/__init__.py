"""Whether a release that is up can serve."""
