"""Which map of the student is compared with which map of the teacher."""

from collections.abc import Callable, Sequence
from typing import Literal

from foveate.errors import RecipeError
from foveate.taps import Caught

Match = Literal["block", "stage"]
"""Maps of the same place in two equal networks, or the last of each stage and kind in two that may differ."""

Pairs = list[tuple[Caught, Caught]]


def matched(student: Sequence[Caught], teacher: Sequence[Caught], match: Match, kind: Callable[[Caught], str]) -> Pairs:
    """Pair the maps of two networks.

    Args:
        student, teacher: what a glob caught in each, in order.
        match: how.
        kind: of a map; only maps of one kind are compared.

    Raises:
        RecipeError: there is nothing to pair a map with.
    """
    if match == "block":
        if len(student) != len(teacher):
            raise RecipeError(
                f"the student has {len(student)} attention maps, the teacher {len(teacher)}",
                remedy="Use equal networks, or, for photos, compare the last of each stage (--match stage).",
            )
        return list(zip(student, teacher, strict=True))
    ours, theirs = ({(call.stage, kind(call)): call for call in calls} for calls in (student, teacher))
    alone = [f"{name} ({what})" for name, what in sorted(ours.keys() ^ theirs.keys())]
    if alone:
        raise RecipeError(
            f"only one of student and teacher has attention maps in {', '.join(alone)}",
            remedy="Choose networks with the same stages and the same kind of attention.",
        )
    return [(ours[place], theirs[place]) for place in ours]
