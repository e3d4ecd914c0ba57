"""What pip's configuration on the server, and its variables, say of where packages come from: as uv takes it.

uv reads none of it. Source: pip's documentation of configuration, and uv's of environment variables.
"""

from __future__ import annotations

import configparser
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# pip's option: uv's variable, and what stands between several values.
VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "cert": ("SSL_CERT_FILE", ""),
    "client-cert": ("SSL_CLIENT_CERT", ""),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "timeout": ("UV_HTTP_TIMEOUT", ""),
    "retries": ("UV_HTTP_RETRIES", ""),
    "constraint": ("UV_CONSTRAINT", " "),
    "build-constraint": ("UV_BUILD_CONSTRAINT", " "),
    "no-binary": ("UV_NO_BINARY_PACKAGE", " "),
    "proxy": ("ALL_PROXY", ""),
}
# Options of the command, for which uv has no variable.
FLAGS = {"no-index": "--no-index", "pre": "--prerelease=allow"}


def uv_settings(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return uv's variables and options for what pip would go by. What is set for uv itself comes first."""
    options = pip_options(environment)
    variables: dict[str, str] = {}
    for option, (name, between) in VARIABLES.items():
        words = options.get(option, "").split()
        if words and name not in environment:
            variables[name] = between.join(words) if between else words[0]
    # pip takes these words for all packages or none.
    if variables.get("UV_NO_BINARY_PACKAGE") in (":all:", ":none:"):
        every = variables.pop("UV_NO_BINARY_PACKAGE") == ":all:"
        variables.update({"UV_NO_BINARY": "1"} if every else {})
    flags = [flag for option, flag in FLAGS.items() if is_true(options.get(option, ""))]
    return variables, flags


def pip_options(environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's options by their names: of its files, each over the one before, then of its variables."""
    options: dict[str, str] = {}
    for path in files(environment):
        # pip takes % as it stands.
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (OSError, UnicodeError, configparser.Error):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                options.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            options[name[len("PIP_") :].lower().replace("_", "-")] = value
    if "default-timeout" in options:
        options.setdefault("timeout", options["default-timeout"])
    return options


def files(environment: Mapping[str, str]) -> Iterable[str]:
    """Return pip's files, the one that counts least first."""
    home = environment.get("HOME") or os.path.expanduser("~")
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    settings = environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    found = ["/etc/pip.conf", os.path.join(home, ".pip", "pip.conf"), os.path.join(settings, "pip", "pip.conf")]
    return [*found, named] if named else found


def is_true(value: str) -> bool:
    """Tell whether pip takes a value as yes."""
    return value.strip().lower() in ("1", "true", "yes", "on")
