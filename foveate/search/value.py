"""What a trial reached on the people it held out."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

from foveate.errors import DataError
from foveate.search.search import Measure


def value_of(folder: Path, measure: Measure) -> float:
    """The measure of a finished run, as a share; the mean where it was judged at several degradations.

    Raises:
        DataError: its results do not hold it.
    """
    file = folder / "results.json"
    answers = json.loads(file.read_text())["evaluations"].values()
    found = [_measured(answer, measure) for answer in answers if "authors" in answer]
    values = [value for value in found if value is not None]
    if not values or len(values) < len(found):
        raise DataError(
            f"the run has no {measure} on people held out",
            file=file,
            remedy="Hold out more identities (--hold-out), each with two images or more.",
        )
    return fmean(values)


def _measured(answer: dict[str, Any], measure: Measure) -> float | None:
    if measure == "accuracy":
        return answer["authors"]["accuracy"]
    return answer["all_pairs"] and answer["all_pairs"]["auc"]
