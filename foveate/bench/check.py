"""Is a prediction right? A step predicted from the machine's limits and another network's step, against the clock."""

import dataclasses
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import torch

from foveate.bench.fast import fast_step
from foveate.bench.limits import Limits, measure_limits
from foveate.bench.machine import stamp
from foveate.bench.timing import Candidate, compare
from foveate.bench.trial import Trial, batch_of, experiment
from foveate.flops import training_work
from foveate.precision import Precision, choose_precision


@final
@dataclass(frozen=True)
class Checked:
    """Attributes:
    head: machine, versions and date.
    limits: measured before anything else.
    precision: of both steps: what is fast here.
    learnt_on: the other configuration.
    utilisation: share of the limits that a step of it reached.
    predicted, measured: seconds of a step of the recipe; measured is the median.
    least, most: range of the measured repeats.
    """

    head: dict[str, Any]
    limits: Limits
    precision: Precision
    learnt_on: str
    utilisation: float
    predicted: float
    measured: float
    least: float
    most: float

    @property
    def error(self) -> float:
        """How much longer the prediction is than the measurement, as a share of it; negative where it is shorter."""
        return self.predicted / self.measured - 1

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        known = asdict(self)
        return {**known.pop("head"), **known, "error": self.error}


def check(
    recipe: str,
    trial: Trial,
    folder: Path,
    *,
    batch: int = 16,
    repeats: int = 3,
    tell: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Predict the step of a recipe on this CPU, then measure it.

    The share of the limits that a step reaches is learnt on another configuration: the recipe base, a network of
    another depth.

    Args:
        recipe: whose step is predicted.
        trial: its scale and preset.
        folder: an empty folder.
        batch: faces a step.
        repeats: of both measurements.
        tell: hears what runs now.
    """
    tell("limits")
    limits, precision = measure_limits(), choose_precision(device=torch.device("cpu"))
    depth = 34 if trial.scale.depth == 18 else 18
    other = dataclasses.replace(trial, scale=dataclasses.replace(trial.scale, depth=depth))
    tell(f"a step of base with depth {depth}")
    ideal, seconds = _step("base", other, folder / "other", limits, precision, batch, repeats)
    utilisation = ideal / statistics.median(seconds)
    tell(f"a step of {recipe}")
    ideal, seconds = _step(recipe, trial, folder / "own", limits, precision, batch, repeats)
    return Checked(
        head=stamp(),
        limits=limits,
        precision=precision,
        learnt_on=f"base, depth {depth}, batch {batch}",
        utilisation=utilisation,
        predicted=ideal / utilisation,
        measured=statistics.median(seconds),
        least=min(seconds),
        most=max(seconds),
    )


def _step(
    recipe: str, trial: Trial, folder: Path, limits: Limits, precision: Precision, batch: int, repeats: int
) -> tuple[float, tuple[float, ...]]:
    """Seconds of a step at the limits, and measured."""
    made = experiment(recipe, trial, folder)
    work = training_work(made.objective, made.teacher, size=made.size, batch=batch, precision=precision)
    step = fast_step(made, batch_of(trial, batch), precision=precision)
    taken = compare({recipe: Candidate(step, batch)}, repeats=repeats).durations[recipe]
    return work.seconds(limits.matrix(precision), limits.bandwidth), taken.seconds
