"""The deploy engine of one Greenpush site: what stands behind its git hooks, and ~/www/deploy for people.

It needs nothing but Python 3.9's standard library. docs/explanation/engine.md tells the states of a release and what a crash at
each point leads to. `cli` has the words that it is called with. Its folders stand on each other in this order, and none
imports from one that comes later: console, host, release, tree, venv, runtime, database, checks, pipeline, commands.
`guest` is what runs within a release, by the release's own Python.
"""
