"""What a face costs in a finished run's training, counted anew from its card."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.bench.trial import Trial, experiment
from foveate.errors import CheckpointError
from foveate.face_task import SIZE
from foveate.flops import training_work
from foveate.scale import Scale


def training_gflops(card: Mapping[str, Any]) -> float:
    """10^9 floating-point operations for one face: student forwards and backwards, teacher forwards, head, distillers.

    The run's recipe is built at the run's scale with its own default flags, on drawn faces.

    Args:
        card: a run's ``run.json``.

    Raises:
        CheckpointError: the card is not one of a run on faces.
        RecipeError: this version has no such recipe.
    """
    try:
        known, classes = card["arguments"], int(card["classes"]["number"])
        sizes: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in known["scale"].items()
        }
        trial = Trial(Scale(**sizes), known["preset"], classes)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the run's card is not one of faces ({error})", remedy="Run it again.") from error
    with tempfile.TemporaryDirectory() as folder:
        made = experiment(str(card["recipe"]), trial, Path(folder))
        return training_work(made.objective, made.teacher, size=SIZE, batch=made.batch).flops / made.batch / 1e9
