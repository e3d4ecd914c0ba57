"""What the words of another program mean: tables of (pattern, why it failed, what helps)."""

import re


def cause_of(table, text):
    """Why and what helps, of the first row whose pattern is in a text; None where none is.

    `{}` in both stands for what the pattern's group has found.
    """
    for pattern, why, helps in table:
        found = re.search(pattern, text)
        if found:
            part = next((group for group in found.groups() if group), "")
            return why.replace("{}", part), helps.replace("{}", part)
    return None
