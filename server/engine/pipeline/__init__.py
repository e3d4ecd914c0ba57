"""The way of a release: made, booted, switched to, recovered."""
