"""A model file of a detector becomes what finds faces in photos as they are."""

from pathlib import Path
from typing import Any


def detector_model(
    file: Path,
    min_score: float,
    *,
    device: Any,
    fit: tuple[int, int] | None = None,
    zooms: tuple[float, ...] = (1.0,),
    mirror: bool = False,
    ratio: float | None = 1.0,
) -> Any:
    """A ``foveate.detect.finder.Finder``; see there for the arguments.

    Photos are made ``ratio`` times smaller first and as large again, by the preset that the model was trained under;
    None is the model's own degradation.

    Raises:
        RecipeError: a score that cannot be, or a model that finds no faces.
    """
    from foveate.degrade.by_ratio import ByRatio
    from foveate.degrade.sharp import Sharp
    from foveate.detect.decoding import Decoding
    from foveate.detect.finder import Finder
    from foveate.detect.tinaface import TinaFace
    from foveate.detection_scale import fit_of
    from foveate.errors import RecipeError
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    if not 0 < min_score < 1:
        raise RecipeError(f"--min-score is {min_score:g}", remedy="Give more than 0, and less than 1.")
    model = load_model(file)
    if not isinstance(model.network, TinaFace):
        remedy = "Name one that 'foveate train widerface_...' made."
        raise RecipeError(f"the model is a {type(model.network).__name__}, no detector", file=file, remedy=remedy)
    views = model.views
    if ratio is not None:
        preset = model.card["arguments"].get("preset", views.preset)
        views = views.with_degradation(Sharp() if ratio == 1 else ByRatio(ratio, preset))
    network = model.network.to(choose_device(str(device)))
    return Finder(
        network, views, Decoding(threshold=min_score, least_height=1.0), fit or fit_of(model.card), zooms, mirror
    )
