"""The deploy engine of one Greenpush site: what stands behind its git hooks, and ~/www/deploy for people.

It needs nothing but Python 3.9's standard library. docs/explanation/engine.md explains the states of a release and what
a crash at each point leads to; docs/glossary.md explains the words. `cli` has the commands. No folder imports from one
that comes later in this order: console, host, release, tree, venv, runtime, database, checks, pipeline, commands.
`guest` runs inside a release, with the release's own Python.
"""
