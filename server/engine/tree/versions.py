"""Versions of Node as the files of a tree write them."""

from __future__ import annotations

import re

# What `lts/NAME` in .nvmrc means.
LTS = {"fermium": 14, "gallium": 16, "hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24}
VERSION = re.compile(r"v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+].*)?")
COMPARED = re.compile(r"(>=|<=|>|<|=|\^|~)?\s*(v?\d[\w.*+-]*|[*xX])")


def numbers(text: str) -> tuple[int, ...] | None:
    """Return the numbers of a version, of `22.x` the first; None where it is no version."""
    found = VERSION.fullmatch(text.strip())
    return tuple(int(part) for part in found.groups() if part and part.isdigit()) if found else None


def satisfies(version: tuple[int, ...], wanted: str) -> bool | None:
    """Tell whether a version is one of a range, as `^20.17 || >=22.9`; None where the range is not understood.

    A whole version means that one or a later one of its first number: security updates count.
    """
    wanted = wanted.strip()
    if wanted.startswith("lts/"):
        number = LTS.get(wanted[4:].lower())
        return version[0] == number if number else (version[0] % 2 == 0 if wanted == "lts/*" else None)
    if wanted in ("", "*", "node", "latest", "stable", "current", "lts"):
        return True
    fits = [fits_all(version, part) for part in wanted.split("||")]
    return None if None in fits else any(fits)


def fits_all(version: tuple[int, ...], wanted: str) -> bool | None:
    """Tell whether a version fits each comparison of a part of a range."""
    # From - to.
    wanted = re.sub(r"(\S+)\s+-\s+(\S+)", r">=\1 <=\2", wanted.strip())
    if re.sub(COMPARED, "", wanted).strip(" ,"):
        return None
    fits = True
    for sign, text in COMPARED.findall(wanted):
        of = () if text in "*xX" else numbers(text)
        if of is None:
            return None
        fits = fits and compares(version, sign, of)
    return fits


def compares(version: tuple[int, ...], sign: str, of: tuple[int, ...]) -> bool:
    """Tell whether a version compares with another one, of which only some numbers may be said."""
    same = version[: len(of)]
    if sign in (">=", "<", ">", "<="):
        return {">=": same >= of, "<": same < of, ">": same > of, "<=": same <= of}[sign]
    if sign == "~":
        return version >= of and same[:2] == of[:2]
    return version >= of and same[:1] == of[:1]
