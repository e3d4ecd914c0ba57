"""Layouts of projects: where manage.py is, which settings and which application are meant, what gunicorn is told."""

import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS
from support.site import ROOT, Site

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.tree.layout import chosen_settings, is_development
from engine.tree.procfile import web_of

MANAGE = """import os, sys
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
if __name__ == "__main__":
    main()
"""
SERVER = """import os
from django.core.{kind} import get_{kind}_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{settings}")
application = get_{kind}_application()
"""
GTHREAD = "web: gunicorn --worker-class gthread\n"
SETTINGS = """import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.staticfiles"]
ROOT_URLCONF = "{package}.urls"
STATIC_URL = "static/"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}}}
"""
URLS = """import os
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
def index(request):
    said = [settings.SETTINGS_MODULE, os.path.basename(os.getcwd()), request.META["wsgi.multiprocess"]]
    return HttpResponse(f'<p id="version">{" ".join(map(str, said))}</p>')
urlpatterns = [path("", index)]
"""


class Choice(unittest.TestCase):
    def test_settings_for_development_name_themselves(self):
        for module in ("shop.settings.local", "settings.dev", "shop.settings_dev", "shop.settings.test", "local"):
            self.assertTrue(is_development(module), module)
        for module in (
            "shop.settings",
            "shop.settings.production",
            "devsite.settings",
            "local.settings",
            "shop.latest",
        ):
            self.assertFalse(is_development(module), module)

    def test_what_serves_has_the_word(self):
        for manage, servers, chosen in (
            (["a.settings"], ["a.settings"], "a.settings"),
            (["a.settings"], [], "a.settings"),
            ([], ["a.settings.production"], "a.settings.production"),
            (["a.settings.local"], ["a.settings.production"], "a.settings.production"),
            (["a.settings.local"], ["a.settings.production", "a.settings.local"], "a.settings.production"),
            (["a.settings.test", "a.settings"], ["a.settings"], "a.settings"),
            ([], [], ""),
            (["a.settings.local"], [], ""),
            (["a.settings.local"], ["a.settings.dev"], ""),
            (["a.settings"], ["a.settings.production"], ""),
            (["a.settings"], ["a.settings.dev"], ""),
            (["a.settings.dev"], ["a.settings.staging", "a.settings.production"], ""),
        ):
            with self.subTest(manage=manage, servers=servers):
                self.assertEqual(chosen_settings(manage, servers), chosen)

    def test_what_web_of_a_procfile_says(self):
        for command, module, is_asgi, words in (
            ("gunicorn config.wsgi", "config.wsgi", False, []),
            ("gunicorn config.wsgi --log-file - --preload", "config.wsgi", False, ["--log-file=-", "--preload"]),
            ("gunicorn -w4 --bind 0.0.0.0:$PORT a.wsgi:app", "a.wsgi:app", False, ["--workers=4"]),
            (
                "gunicorn --workers ${N:-3} --timeout $T -t $MISSING a.wsgi",
                "a.wsgi",
                False,
                ["--workers=3", "--timeout=9"],
            ),
            ("gunicorn --daemon --reload --chdir b --user x -D a.wsgi", "a.wsgi", False, []),
            (
                "gunicorn -k uvicorn.workers.UvicornWorker a:app",
                "a:app",
                True,
                ["--worker-class=uvicorn.workers.UvicornWorker"],
            ),
            ("gunicorn a.asgi", "a.asgi", True, []),
            ("python manage.py migrate && exec python -m gunicorn a.wsgi; true", "a.wsgi", False, []),
            ("newrelic-admin run-program bin/gunicorn a.wsgi", "a.wsgi", False, []),
            ("gunicorn -e A=1 -e B=2 a.wsgi", "a.wsgi", False, ["--env=A=1", "--env=B=2"]),
            ("daphne -b 0.0.0.0 -p $PORT a.asgi:application", "a.asgi:application", True, []),
            ("uvicorn a.asgi:app --proxy-headers --port 80 --workers 4", "a.asgi:app", True, ["--workers=4"]),
        ):
            with self.subTest(command=command):
                web = web_of(command, {"T": "9"})
                self.assertEqual((web.module, web.is_asgi, web.words()), (module, is_asgi, words))
        for command in ("bash start.sh", "python manage.py runserver", "gunicorn 'a"):
            self.assertIsNone(web_of(command, {}))


class Layouts(EngineTest):
    """Each test pushes a tree of its own to one site, whose stack file names neither settings nor application."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)

    def setUp(self):
        self.told()
        self.gunicorn()
        self.variables()

    def told(self, **config):
        self.site.configure("deploy", {"site": "shop", "keep": 2, **config})

    def gunicorn(self, **options):
        self.site.configure("gunicorn", {"manager": "direct", **options})

    def variables(self, **variables):
        self.site.configure("settings", {"variables": {"MOOD": "fine", **variables}, "secrets": ["SECRET_KEY"]})

    def push(self, *layers, **texts):
        """Push a tree of these files alone."""
        clone = self.site.clone
        for name in os.listdir(clone):
            if name != ".git":
                path = os.path.join(clone, name)
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        for files in (*layers, texts):
            for name, text in files.items():
                self.site.write(name, text)
        self.site.commit("A layout")
        return self.site.push()

    def project(self, folder="", package="shop", settings="shop.settings", serves=None):
        """The files of a project."""
        files = {
            "manage.py": MANAGE.format(settings=settings),
            "requirements.txt": REQUIREMENTS,
            f"{package}/__init__.py": "",
            f"{package}/urls.py": URLS,
            f"{package}/wsgi.py": SERVER.format(kind="wsgi", settings=serves or settings),
        }
        if settings == f"{package}.settings":
            files[f"{package}/settings.py"] = SETTINGS.format(package=package)
        return {os.path.join(folder, name): text for name, text in files.items()}

    def settings_package(self):
        """Settings as cookiecutter-django has them."""
        base = SETTINGS.format(package="shop").replace("parent.parent", "parent.parent.parent")
        return {
            "config/__init__.py": "",
            "config/settings/__init__.py": "",
            "config/settings/base.py": f'{base}WSGI_APPLICATION = "config.wsgi.application"\n',
            "config/settings/local.py": "from .base import *\nDEBUG = True\n",
            "config/settings/production.py": "from .base import *\n",
            "config/settings/test.py": "from .base import *\n",
            "config/wsgi.py": SERVER.format(kind="wsgi", settings="config.settings.production"),
            "config/asgi.py": SERVER.format(kind="asgi", settings="config.settings.local"),
            "manage.py": MANAGE.format(settings="config.settings.local"),
            "requirements.txt": REQUIREMENTS,
            "shop/__init__.py": "",
            "shop/urls.py": URLS,
        }

    def about(self, *names):
        """Facts of the live release."""
        import json

        with open(self.site.path("live", "release.json"), encoding="utf-8") as file:
            about = json.load(file)
        return tuple(about[name] for name in names)

    def test_a_project_at_the_top_as_startproject_makes_it(self):
        said = self.good(self.push(self.project()))
        self.assertIn("settings shop.settings by shop/wsgi.py", said)
        self.assertIn("shop.wsgi:application by shop/wsgi.py", said)
        # It has no deploy.sh, and there is no such step.
        self.assertNotIn("deploy.sh", said)
        self.assertEqual(self.served(), "shop.settings codebase True")
        self.assertEqual(
            self.about("root", "settings", "wsgi", "asgi"), ("", "shop.settings", "shop.wsgi:application", "")
        )
        ran = self.site.deploy("run", "python", "manage.py", "shell", "-c", "import shop; print(shop.__file__)")
        self.assertIn("/codebase/shop/__init__.py", ran)

    def test_a_project_in_a_folder(self):
        said = self.good(
            self.push(
                self.project("backend"),
                {"frontend/package.json": "{}", "node_modules/x/manage.py": "", "tests/manage.py": ""},
                {"deploy.sh": "pwd >../var/ran\n"},
            )
        )
        self.assertIn("manage.py in backend", said)
        self.assertEqual(self.served(), "shop.settings backend True")
        # deploy.sh goes on running at the tree's top.
        with open(self.site.path("live", "var", "ran"), encoding="utf-8") as file:
            self.assertRegex(file.read(), r"/codebase$")
        # A database of a relative path is beside manage.py, and kept.
        live = self.site.path("live", "codebase", "backend")
        self.site.deploy("run", "python", "manage.py", "migrate")
        self.assertEqual(
            os.path.realpath(os.path.join(live, "db.sqlite3")), self.site.path("var", "shared", "backend", "db.sqlite3")
        )
        self.assertEqual(
            os.path.realpath(self.site.path("live", "public", "static")),
            self.site.path("releases", str(self.site.live()), "static"),
        )

    def test_a_manage_py_that_is_a_link(self):
        # As Tabbycat has it, so that commands can be typed at the tree's top.
        self.good(self.push(self.project("backend")))
        os.symlink("backend/manage.py", os.path.join(self.site.clone, "manage.py"))
        self.site.commit("A link at the top")
        said = self.good(self.site.push())
        self.assertIn("manage.py in backend", said)
        self.assertEqual(self.served(), "shop.settings backend True")

    def test_several_projects_are_asked_for_by_name(self):
        two = (self.project("backend"), self.project("tools/admin", package="admin", settings="admin.settings"))
        said = self.bad(self.push(*two))
        self.assertIn("REFUSED at layout: the pushed tree has no manage.py at its top, and 2 folders with one", said)
        self.assertIn("backend, tools/admin", said)
        self.assertIn("`root: backend` or `root: tools/admin`", said)
        self.told(root="tools/admin")
        said = self.good(self.push(*two))
        self.assertEqual(self.served(), "admin.settings admin True")
        self.told(root="backnd")
        said = self.bad(self.push(*two))
        self.assertIn("the stack file's `root` is backnd, and the pushed tree has no such folder", said)
        self.assertIn("`root: backend`", said)

    def test_a_project_below_src(self):
        package = '[project]\nname = "shop"\nversion = "1"\n[build-system]\nrequires = []\n'
        self.good(self.push(self.project("src"), {"pyproject.toml": package}))
        self.assertEqual(self.served(), "shop.settings src True")

    def test_a_package_finds_its_own_version(self):
        files = self.project()
        files["shop/settings.py"] += 'from importlib.metadata import version\nassert version("the-shop") == "1.2"\n'
        package = '[project]\nname = "The.Shop"\nversion = "1.2"\n[build-system]\nrequires = []\n'
        self.good(self.push(files, {"pyproject.toml": package}))
        self.assertEqual(self.served(), "shop.settings codebase True")
        # It is none of a package that is not made to be installed.
        said = self.bad(self.push(files, {"pyproject.toml": package.partition("[build")[0]}))
        self.assertIn("PackageNotFoundError", said)

    def test_packages_in_src_beside_manage_py(self):
        files = self.project()
        files = {name if name.count("/") == 0 else f"src/{name}": text for name, text in files.items()}
        self.good(self.push(files))
        self.assertEqual(self.served(), "shop.settings codebase True")
        ran = self.site.deploy("run", "python", "-c", "import shop; print(shop.__file__)")
        self.assertIn(f"/releases/{self.site.live()}/codebase/src/shop/", ran)

    def test_a_package_with_its_own_manage_py(self):
        # As a package that is installed with its folder: its modules are found by the release's path.
        files = self.project("", package="shop")
        files["shop/manage.py"] = files.pop("manage.py")
        self.good(self.push(files, {"setup.py": "from setuptools import setup\nsetup()\n"}))
        self.assertEqual(self.served(), "shop.settings shop True")

    def test_a_folder_of_manage_py_that_is_a_package_itself(self):
        # As standalone of django-helpdesk, beside src; another project's wsgi.py and manage.py lie at the top.
        files = self.project()
        files["shop/manage.py"] = files.pop("manage.py")
        others = {"other/__init__.py": "", "other/wsgi.py": SERVER.format(kind="wsgi", settings="other.settings")}
        top = {"src/own/__init__.py": "", "manage.py": MANAGE.format(settings="other.settings")}
        self.told(root="shop")
        said = self.good(self.push(files, others, top))
        self.assertIn("settings shop.settings by shop/wsgi.py", said)
        self.assertEqual(self.served(), "shop.settings shop True")

    def test_settings_for_production_beside_those_for_development(self):
        said = self.good(self.push(self.settings_package()))
        self.assertIn("settings config.settings.production by config/wsgi.py", said)
        self.assertIn("config.wsgi:application by config/settings/base.py", said)
        self.assertEqual(self.served(), "config.settings.production codebase True")

    def test_of_settings_that_several_programs_name_the_projects_own_are_told(self):
        worker = {f"awork/{name}": text for name, text in (("__init__.py", ""), ("settings.py", "A = 1\n"))}
        worker["awork/wsgi.py"] = SERVER.format(kind="wsgi", settings="awork.settings")
        said = self.bad(self.push({**self.project(), **worker, "api/settings.py": "A = 1\n", "api/__init__.py": ""}))
        self.assertIn("and one of them has to be chosen", said)
        self.assertIn("`settings: shop.settings`", said)

    def test_settings_that_have_to_be_chosen_are_named(self):
        files = self.settings_package()
        files["config/wsgi.py"] = SERVER.format(kind="wsgi", settings="config.settings.local")
        said = self.bad(self.push(files))
        self.assertIn("REFUSED at layout: which settings? manage.py sets config.settings.local", said)
        self.assertIn("config/wsgi.py sets config.settings.local", said)
        self.assertIn("`settings: config.settings.production`", said)
        self.assertIn("The tree has config.settings.production, config.settings.base,", said)
        # What the others are made of comes behind them.
        files["config/settings/server.py"] = files.pop("config/settings/production.py")
        said = self.bad(self.push(files))
        self.assertIn("`settings: config.settings.server`", said)
        self.assertIn("The tree has config.settings.server, config.settings.base,", said)
        # An empty package sets nothing: a push of it would boot, and answer 500.
        files["manage.py"] = MANAGE.format(settings="config.settings")
        files["config/settings/__init__.py"] = '"""Settings."""\n# One for each server.\n'
        files["config/wsgi.py"] = "from django.core.wsgi import *\n"
        said = self.bad(self.push(files))
        self.assertIn("REFUSED at layout: which settings? manage.py sets config.settings, which is empty", said)
        self.assertIn("`settings: config.settings.server`", said)
        files = self.project()
        files["manage.py"] = files["shop/wsgi.py"] = "from django.core.wsgi import *\n"
        said = self.bad(self.push(files))
        self.assertIn("DJANGO_SETTINGS_MODULE is set nowhere in manage.py, shop/wsgi.py", said)
        self.assertIn("`settings: shop.settings`", said)
        # The stack has the last word.
        self.variables(DJANGO_SETTINGS_MODULE="shop.settings")
        files["shop/wsgi.py"] = SERVER.format(kind="wsgi", settings="shop.other")
        said = self.good(self.push(files))
        self.assertNotIn("settings shop.settings by", said)
        self.assertEqual(self.served(), "shop.settings codebase True")

    def test_no_application_is_said(self):
        files = self.project()
        del files["shop/wsgi.py"]
        said = self.bad(self.push(files))
        self.assertIn("REFUSED at layout: the pushed tree has no wsgi.py and no asgi.py", said)
        self.assertIn("WSGI_APPLICATION in shop.settings)", said)
        self.assertIn("`files: { shop/wsgi.py: FILE }`, with `from django.core.wsgi import", said)
        # What the line says goes live.
        laid = "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"
        self.good(self.push({**files, "shop/wsgi.py": laid}))

    def test_an_application_that_the_settings_name_and_the_tree_lacks_is_said(self):
        files = self.project()
        del files["shop/wsgi.py"]
        files["shop/base.py"] = f"{files.pop('shop/settings.py')}\nWSGI_APPLICATION = 'shop.web.served.application'\n"
        files["shop/settings/__init__.py"] = "from ..base import *\n"
        said = self.bad(self.push(files))
        self.assertIn("; shop/base.py sets it to shop.web.served.application, which the tree lacks)", said)
        self.assertIn("`files: { shop/web/served.py: FILE }`", said)

    def test_the_procfile_names_the_application_and_options(self):
        files = self.project()
        files["shop/served.py"] = files.pop("shop/wsgi.py").replace("application =", "app =")
        lines = (
            "web: gunicorn shop.served:app --workers 3 --bind 0.0.0.0:$PORT --log-file -\n"
            "worker: celery -A shop worker\nbeat: celery -A shop beat\nrelease: python manage.py migrate\n"
        )
        said = self.good(self.push(files, {"Procfile": lines}))
        self.assertIn("shop.served:app by Procfile", said)
        self.assertIn("Procfile: worker, beat are not run: Greenpush has no processes besides web yet", said)
        self.assertEqual(self.served(), "shop.settings codebase True")
        self.assertEqual(self.workers(), 3)
        # The stack has the last word.
        self.gunicorn(workers=1)
        self.good(self.push(files, {"Procfile": lines}, {"again": ""}))
        self.assertEqual(self.workers(), 1)

    def workers(self):
        with open(self.site.path("live", "var", "workers"), encoding="ascii") as file:
            return int(file.read())

    def test_gunicorns_configuration_counts_but_for_what_a_release_stands_on(self):
        configuration = (
            "import os\nbind = '127.0.0.1:1'\nworkers = 3\ndaemon = True\nreload = True\npidfile = '/nowhere/pid'\n"
            "chdir = '/'\nuser = 'nobody'\ncertfile = __file__\ncontrol_socket = '/nowhere/socket'\n"
            "raw_env = ['MOOD=configured']\nwsgi_app = 'shop.wsgi'\nreuse_port = True\nproxy_protocol = True\n"
        )
        files = self.project("backend")
        files["backend/shop/urls.py"] = URLS.replace("settings.SETTINGS_MODULE", 'os.environ["MOOD"]')
        # At the tree's top, where gunicorn itself would not look.
        self.good(self.push(files, {"gunicorn.conf.py": configuration}))
        self.assertEqual(self.served(), "configured backend True")
        self.assertEqual(self.workers(), 3)
        self.only_runs(self.site.live())

    def test_an_application_of_asgi_that_the_settings_name_and_nothing_runs_is_said(self):
        asgi = {"shop/asgi.py": "from django.core.asgi import get_asgi_application as get\n\napplication = get()\n"}
        self.assertNotIn("ASGI_APPLICATION", self.good(self.push(self.project(), asgi)))
        files = {**self.project(), **asgi}
        files["shop/settings.py"] += "\nASGI_APPLICATION = 'shop.asgi.application'\n"
        said = self.good(self.push(files))
        self.assertIn("ASGI_APPLICATION of shop/settings.py is not run: where the application has WebSockets", said)
        self.assertIn("`asgi: shop.asgi:application` into the stack file", said)

    def test_a_worker_of_asgi_runs_an_application_of_asgi(self):
        asgi = {"shop/asgi.py": "from django.core.asgi import get_asgi_application as get\n\napplication = get()\n"}
        for named in (
            {"gunicorn.conf.py": 'worker_class = "asgi"\n'},
            {"gunicorn.conf.py": 'worker_class = "asgi"\nwsgi_app = "shop.asgi"\n'},
            {"Procfile": "web: gunicorn --worker-class asgi\n"},
        ):
            with self.subTest(named):
                said = self.good(self.push(self.project(), asgi, named))
                self.assertRegex(said, r" shop\.asgi(:application)? by ")
                self.assertEqual(self.about("wsgi"), ("",))
                self.assertTrue(os.path.exists(self.site.path("live", "greenpush_asgi.py")))
                with open(self.site.path("live", "start"), encoding="utf-8") as file:
                    self.assertEqual(file.read().count("--worker-class=asgi"), 1)
        said = self.bad(self.push(self.project(), named))
        self.assertIn("REFUSED at layout: gunicorn's worker is one for ASGI", said)
        # The stack has the last word.
        self.gunicorn(options=["--worker-class=sync"])
        self.good(self.push(self.project(), asgi, named, {"again": ""}))
        self.assertEqual(self.about("asgi"), ("",))

    def test_an_application_that_answers_web_sockets_is_run_by_asgi(self):
        asgi = "from django.core.asgi import get_asgi_application as get\n\npages = get()\n\n\n"
        by_type = (
            "async def application(scope, receive, send):\n"
            '    if scope["type"] == "websocket":\n        await send({"type": "websocket.close"})\n'
            "    else:\n        await pages(scope, receive, send)\n"
        )
        said = self.good(self.push(self.project(), {"shop/asgi.py": asgi + by_type}))
        line = "shop.asgi:application in its place: shop/asgi.py answers WebSockets. `wsgi: shop.wsgi:application`"
        self.assertIn(line, said)
        self.assertTrue(os.path.exists(self.site.path("live", "greenpush_asgi.py")))
        self.assertEqual(self.served(), "shop.settings codebase True")
        # Where the settings name it, too, as channels has it.
        settings = f'{SETTINGS.format(package="shop")}\nASGI_APPLICATION = "shop.routing.application"\n'
        routing = f"{asgi}application = dict(http=pages, **{{'websocket': pages}})['http']\n"
        said = self.good(self.push(self.project(), {"shop/settings.py": settings, "shop/routing.py": routing}))
        self.assertIn("shop.routing:application in its place: shop/routing.py answers WebSockets.", said)
        # The author of a worker of WSGI means that.
        said = self.good(self.push(self.project(), {"shop/asgi.py": asgi + by_type, "Procfile": GTHREAD}))
        self.assertNotIn("in its place", said)
        self.assertEqual(self.about("asgi"), ("",))
        # Nothing runs it.
        old = {"requirements.txt": REQUIREMENTS.replace("gunicorn", "gunicorn==23.0.0\n#")}
        said = self.good(self.push(self.project(), {"shop/asgi.py": asgi + by_type}, old))
        self.assertIn("shop.wsgi:application runs all the same, so nobody answers WebSockets: no package that", said)
        self.assertIn("`extraRequirements: [uvicorn, uvicorn-worker, websockets]` in the stack file brings one.", said)
        self.assertFalse(os.path.exists(self.site.path("live", "greenpush_asgi.py")))
        # Or what it needs is no dependency, as the extra of uMap.
        far = {
            "shop/asgi.py": f"from .sync.app import chat\n{asgi}{by_type}",
            "shop/sync/app.py": "import json\nfrom django.urls import path\nfrom shop.sync import stored\n\nchat = 1\n",
            "shop/sync/stored.py": "try:\n    import uvloop\nexcept ImportError:\n    1\nimport redis.asyncio\n",
        }
        extras = {"pyproject.toml": '[project]\nname = "shop"\n[project.optional-dependencies]\nsync = ["redis"]\n'}
        said = self.good(self.push(self.project(), far, extras))
        self.assertIn("shop/sync/stored.py imports redis.asyncio, which is not installed.", said)
        self.assertIn("`extras: [sync]`", said)
        self.assertEqual(self.about("asgi"), ("",))
        self.assertEqual(self.served(), "shop.settings codebase True")
        said = self.good(self.push(self.project(), {**far, "shop/sync/stored.py": "import uuid, gunicorn.app\n"}))
        self.assertNotIn("all the same", said)
        self.assertEqual(self.about("wsgi", "asgi"), ("", "shop.asgi:application"))
        # The stack has the last word.
        self.gunicorn(wsgi="shop.wsgi:application")
        said = self.good(self.push(self.project(), {"shop/asgi.py": asgi + by_type}))
        self.assertNotIn("WebSockets", said)

    def test_a_change_of_the_stacks_settings_makes_a_release(self):
        self.good(self.push(self.project()))
        before = self.site.live()
        store = {"variables": {"MOOD": "fine", "DJANGO_SETTINGS_MODULE": "shop.settings"}, "secrets": ["SECRET_KEY"]}
        # The same as the tree names: nothing else would run.
        self.configure_settings(store)
        self.assertEqual(self.site.live(), before)
        self.good(self.push(self.project(), {"again": ""}))
        before = self.site.live()
        del store["variables"]["DJANGO_SETTINGS_MODULE"]
        self.configure_settings(store)
        self.assertGreater(self.site.live(), before)
        self.assertEqual(self.about("settings", "found_settings"), ("shop.settings", True))
        # A rollback leads to a release that was made while the stack named them.
        self.site.deploy("rollback")
        self.assertEqual(self.served(), "shop.settings codebase True")

    def configure_settings(self, value):
        import json

        words = self.site.as_root("settings", self.site.path("deploy"), "configure", "settings")
        self.site.run(*words, input=json.dumps(value))


if __name__ == "__main__":
    unittest.main()
