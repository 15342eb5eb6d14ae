"""What an image costs in a finished run's training, counted anew from its card."""

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from foveate.bench.trial import Trial, experiment
from foveate.blueprint import build
from foveate.detection_scale import DetectionScale
from foveate.errors import CheckpointError, RecipeError
from foveate.flops import network_work, training_work
from foveate.photo_scale import PhotoScale
from foveate.scale import Scale

_KINDS: Final[dict[str, Any]] = {"least": PhotoScale, "rows": DetectionScale}
"""Scales by a flag that no other has."""


_FEW: Final = 2  # BatchNorm cannot be trained on one


def training_gflops(card: Mapping[str, Any]) -> float:
    """10^9 floating-point operations for one image: student forwards and backwards, teacher forwards, head, distillers.

    The run's recipe is built at the run's scale with its own default flags, on drawn images. A teacher whose card does
    not say its size counts as one of the student's. Of a head that samples its
    class centres all are counted, and what ``--recompute`` computes twice is counted once.

    Args:
        card: a run's ``run.json``.

    Raises:
        CheckpointError: the card does not say how large the run was.
        RecipeError: this version has no such recipe.
    """
    try:
        scale = _scale(card)
        if isinstance(scale, DetectionScale):
            return _detector_gflops(card, scale.size)
        trial = _trial(card, scale, int(card["classes"]["number"]))
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the run's card does not say its size ({error})", remedy="Run it again.") from error
    with tempfile.TemporaryDirectory() as folder:
        made = experiment(str(card["recipe"]), trial, Path(folder))
        work = training_work(made.objective, made.teacher, size=made.size, batch=made.batch).flops
        own = _teacher(card, trial, Path(folder) / "teacher") if made.teacher is not None else None
        if made.teacher is not None and own is not None:  # it was built as large as the student
            for sign, network in ((1, own), (-1, made.teacher.network)):
                work += sign * network_work(network, size=made.size, batch=made.batch, backward=False).flops
        return work / made.batch / 1e9


def _trial(card: Mapping[str, Any], scale: Any, classes: int) -> Trial:
    known = card["arguments"]
    more = {"attention": known.get("attention", "cbam"), "sites": known.get("sites", "block")}
    return Trial(scale, known["preset"], classes, **more)


def _teacher(card: Mapping[str, Any], trial: Trial, folder: Path) -> nn.Module | None:
    """The network of the run's teacher; None if its card does not say what that is (imported weights)."""
    folder.mkdir()
    try:
        theirs = _trial(card["teacher"], _scale(card["teacher"]), trial.classes)
        return experiment(str(card["teacher"]["recipe"]), theirs, folder).objective.network
    except (KeyError, TypeError, RecipeError):
        return None


def _scale(card: Mapping[str, Any]) -> Any:
    """The size of a run, by its card."""
    known = card["arguments"]["scale"]
    sizes: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    kind = next((each for key, each in _KINDS.items() if key in sizes), Scale)
    plain = {"recompute": False, "sample": None} if kind is Scale else {}
    return dataclasses.replace(kind(**sizes), **plain)


def _detector_gflops(card: Mapping[str, Any], size: int) -> float:
    """Of student and teacher; losses and distillers, whose work is thousands of times less, are not counted."""
    with torch.device("meta"):
        network = build(card["network"])
    work = network_work(network, size=size, batch=_FEW, backward=True).flops
    if "teacher" in card:
        work += network_work(network, size=size, batch=_FEW, backward=False).flops
    return work / _FEW / 1e9
