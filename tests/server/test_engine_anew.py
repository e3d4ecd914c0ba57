"""A new release of what is here already: the branch's revision, and one whose Python was removed by an upgrade."""

import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS
from support.site import Site


class Redeploy(EngineTest):
    def venv(self):
        return os.path.basename(os.path.dirname(os.path.realpath(self.site.path("live", "lib"))))

    def test_the_same_revision_with_the_same_virtualenv_or_a_fresh_one(self):
        live, before, revision = self.site.live(), self.venv(), self.on_server("rev-parse", "main")
        self.site.deploy("redeploy")
        self.assertGreater(self.site.live(), live)
        self.assertEqual(self.venv(), before)
        said = self.site.deploy("redeploy", "--fresh")
        self.assertRegex(said, r"virtualenv +\d+\.\d\d s  made new")
        fresh = self.venv()
        self.assertNotEqual(fresh, before)
        entry = self.site.record()[-1]
        self.assertEqual((entry["kind"], entry["revision"], entry["ended"]), ("redeploy", revision, "live"))
        # From here on, it is the virtualenv of these requirements.
        self.site.release("after a fresh one")
        self.assertRegex(self.good(self.site.push()), r"virtualenv +\d+\.\d\d s  unchanged")
        self.assertEqual(self.venv(), fresh)
        self.only_runs(self.site.live())

    def test_words_that_mean_nothing(self):
        said = self.site.deploy("redeploy", "--frehs", check=False)
        self.assertIn("deploy: unrecognized arguments: --frehs", said)

    def test_one_that_can_not_serve_any_more_is_refused(self):
        before = self.site.live()
        self.site.configure("deploy", {"health": "/nothing-there", "keep": 2})
        self.addCleanup(self.site.configure, "deploy", {"health": "/health", "keep": 2})
        self.assertIn("REFUSED at health", self.site.deploy("redeploy", check=False))
        self.assertEqual(self.site.live(), before)
        self.served()


class AnotherBranch(unittest.TestCase):
    """A branch that was pushed before the stack named it: git would say "Everything up-to-date" forever."""

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.release("of another branch")

    def version(self):
        return re.search(r"id=\"version\">(.*?)<", self.site.page()).group(1)

    def test_it_goes_live_with_the_setting(self):
        self.assertEqual(self.site.push("HEAD:master")[0], 0)
        self.assertEqual(self.site.live(), 0)
        self.assertEqual(self.site.deploy("look"), "")
        self.site.configure("deploy", {"health": "/health", "branch": "master"})
        revision = self.site.git("rev-parse", "--short=7", "HEAD")
        self.assertEqual(self.site.deploy("look"), f"master is at {revision}, which is not what is live\n")
        self.site.deploy("recover")
        self.assertEqual(self.version(), "of another branch")
        self.assertEqual(self.site.deploy("look"), "")

    def test_it_goes_live_in_the_place_of_another(self):
        self.assertEqual(self.site.push()[0], 0)
        self.site.release("of a second branch")
        self.assertEqual(self.site.push("HEAD:second")[0], 0)
        second = self.site.git("rev-parse", "HEAD")
        self.site.configure("deploy", {"health": "/health", "branch": "second"})
        self.site.run("git", "-C", self.site.path("codebase"), "symbolic-ref", "HEAD", "refs/heads/second")
        # A change of another setting comes first, and must not move the branch back.
        gunicorn = {"wsgi": "codebase.wsgi", "workers": 2, "manager": "direct"}
        self.site.run(
            *self.site.as_root("gunicorn", self.site.path("deploy"), "configure", "gunicorn"),
            input=f"{gunicorn}".replace("'", '"'),
        )
        self.assertEqual(self.version(), "of a second branch")
        repository = self.site.path("codebase")
        self.assertEqual(self.site.run("git", "-C", repository, "rev-parse", "second").stdout.strip(), second)
        self.assertEqual(self.site.run("git", "-C", repository, "status", "--porcelain").stdout, "")

    def test_one_that_was_never_pushed(self):
        said = self.site.deploy("redeploy", check=False)
        self.assertIn("REFUSED at redeploy: main was never pushed", said)


class Upgraded(EngineTest):
    """After an upgrade of the distribution, Python is not the one that virtualenvs were made with."""

    def tearDown(self):
        self.site.write("requirements.pip", REQUIREMENTS)
        self.site.write("deploy.sh", "")

    def outlive(self, number):
        """Make the virtualenv of a release one of another Python, and end its processes as a reboot does."""
        path = os.path.dirname(os.path.realpath(self.site.path("releases", str(number), "lib")))
        for folder in (path, os.path.join(path, "lib")):
            os.chmod(folder, 0o755)
        (name,) = os.listdir(os.path.join(path, "lib"))
        os.rename(os.path.join(path, "lib", name), os.path.join(path, "lib", "python3.2"))
        about = os.path.join(path, "pyvenv.cfg")
        with open(about, encoding="utf-8") as file:
            text = re.sub(r"(?m)^version(\w*) = \d+\.\d+", r"version\1 = 3.2", file.read())
        os.unlink(about)
        with open(about, "w", encoding="utf-8") as file:
            file.write(text)
        for pid, release in self.site.processes().items():
            if release == number:
                os.kill(pid, signal.SIGKILL)

    def test_what_is_live_is_told_and_made_anew(self):
        live, before = self.site.live(), self.served()
        self.outlive(live)
        why = rf"the virtualenv of release {live} does not run: it was made with Python 3\.2, and \S+ is 3\.\d+"
        self.assertRegex(self.site.deploy("look"), rf"\A{why}\n")
        said = self.site.deploy("status", check=False)
        self.assertRegex(said, r"its virtualenv does not run: .* `www/deploy recover` makes it anew\.")
        self.assertRegex(self.site.deploy("recover"), why)
        self.assertEqual(self.served(), before)
        self.assertEqual(self.site.deploy("look"), "")
        self.assertGreater(self.site.live(), live)

    def test_a_push_goes_live_all_the_same(self):
        self.outlive(self.site.live())
        self.site.release("after an upgrade")
        self.assertRegex(self.good(self.site.push()), r"virtualenv +\d+\.\d\d s  made new")
        self.assertEqual(self.served(), "after an upgrade")

    def test_a_python_that_is_gone(self):
        live = self.site.live()
        path = os.path.dirname(os.path.realpath(self.site.path("live", "lib")))
        os.chmod(os.path.join(path, "bin"), 0o755)
        for name in ("python", "python3"):
            if os.path.lexists(os.path.join(path, "bin", name)):
                os.unlink(os.path.join(path, "bin", name))
            os.symlink("/usr/bin/python3.2", os.path.join(path, "bin", name))
        self.assertRegex(self.site.deploy("look"), r"made with Python 3\.\d+, and /usr/bin/python3\.2 is gone\n")
        self.site.deploy("recover")
        self.assertGreater(self.site.live(), live)
        self.served()

    def test_an_earlier_release_is_given_one_when_it_is_gone_back_to(self):
        package = "thing/pyproject.toml"
        self.site.write(
            package, '[project]\nname = "thing"\nversion = "1"\n[tool.setuptools]\npy-modules = ["thing"]\n'
        )
        self.site.write("thing/thing.py", "")
        self.site.write("deploy.sh", "../bin/pip install ./thing\nkill -HUP $(cat ../var/pid)\n")
        self.site.release("earlier")
        self.good(self.site.push())
        earlier = self.site.live()
        self.site.write("deploy.sh", "")
        self.site.write("requirements.pip", f"{REQUIREMENTS}sqlparse==0.5.1\n")
        self.site.release("later")
        self.good(self.site.push())
        self.outlive(earlier)
        said = self.site.deploy("rollback")
        self.assertRegex(said, r"virtualenv +\d+\.\d\d s  ")
        self.assertEqual((self.site.live(), self.served()), (earlier, "earlier"))
        self.site.run(self.site.path("live", "bin", "python"), "-c", "import thing")
        self.assertFalse(os.path.exists(self.site.path("live", "tmp")))
        self.site.git("fetch", "--quiet", "site")
        self.site.git("reset", "--quiet", "--hard", "site/main")


if __name__ == "__main__":
    unittest.main()
