"""Are the faces of a test set like those a network was trained on?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from foveate.data.open import TestSet
from foveate.doctor.alignment import Alignment, alignment
from foveate.doctor.colour import Colour, colour
from foveate.doctor.finding import Finding
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import SIDE, Survey, survey
from foveate.doctor.together import other_alignment, other_colours
from foveate.doctor.write_manifest import SAMPLE


@final
class Comparable:
    """A test set, ready to be compared with what models know of their training sets; looked at when first asked.

    Args:
        test: the set.
        path: where it comes from.
    """

    def __init__(self, test: TestSet, path: Path) -> None:
        self._pictures = Pictures.of_test(test, path)
        self._seen: tuple[Colour, Alignment | None] | None = None

    def differences(self, card: Mapping[str, Any]) -> list[Finding]:
        """Colour order and alignment that differ from those of the training set.

        Args:
            card: of a model; without a manifest of its data (key ``data``) there is nothing to compare.
        """
        known = card.get("data")
        if not known or known["colour"] is None or known["alignment"] is None:
            return []
        if self._seen is None:
            self._seen = _look(survey(self._pictures.sample(SAMPLE)))
        colours, eyes = self._seen
        title, order = self._pictures.title, known["colour"]["order"]
        found = [other_colours(title, order, colours.order)]
        if eyes is not None:
            found.append(other_alignment(title, Alignment.from_json(known["alignment"]), eyes))
        return [finding for finding in found if finding is not None]


def _look(seen: Survey) -> tuple[Colour, Alignment | None]:
    """Raw faces of identification sets, of any size, have no alignment to compare."""
    raw = (seen.size[seen.readable] != SIDE).any()
    return colour(seen), None if raw else alignment(seen)
