"""Which translations of the tree nothing has compiled: Django reads `.mo` files, and many repositories have only `.po`.

Run by a release's own Python, as part of run_django.py.
"""

from __future__ import annotations

import glob
import os
import re

from .tree_files import is_of_tree, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# A translation that says something, and is not the header of its file.
TRANSLATED = re.compile(r'^msgstr(?:\[\d\])? "[^"]|^msgstr ""\n"(?!.*:.*\\n)', re.M)


def said_of_translations(settings: Any, tree: str) -> list[str]:
    """Say which translations visitors don't get, in one sentence."""
    absent = sorted({*uncompiled(settings, tree)}) if settings.USE_I18N else []
    if not absent:
        return []
    more = f" and {len(absent) - 1} more" if absent[1:] else ""
    command, folder = "python manage.py compilemessages", os.path.relpath(os.getcwd(), tree)
    build = command if folder == os.curdir else f"{{ run: {command}, in: {folder} }}"
    return [
        f"translations are not compiled, and pages are shown without them: {absent[0]}{more} without its .mo. "
        f"`build: [{build}]` of the site and `packages: [gettext]` of the server, in the stack file, compile them"
    ]


def uncompiled(settings: Any, tree: str) -> Iterator[str]:
    """Give the files of the languages that the application has, below the tree."""
    from django.apps import apps
    from django.utils.translation import to_locale

    folders = {*settings.LOCALE_PATHS, *(os.path.join(each.path, "locale") for each in apps.get_app_configs())}
    locales = {to_locale(language) for language, _ in settings.LANGUAGES}
    for folder in filter(lambda each: os.path.isdir(each) and is_of_tree(each, tree), folders):
        for file in glob.glob(os.path.join(glob.escape(folder), "*", "LC_MESSAGES", "django*.po")):
            is_shown = file.split(os.sep)[-3] in locales and not os.path.exists(f"{file[:-3]}.mo")
            if is_shown and TRANSLATED.search(text_of(file)):
                yield os.path.relpath(os.path.realpath(file), tree)
