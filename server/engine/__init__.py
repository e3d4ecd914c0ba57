"""The deploy engine of one Greenpush site: what stands behind its git hooks, and ~/www/deploy for people.

It needs nothing but Python 3.9's standard library. docs/engine.md tells the states of a release and what a crash at
each point leads to. `commands` has the words that it is called with; `in_django`, `in_gunicorn` and `compile` are
programs of their own, run by a release's Python.
"""
