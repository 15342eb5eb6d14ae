"""Names and numbers as people read them: recipes, degradations, percentages with their intervals, durations."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

RECIPES: Final = {
    "teacher": "Teacher (1x)",
    "base": "Base",
    "askd": "A-SKD",
    "askd_kd": "A-SKD+KD",
    "imagenet_teacher": "Teacher (1x)",
    "imagenet_base": "Base",
    "imagenet_kd": "KD",
    "imagenet_at": "AT+KD",
    "imagenet_rkd": "RKD+KD",
    "imagenet_askd": "A-SKD",
    "imagenet_askd_kd": "A-SKD+KD",
    "widerface_teacher": "Teacher (1x)",
    "widerface_base": "Base",
    "widerface_askd": "A-SKD",
    "imagenet_vit_askd": "A-SKD+KD of tokens",
}
SETS: Final = {
    "lfw": "LFW",
    "agedb_30": "AgeDB-30",
    "cfp_fp": "CFP-FP",
    "cfp_ff": "CFP-FF",
    "calfw": "CALFW",
    "cplfw": "CPLFW",
    "tinyface": "TinyFace",
    "tinyface_aligned": "TinyFace, aligned",
    "scface_d1": "SCface, 4.20 m",
    "scface_d2": "SCface, 2.60 m",
    "scface_d3": "SCface, 1.00 m",
    "survface_verification": "QMUL-SurvFace, verification",
    "survface_identification": "QMUL-SurvFace, identification",
}
PHOTO_SETS: Final = {"cmu_mit": "CMU+MIT"}
"""Sets for detectors, which have no protocol of pairs."""

NOTHING: Final = "\N{EN DASH}"


def recipe_name(recipe: str) -> str:
    return RECIPES.get(recipe, recipe)


def set_name(name: str) -> str:
    return {**SETS, **PHOTO_SETS}.get(name, name)


def view_name(degradation: str, size: int | None) -> str:
    """``paper 14px`` of a face of 112 pixels -> ``8x (14 px)``, unbroken before px; ``paper 4x``, which is of photos of
    any size, -> ``4x``; other titles stay as they are."""
    if degradation == "sharp":
        return "1x (sharp)"
    if times := re.fullmatch(r"(paper|released) ([\d.]+x)", degradation):
        return times[2] + (" (released)" if times[1] == "released" else "")
    found = re.fullmatch(r"(paper|released) (\d+)px", degradation)
    if found is None or size is None:
        return degradation
    preset = ", released" if found[1] == "released" else ""
    return f"{size / max(1, int(found[2])):.3g}x ({found[2]}\u00a0px{preset})"


def percent(share: float | None, digits: int = 2) -> str:
    """A share as a percentage, without its sign: the heading of a column carries the unit."""
    return NOTHING if share is None else f"{100 * share:.{digits}f}"


def bounds(estimate: Mapping[str, Any], digits: int = 2) -> str:
    """``[70.12, 72.30]`` in percent, or nothing where one value says nothing of the spread."""
    if estimate["low"] is None or estimate["high"] is None:
        return ""
    return f"[{percent(estimate['low'], digits)}, {percent(estimate['high'], digits)}]"


def decimal(value: float | None) -> str:
    """A correlation with its sign."""
    return NOTHING if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def duration(seconds: float | None) -> str:
    """Seconds as s, min or h."""
    if seconds is None:
        return NOTHING
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def seeds(numbers: Sequence[Any]) -> str:
    """``0–2, 5``: runs of three and more whole numbers are drawn together; ``seed 3`` of one, which is no count."""
    if len(numbers) == 1:
        return f"seed {numbers[0]}"
    parts: list[list[Any]] = []
    for number in numbers:
        follows = parts and isinstance(number, int) and isinstance(parts[-1][-1], int) and number == parts[-1][-1] + 1
        if follows:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}{NOTHING}{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)


def enumeration(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def flags(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Arguments by the names of their flags: groups such as ``scale`` have no name on the command line."""
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from flags(value)
        else:
            yield name.replace("_", "-"), value


def command(card: Mapping[str, Any]) -> str:
    """The command line that repeats a run, quoted for a shell."""
    words = ["foveate", "train", str(card["recipe"])]
    given = {name: value for name, value in card["arguments"].items() if value != []}  # defaults, but inside of a scale
    for name, value in flags(given):
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        elif isinstance(value, list):
            words += [f"--{name}", *map(str, value)]
        elif value is not None:
            words += [f"--{name}", str(value)]
    words += ["--seed", str(card["seed"])]
    if isinstance(card.get("precision"), str):
        words += ["--precision", card["precision"]]
    if card.get("teacher_cache"):  # what a teacher said in float16 gives other numbers than the teacher itself
        words += ["--cache", "cache"]
    words += ["--compile"] if card.get("compile") else []
    return shlex.join(words)
