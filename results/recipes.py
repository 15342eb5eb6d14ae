"""Write into every recipe's docstring its command, its cost, and what the studies beside this script found with it.

python results/recipes.py
"""

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from foveate.files import write_bytes

HERE: Final = Path(__file__).resolve().parent
RECIPES: Final = HERE.parent / "foveate" / "recipes"

STUDIES: Final = ("faces/table1", "objects/table4", "detection/table5")
"""Those whose rows are recipes with their default flags."""

SHARES: Final = {"sets": "accuracy", "classification": "top1", "detection": "precision"}
"""Where a study's numbers stand, and what they are."""

UNITS: Final = {"sets": "a face", "classification": "a photo", "detection": "a photo"}


def paragraph(recipe: str) -> str:
    """What a recipe's docstring says after its first paragraph."""
    needs = "" if recipe.endswith("teacher") else " --ratio R" if recipe.endswith("base") else " --ratio R --teacher T"
    words = [f"``foveate train {recipe} --data DATA{needs}``."]
    found = [text for study in STUDIES for text in _found(recipe, study)]
    return " ".join([*words, *(found or ["No study has run it yet."])])


def _found(recipe: str, study: str) -> Iterator[str]:
    file = HERE / f"{study}-numbers.json"
    numbers = json.loads(file.read_text()) if file.is_file() else {}
    for kind, share in SHARES.items():
        told = [text for each in numbers.get(kind, ()) if (text := _set(recipe, each, share, numbers["teacher"]))]
        if told:
            costs = json.loads((file.parent / "work.json").read_text())
            rows = [f"{row['group']}/{row['name']}" for row in numbers[kind][0]["rows"] if _is_of(row, recipe)]
            work = costs.get("1x/teacher" if recipe == numbers["teacher"] else rows[0])
            cost = "" if work is None else f"{work:.3g} GFLOP {UNITS[kind]} in training at --scale small. "
            yield f"{cost}Found ({study}.md in results): {'; '.join(told)}."


def _is_of(row: dict[str, Any], recipe: str) -> bool:
    """Whether a row is of a recipe with its default flags."""
    return row["recipe"] == recipe and recipe.endswith(row["name"])


def _set(recipe: str, found: dict[str, Any], share: str, teacher: str) -> str:
    """``celeba_held 80.8 % at 8x (+1.7 over base, 5 seeds), 82.0 % at 4x (+0.9 over base, 5 seeds)``."""
    if " at " in found["set"]:  # photos at further resolutions
        return ""
    if recipe == teacher:
        return f"{found['set']} {_percent(found['ceiling'], share)} %"
    told = [
        f"{_percent(row, share)} % at {row['group']} ({_gain(row)}{_seeds(len(row['seeds']))})"
        for row in found["rows"]
        if _is_of(row, recipe)
    ]
    return f"{found['set']} {', '.join(told)}" if told else ""


def _gain(row: dict[str, Any]) -> str:
    paired = row.get("paired") or {}
    gain = paired if "difference" in paired else next(iter(paired.values()), None)
    return "" if not gain else f"{100 * gain['difference']['mean']:+.1f} over base, "


def _seeds(number: int) -> str:
    return f"{number} seeds" if number > 1 else "one seed"


def _percent(row: dict[str, Any], share: str) -> str:
    value = row.get(share, row)  # of detectors the ceiling is by level already
    value = value if "mean" in value else next(iter(value.values()))
    return f"{100 * value['mean']:.1f}"


def told(source: str, recipe: str) -> str:
    """A recipe's source with that paragraph in the docstring of its function."""
    own = textwrap.fill(paragraph(recipe), width=120, initial_indent="    ", subsequent_indent="    ", **_WHOLE)
    before, docstring, after = re.split(rf'(def {recipe}\(.*?""".*?""")', source, maxsplit=1, flags=re.DOTALL)
    first, *others = docstring.split("\n\n")
    kept = [text for text in others if not text.lstrip().startswith("``foveate train")]
    return before + "\n\n".join([first, own, *kept]) + after


_WHOLE: Final[dict[str, Any]] = {"break_long_words": False, "break_on_hyphens": False}


if __name__ == "__main__":
    for file in sorted(RECIPES.glob("[a-z]*.py")):
        before = file.read_text()
        after = told(before, file.stem)
        if after != before:
            write_bytes(file, after.encode())
            sys.stdout.write(f"{file.name}\n")
