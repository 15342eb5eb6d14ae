"""What a trial reached on the people, or photos, that it held out."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from foveate.errors import DataError
from foveate.search.search import Measure

_KEYS: Final = ("authors", "top1", "average_precision")


def value_of(folder: Path, measure: Measure) -> float:
    """The measure of a finished run, as a share; the mean where it was judged at several degradations of its own.

    The accuracy of photos of objects is top-1, that of a detector its average precision.

    Raises:
        DataError: its results do not hold it.
    """
    file = folder / "results.json"
    results = json.loads(file.read_text())
    answers = [answer for answer in results["evaluations"].values() if any(key in answer for key in _KEYS)]
    # Photos are judged at other resolutions, too: those that the run was trained for count alone.
    trained = results.get("degradations", [results.get("degradation")])
    own = [answer for answer in answers if answer.get("degradation") in trained]
    found = [_measured(answer, measure) for answer in own or answers]
    values = [value for value in found if value is not None]
    if not values or len(values) < len(found):
        raise DataError(
            f"the run has no {measure} on people held out",
            file=file,
            remedy="Hold out more identities (--hold-out), with two images each; of photos ask for --measure accuracy.",
        )
    return fmean(values)


def _measured(answer: dict[str, Any], measure: Measure) -> float | None:
    if "authors" not in answer:
        one = answer["top1"] if "top1" in answer else next(iter(answer["average_precision"].values()))
        return one if measure == "accuracy" else None
    if measure == "accuracy":
        return answer["authors"]["accuracy"]
    return answer["all_pairs"] and answer["all_pairs"]["auc"]
