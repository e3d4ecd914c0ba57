"""The variables that a settings model of pydantic lacks.

Run by a release's own Python, as part of run_django.py, after an error of the application.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def variables_of_model(error: Any) -> Iterator[str]:
    """Find the variables of the fields that a model's error is of, and of those that its sentences name."""
    model = model_of(error) if type(error).__name__ == "ValidationError" and hasattr(error, "errors") else None
    if model is None:
        return
    fields: dict[str, Any] = getattr(model, "model_fields", None) or model.__fields__
    for each in error.errors():
        for name in [*re.findall(r"\w+", each["msg"]), str(each["loc"][0]) if each["loc"] else ""]:
            if name in fields:
                yield variable_of(model, name, fields[name])
            elif each["loc"] and name == each["loc"][0]:
                # A field that is called otherwise outside.
                yield name.upper()


def model_of(error: Any) -> Any:
    """Return the class of settings whose values are not right, None where it is a model of something else."""
    found = [getattr(error, "model", None)]
    traceback = error.__traceback__
    while traceback is not None:
        # Version 2 of pydantic does not tell it by the error.
        own = traceback.tb_frame.f_locals
        found += [type(own[name]) for name in ("self", "__pydantic_self__") if name in own]
        traceback = traceback.tb_next
    bases = [(each, {base.__name__ for base in getattr(each, "__mro__", ())}) for each in found]
    return next((each for each, names in bases if {"BaseSettings", "BaseModel"} <= names), None)


def variable_of(model: Any, name: str, field: Any) -> str:
    """Return the variable that a field is read from."""
    if hasattr(field, "field_info"):
        # Version 1.
        return min(field.field_info.extra.get("env_names") or [name]).upper()
    alias = getattr(field, "validation_alias", None)
    if isinstance(alias, str):
        return alias.upper()
    return f"{model.model_config.get('env_prefix', '')}{name}".upper()
