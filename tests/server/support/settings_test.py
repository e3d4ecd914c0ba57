"""Settings that lead to an error, pushed to a site with one release that serves."""

from support.engine_test import RestoredTest

SETTINGS = """import os

from .test import *  # noqa: F403
from .test import BASE_DIR

QUEUE = {"storage": {"filename": os.path.join(BASE_DIR, "queue", "tasks.sqlite3")}}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.dummy",
        "NAME": "shop",
        "USER": "owner",
        "HOST": os.environ.get("SHOP_DB", "db.example.com"),
        "PASSWORD": "not to be said",
    }
}
if "DATABASES" not in locals():
    DATABASES = {}
if os.environ.get("SHOP_ON_CI"):
    DATABASES = {"default": {"ENGINE": "django.db.backends.dummy", "NAME": "ci", "HOST": "127.0.0.1"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache", "LOCATION": os.environ["SHOP_CACHE"]}}
"""
CHECK = """import os

from django.core.checks import Error, register

from .test import *  # noqa: F403


@register()
def shop(**_):
    return [Error(f"{}", hint="See SHOP_MANUAL.", id="shop.E001")]
"""
URLS = """from django.urls import path

from pages import views

urlpatterns = [path("", views.index, name="index"), path("health", views.health, name="health")]
"""


class SettingsTest(RestoredTest):
    def said(self, lines, text=SETTINGS, settings="away"):
        """Push settings, and lines of the module of addresses; return what the refusal says."""
        self.site.write("codebase/settings/away.py", text)
        self.site.write("codebase/urls.py", f"{lines}\n{URLS}")
        self.site.commit(f"With {settings}")
        usual = {"ALLOWED_HOSTS": "localhost", "SHOP_CACHE": "redis://localhost"}
        self.addCleanup(self.given, {"DJANGO_SETTINGS_MODULE": "codebase.settings.test", "ALLOWED_HOSTS": "localhost"})
        self.given({"DJANGO_SETTINGS_MODULE": f"codebase.settings.{settings}", **usual})
        return self.bad(self.site.push())

    def given(self, variables):
        self.site.configure("settings", {"variables": variables, "secrets": ["SECRET_KEY"]})
