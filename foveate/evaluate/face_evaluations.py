"""The evaluations that belong to test sets: verification of pairs, identification of probes."""

from collections.abc import Sequence

from foveate.data.identification_set import IdentificationSet
from foveate.data.open import TestSet
from foveate.data.pairs import VerificationPairs
from foveate.degrade.resize import Resize
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.faces import face_verifications
from foveate.evaluate.identify_faces import FaceIdentification
from foveate.evaluate.mode import Mode
from foveate.views import FaceViews


def face_evaluations(
    sets: Sequence[TestSet],
    views: FaceViews,
    size: int,
    *,
    modes: Sequence[Mode] = ("LR-LR",),
    resize: Resize | None = None,
) -> tuple[Evaluation, ...]:
    """One evaluation or more for each set, pairs first.

    Args:
        sets: test sets.
        views: what the network sees; pairs are degraded, and judged at each degradation by itself if there are several.
        size: side of the network's faces in pixels.
        modes: which photo of each pair is degraded; each mode is judged by itself.
        resize: how faces of other sizes (identification, native pairs) are enlarged; by default as the views' preset
            does it: bicubic in ``paper``, nearest neighbour in ``released``.
    """
    way: Resize = resize or ("nearest" if views.preset == "released" else "bicubic")
    pairs = [each for each in sets if isinstance(each, VerificationPairs)]
    others = [each for each in sets if isinstance(each, IdentificationSet)]
    found = (FaceIdentification(each, views, size, each.name, way) for each in others)
    return (*face_verifications(pairs, views, size, modes=modes, resize=way), *found)
