"""What a tree says of its own layout, where the stack file says nothing: see docs/explanation/any-application.md."""

from __future__ import annotations

import os

from ..errors import Refused
from ..host.pushed_file import text_if_any
from .folders import above_package, folders_below, has_project, python_path, root_of
from .procfile import of_asgi, procfile, web_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config, Given
    from .procfile import Web
    from .source import Modules

SETTINGS, VARIABLE = "DJANGO_SETTINGS_MODULE", "DJANGO_CONFIGURATION"
# Parts of the names of settings that are not for a site.
DEVELOPMENT = {"dev", "devel", "develop", "development", "local", "debug", "test", "tests", "testing", "ci"}
CONFIGURATION = "gunicorn.conf.py"
# Options of gunicorn that are paths, relative to where the Procfile is.
PATHS = {"config", "pythonpath", "log-config"}


class Layout:
    """A tree's layout. `said`: what was found in it, in phrases."""

    def __init__(self) -> None:
        self.root = ""
        self.python_path: list[str] = []
        # The settings module, and whether the tree names it, not the stack.
        self.settings, self.found_settings = "", False
        # The class of it that django-configurations loads, where the tree names one.
        self.settings_class = ""
        # The application, as module:name; one of them is "".
        self.wsgi, self.asgi = "", ""
        # gunicorn's options, before those of the stack.
        self.options: list[str] = []
        self.said: list[str] = []


def find_layout(codebase: str, config: Config, given: Given) -> Layout:
    """Return the layout of a release's tree. Raise Refused where something has to be asked."""
    layout = Layout()
    layout.root = root_of(codebase, config.site, config.root)
    if layout.root and not config.root:
        layout.said.append(f"manage.py in {layout.root}")
    layout.python_path = python_path(codebase, layout.root)
    finder = Finder(codebase, config.site, layout, given)
    above = above_package(codebase, layout.root)
    if above and above not in layout.python_path:
        # The finder does not look for files there, for it may have other projects.
        layout.python_path.append(above)
    finder.find()
    return layout


class Finder:
    """Finds settings, the application's module, and gunicorn's options."""

    def __init__(self, codebase: str, site: str, layout: Layout, given: Given) -> None:
        self.codebase, self.site, self.layout, self.given = codebase, site, layout, given
        self.project = os.path.normpath(os.path.join(codebase, layout.root))
        at_top = procfile(codebase)
        self.commands = at_top or procfile(self.project)
        # What paths of the Procfile are relative to.
        self.started_in = codebase if at_top else self.project
        # Where files of the application are looked for.
        self.searched = [self.project, *map(self._whole, layout.python_path)]
        self._modules: Modules | None = None

    @property
    def modules(self) -> Modules:
        """Return the tree's modules."""
        if self._modules is None:
            # A stack that names everything needs no parser.
            from .source import Modules

            self._modules = Modules(self.project, *map(self._whole, self.layout.python_path))
        return self._modules

    def _whole(self, place: str) -> str:
        return os.path.normpath(os.path.join(self.codebase, place))

    def find(self) -> None:
        """Fill the layout in."""
        layout, gunicorn = self.layout, self.given.gunicorn
        web = self._web()
        if web:
            layout.options = [self._option(name, value) for name, value in web.options]
        self._configuration()
        layout.wsgi, layout.asgi = gunicorn.get("wsgi", ""), gunicorn.get("asgi", "")
        named = layout.wsgi or layout.asgi
        if not named:
            named = self._application_named(web)
        layout.settings = self.given.variables().get(SETTINGS, "")
        if not layout.settings:
            layout.settings, layout.found_settings = self._settings(named.partition(":")[0]), True
        if VARIABLE not in self.given.variables():
            layout.settings_class = self._settings_class(named.partition(":")[0])
        if not named:
            self._application(layout.settings)

    def _say(self, what: str, path: str) -> None:
        self.layout.said.append(f"{what} by {self.place(path)}")

    def place(self, path: str) -> str:
        """Return a path as it is in the tree."""
        return os.path.relpath(path, self.codebase)

    # What the Procfile and gunicorn's configuration say

    def _web(self) -> Web | None:
        """Return what `web` of the Procfile says; note the lines that Greenpush does not run."""
        command = self.commands.get("web")
        variables = self.given.settings.get("variables", {})
        web = web_of(command, variables) if command else None
        idle = [name for name in self.commands if name not in ("web", "release")]
        if command and not web:
            self.layout.said.append(f"Procfile: web is passed over, as it names no gunicorn ({command})")
        if idle:
            are = "are" if len(idle) > 1 else "is"
            self.layout.said.append(
                f"Procfile: {', '.join(idle)} {are} not run: Greenpush has no processes besides web yet"
            )
        return web

    def _option(self, name: str, value: str | None) -> str:
        """Return an option of the Procfile as gunicorn takes it in the folder of manage.py."""
        if value is None:
            return f"--{name}"
        path = os.path.join(self.started_in, value)
        if name in PATHS and os.path.exists(path):
            value = path
        return f"--{name}={value}"

    def _configuration(self) -> None:
        """Have gunicorn read the configuration at the tree's top: the one beside manage.py it finds by itself. A worker
        for ASGI that it names counts as an option, because the command line names another where nothing does.
        """
        layout, top = self.layout, os.path.join(self.codebase, CONFIGURATION)
        beside = os.path.exists(os.path.join(self.project, CONFIGURATION))
        if os.path.isfile(top) and not beside and not self._has_option("--config="):
            layout.options.append(f"--config={top}")
        if not self._has_option("--worker-cl"):
            worker = self._configured("worker_class")
            if of_asgi(worker):
                layout.options.append(f"--worker-class={worker}")

    def _has_option(self, start: str) -> bool:
        return any(option.startswith(start) for option in self.layout.options)

    def _configured(self, name: str) -> str:
        """Return the text that gunicorn's configuration assigns to a name, "" for none."""
        path = self._path_of_configuration()
        if not os.path.isfile(path):
            return ""
        from .source import assigned_in

        return assigned_in(path, name)

    def _path_of_configuration(self) -> str:
        prefix = "--config="
        given = next((each[len(prefix) :] for each in self.layout.options if each.startswith(prefix)), CONFIGURATION)
        return os.path.join(self.project, given)

    def _worker(self) -> str:
        """Return the worker class that the stack or the tree names, "" for none."""
        options = [*self.layout.options, *self.given.gunicorn.get("options", [])]
        named = [option.partition("=")[2] for option in options if option.startswith("--worker-cl")]
        return named[-1] if named else ""

    def _application_named(self, web: Web | None) -> str:
        """Take the application that the Procfile or gunicorn's configuration names; return it, "" for none."""
        layout, by = self.layout, "Procfile"
        named = web.module if web else ""
        if not named:
            named, by = self._configured("wsgi_app"), self.place(self._path_of_configuration())
        if named:
            is_asgi = (web and web.is_asgi) or of_asgi(self._worker(), named)
            layout.asgi, layout.wsgi = (named, "") if is_asgi else ("", named)
            layout.said.append(f"{named} by {by}")
        return named

    # The settings

    def _settings(self, application: str) -> str:
        """Return the settings module that manage.py and the application's module name. Raise Refused."""
        from .source import named_in

        manage = os.path.join(self.project, "manage.py")
        named = {path: named_in(path) for path in [manage, *self._servers(application)]}
        by_manage = named.pop(manage)
        by_servers = [(module, path) for path, modules in named.items() for module in modules]
        # An empty package sets nothing, whoever names it: the settings are in its modules.
        serving = [module for module, _ in by_servers if not self.modules.is_empty(module)]
        chosen = chosen_settings([module for module in by_manage if not self.modules.is_empty(module)], serving)
        if chosen:
            self._say(f"settings {chosen}", next((path for module, path in by_servers if module == chosen), manage))
            return chosen
        from .which_settings import which_settings

        raise which_settings(self, {manage: by_manage, **named})

    def _servers(self, application: str) -> list[str]:
        """Return the files that start the application: its module's, else each wsgi.py and asgi.py."""
        path = self.modules.path(application) if application else None
        return [path] if path else [*self._files("wsgi.py"), *self._files("asgi.py")]

    def _settings_class(self, application: str) -> str:
        """Take the class of django-configurations that these files name, "" where they name none. Raise Refused."""
        manage = os.path.join(self.project, "manage.py")
        if VARIABLE not in text_if_any(manage):
            return ""
        from .source import named_in

        files = {path: named_in(path, VARIABLE) for path in (manage, *self._servers(application))}
        named = {path: names for path, names in files.items() if names}
        serving = [name for path, names in named.items() if path != manage for name in names]
        chosen = chosen_settings(named.get(manage, []), serving)
        if not chosen:
            from .which_settings import which_class

            raise which_class(self, named)
        self._say(f"{VARIABLE} {chosen}", next(path for path, names in named.items() if chosen in names))
        return chosen

    # The application

    def _application(self, settings: str) -> None:
        """Find the application by the settings, or by the files of the tree. Raise Refused."""
        layout = self.layout
        if of_asgi(self._worker()):
            layout.asgi = self._application_of(settings, "asgi")
            if not layout.asgi:
                raise Refused(
                    "layout",
                    "gunicorn's worker is one for ASGI, by the Procfile, gunicorn.conf.py or the stack file, and the "
                    "pushed tree has no asgi.py",
                    advice=f"Write the module with the application into the stack file of {self.site}: `asgi: MODULE`. "
                    "For one of WSGI, name another worker there: `gunicorn: { options: [--worker-class=sync] }`.",
                )
            return
        layout.wsgi = self._application_of(settings, "wsgi")
        if layout.wsgi:
            self._look_for_web_sockets(settings)
        else:
            layout.asgi = self._application_of(settings, "asgi")
        if layout.wsgi or layout.asgi:
            return
        first = settings.split(".", maxsplit=1)[0]
        if self.modules.path(settings):
            raise self._no_application(settings)
        # The settings come with a package.
        layout.wsgi = f"{first}.wsgi"

    def _no_application(self, settings: str) -> Refused:
        """Return the refusal for a tree without an application, with the file that has Django's own."""
        assigned = self.modules.assigned(settings, "WSGI_APPLICATION")
        package, dot, _ = settings.partition(".")
        named = assigned[0].rpartition(".")[0] if assigned else ""
        module = named or (f"{package}.wsgi" if dot else "wsgi")
        top, _ = os.path.splitext(self.modules.path(settings) or "")
        top = top[: -len(os.sep + "__init__")] if os.path.basename(top) == "__init__" else top
        for _ in settings.split("."):
            top = os.path.dirname(top)
        place = self.place(os.path.join(top, *module.split(".")) + ".py")
        names = f"; {self.place(assigned[1])} sets it to {assigned[0]}, which the tree lacks" if assigned else ""
        return Refused(
            "layout",
            f"the pushed tree has no wsgi.py and no asgi.py (looked for below {self.layout.root or 'its top'}, and for "
            f"WSGI_APPLICATION in {settings}{names})",
            advice=f"Where the application has another name, write it into the stack file of {self.site}: `wsgi: "
            f"MODULE` or `asgi: MODULE`. Where there is none, lay it into the tree: `files: {{ {place}: FILE }}`, with "
            "`from django.core.wsgi import get_wsgi_application` and `application = get_wsgi_application()`.",
        )

    def _application_of(self, settings: str, kind: str) -> str:
        """Return the application of a kind, wsgi or asgi, as module:name; "" where there is none."""
        near = self._near(settings, kind)
        if near:
            self._say(*near)
            return near[0]
        names = [self.modules.name(path) for path in self._files(f"{kind}.py")]
        found = [name for name in names if name]
        if len(found) > 1:
            lines = " or ".join(f"`{kind}: {module}`" for module in found[:4])
            raise Refused(
                "layout",
                f"the pushed tree has {len(found)} files {kind}.py, and none in the package of {settings}",
                advice=f"Write the application's into the stack file of {self.site}: {lines}.",
            )
        if not found:
            return ""
        self._say(f"{found[0]}:application", self.modules.path(found[0]) or "")
        return f"{found[0]}:application"

    def _near(self, settings: str, kind: str) -> tuple[str, str] | None:
        """Return the application of a kind that the settings name, or that their package has, and the file that says
        it.
        """
        assigned = self.modules.assigned(settings, f"{kind.upper()}_APPLICATION")
        module, _, attribute = assigned[0].rpartition(".") if assigned else ("", "", "")
        # Nothing that serves reads it, so it may name what is no more.
        if assigned and module and self.modules.path(module):
            return f"{module}:{attribute}", assigned[1]
        parts = settings.split(".")
        for count in range(len(parts), -1, -1):
            module = ".".join([*parts[:count], kind])
            path = self.modules.path(module)
            if path:
                return f"{module}:application", path
        return None

    def _look_for_web_sockets(self, settings: str) -> None:
        """Take the application of ASGI beside the one of WSGI if it answers WebSockets, which no other can; else say
        that the settings name one.
        """
        from .source import has_text

        near = self._near(settings, "asgi")
        if not near:
            return
        name, by = near
        path = self.modules.path(name.partition(":")[0]) or ""
        if has_text(path, "websocket") and not self._worker() and not self._configured("worker_class"):
            self.layout.asgi = name
            self.layout.said.append(
                f"{name} in its place: {self.place(path)} answers WebSockets. `wsgi: {self.layout.wsgi}` in the stack "
                "file runs it without"
            )
        elif by != path:
            self.layout.said.append(
                f"ASGI_APPLICATION of {self.place(by)} is not run: where the application has WebSockets, write `asgi: "
                f"{name}` into the stack file"
            )

    def folders(self) -> list[str]:
        """Return the folders that are searched and those below, without those of other projects."""
        found: dict[str, None] = {}
        others: list[str] = []
        for top in self.searched:
            for folder in folders_below(top):
                if folder != self.project and has_project(folder) and not self.project.startswith(f"{folder}/"):
                    others.append(f"{folder}/")
                if not any(f"{folder}/".startswith(other) for other in others):
                    found[folder] = None
        return list(found)

    def _files(self, name: str) -> list[str]:
        """Return the files of a name in these folders."""
        paths = [os.path.join(folder, name) for folder in self.folders()]
        return [path for path in paths if os.path.isfile(path)]


def chosen_settings(by_manage: list[str], by_servers: list[str]) -> str:
    """Return the settings that are meant, "" where that has to be asked.

    What serves has the word. manage.py may name others only if theirs are for development.
    """
    serving = {module for module in by_servers if not is_development(module)}
    managing = {module for module in by_manage if not is_development(module)}
    if not by_servers:
        return managing.pop() if len(managing) == 1 else ""
    return serving.pop() if len(serving) == 1 and managing <= serving else ""


def is_development(module: str) -> bool:
    """Tell whether a settings module names itself one for development or tests."""
    first, *rest = module.split(".")
    return any(part in DEVELOPMENT for name in rest or [first] for part in name.lower().split("_"))
