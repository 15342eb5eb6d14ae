"""What an image costs in a finished run's training, counted anew from its card."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.bench.trial import Trial, experiment
from foveate.errors import CheckpointError
from foveate.flops import training_work
from foveate.photo_scale import PhotoScale
from foveate.scale import Scale


def training_gflops(card: Mapping[str, Any]) -> float:
    """10^9 floating-point operations for one image: student forwards and backwards, teacher forwards, head, distillers.

    The run's recipe is built at the run's scale with its own default flags, on drawn images.

    Args:
        card: a run's ``run.json``.

    Raises:
        CheckpointError: the card does not say how large the run was.
        RecipeError: this version has no such recipe.
    """
    try:
        known, classes = card["arguments"], int(card["classes"]["number"])
        sizes: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in known["scale"].items()
        }
        kind = PhotoScale if "least" in sizes else Scale
        trial = Trial(kind(**sizes), known["preset"], classes, attention=known.get("attention", "cbam"))
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the run's card does not say its size ({error})", remedy="Run it again.") from error
    with tempfile.TemporaryDirectory() as folder:
        made = experiment(str(card["recipe"]), trial, Path(folder))
        return training_work(made.objective, made.teacher, size=made.size, batch=made.batch).flops / made.batch / 1e9
