"""The way of a release: deploy, boot, switch, recovery."""
