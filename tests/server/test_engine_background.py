"""Tasks that wait for a process of their own are said at each push that leaves them waiting."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS

SETTINGS = """from .settings import test as of_test
from .settings.test import *

CELERY_TASK_ALWAYS_EAGER = {eager}
INSTALLED_APPS = [*of_test.INSTALLED_APPS, "django_q"]
Q_CLUSTER = {{"sync": {eager}}}
"""
CELERY = """from celery import Celery

app = Celery("codebase")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""


class Background(EngineTest):
    def said(self, eager=False, procfile=""):
        self.site.write("codebase/tasks.py", CELERY)
        self.site.write("codebase/with_tasks.py", SETTINGS.format(eager=eager))
        self.site.write("codebase/__init__.py", "from .tasks import app\n")
        # An application of this name, as that of the package is called.
        self.site.write("django_q/__init__.py", "")
        self.site.write("requirements.pip", f"{REQUIREMENTS}celery==5.6.0\n")
        self.site.write("Procfile", procfile)
        self.site.commit("With tasks")
        variables = {"DJANGO_SETTINGS_MODULE": "codebase.with_tasks", "ALLOWED_HOSTS": "localhost"}
        self.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY"]})
        return self.good(self.site.push())

    def test_tasks_of_queues(self):
        said = self.said()
        self.assertIn("tasks of Celery wait for `celery -A codebase worker`, which is not run: Greenpush has no", said)
        self.assertIn("tasks of Django Q wait for `manage.py qcluster`, which is not run", said)

    def test_those_that_run_where_they_are_asked_for(self):
        self.assertNotIn("tasks of", self.said(eager=True))

    def test_what_the_procfile_says_is_said_once(self):
        said = self.said(procfile="worker: celery -A codebase worker\nqueue: python manage.py qcluster\n")
        self.assertIn("Procfile: worker, queue are not run", said)
        self.assertNotIn("tasks of", said)


if __name__ == "__main__":
    unittest.main()
