# lakebase-swift · Apache License 2.0 · see LICENSE
"""Texts with everything taken out that is not known to be public.

What is kept of a text are words that the SDK's sources or these tests have, all the rest becomes {}; and of these again
those go that are part of the names, addresses and ids that the run knows of.
"""

import re
from functools import cache
from pathlib import Path

import databricks.sdk

GAP = "{}"
LONGEST = 400
WORD = re.compile(r"[A-Za-z]{2,20}")
# Pieces between white space, brackets and the marks of a sentence, each of which is kept or goes as a whole.
PIECE = re.compile(r"[^\s()\[\]{},;\"]+")
EDGE = "'.:!?=<>"


@cache
def _vocabulary():
    tests = [file for file in Path(__file__).parents[1].rglob("*.py") if "live" not in file.parts]
    words = set()
    for file in [*tests, *Path(databricks.sdk.__file__).parent.rglob("*.py")]:
        words.update(WORD.findall(file.read_text(encoding="utf-8")))
    return {word.lower() for word in words} | set("abcdefghijklmnopqrstuvwxyz")


def is_public(name):
    """Whether the name of a field, or a code, is made of words that are public, with at most two digits behind one."""
    parts = re.split(r"[_@$:/-]|(?<=[a-z])(?=[A-Z])", name)
    return all(part == "" or re.sub(r"[0-9]{1,2}$", "", part).lower() in _vocabulary() for part in parts)


def skeleton(text):
    """The words of a text that anybody may read."""
    said = " ".join(text[: LONGEST * 4].split())
    return re.sub(r"\{\}([^A-Za-z]{0,3}\{\})+", GAP, PIECE.sub(_piece, said))[:LONGEST]


def _piece(match):
    piece = match[0]
    core = piece.strip(EDGE)
    if core == "" or all(part == "" or part.lower() in _vocabulary() for part in re.split(r"[_:='.]", core)):
        return piece
    return piece.replace(core, GAP)


class Known:
    """What is known to be the workspace's own: hosts, names, addresses, ids, secrets."""

    def __init__(self, values):
        whole = {value for value in values if len(value) >= 3}
        parts = {part for value in whole for part in re.split(r"[^A-Za-z0-9]+", value) if len(part) >= 3}
        # Parts that every workspace's host has, and every run's prefix, say nothing.
        parts -= set("http https www com net org cloud databricks azuredatabricks gcp lakebase interop".split())
        ordered = sorted(whole | parts, key=len, reverse=True)
        alternatives = "|".join(re.escape(value) for value in ordered)
        self._pattern = (
            re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives})(?![A-Za-z0-9])", re.IGNORECASE) if ordered else None
        )
        self._whole = sorted(whole)

    def without(self, text):
        """The text with {} for what is known."""
        return self._pattern.sub(GAP, text) if self._pattern else text

    def leaks(self, text):
        """The known values that are in a text nevertheless."""
        return [value for value in self._whole if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)]
