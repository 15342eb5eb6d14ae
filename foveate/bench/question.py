"""The frame of a benchmark: flags, what it measures, and a dated result file."""

import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import torch
import tyro

from foveate.bench.machine import stamp
from foveate.bench.timing import Candidate, Comparison, compare
from foveate.bench.trial import Trial
from foveate.degrade.preset import Preset
from foveate.files import finite, write_json
from foveate.precision import choose_device
from foveate.scale import FULL, Scale


@final
@dataclass(frozen=True)
class Settings:
    """How a benchmark is run; the defaults are those of the figures in docs/speed.md.

    Attributes:
        repeats: rounds; in each round every candidate runs once.
        out: folder of the result file.
        batch: faces a step.
        depth: of the IResNet.
        width: channels of its first stage.
        stem_stride: 2 makes the network four times cheaper.
        classes: identities of the head; 10,572 as in CASIA-WebFace.
        device: auto, cpu, cuda, ...
    """

    repeats: int = 5
    out: Path = Path("benchmarks/results")
    batch: int = 32
    depth: int = 50
    width: int = 64
    stem_stride: int = 1
    classes: int = 10_572
    device: str = "auto"

    @property
    def place(self) -> torch.device:
        """The device."""
        return choose_device(self.device)

    @property
    def scale(self) -> Scale:
        """The paper's scale with this network."""
        reduction = FULL.reduction if self.width >= FULL.width else 4
        own = {"depth": self.depth, "width": self.width, "stem_stride": self.stem_stride, "batch": self.batch}
        return dataclasses.replace(FULL, reduction=reduction, **own)

    def trial(self, preset: Preset = "released") -> Trial:
        """What recipes are built on; the plain path is what the released code does, so that is its preset."""
        return Trial(self.scale, preset, classes=self.classes, drawn=min(self.batch, self.classes))

    def compare(self, candidates: Mapping[str, Candidate]) -> Comparison:
        """Time candidates in turn, telling on standard error which one runs."""
        return compare(candidates, repeats=self.repeats, device=self.place, tell=_tell)


Measure = Callable[[Settings, Path], dict[str, Any]]
"""Measures in an empty folder; answers with JSON values: see ``foveate.bench.page`` for the keys it prints."""


def ask(
    name: str,
    question: str,
    measure: Measure,
    arguments: Sequence[str] | None = None,
    *,
    default: Settings | None = None,
) -> Path:
    """Run a benchmark with the flags of the command line and write its result.

    Args:
        name: of the benchmark's file, and of its result.
        question: what it answers.
        measure: does it.
        arguments: in place of the command line's.
        default: settings where the command line says nothing; those of docs/speed.md if absent.

    Returns:
        The result file.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    settings = tyro.cli(
        Settings, prog=f"python benchmarks/{name}.py", description=question, args=given, default=default or Settings()
    )
    with tempfile.TemporaryDirectory() as folder:
        found = measure(settings, Path(folder))
    known = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(settings).items()}
    result = finite({"name": name, "question": question, **stamp(), "settings": known, **found})
    file = settings.out / f"{name}.json"
    write_json(file, result)
    sys.stdout.write(
        json.dumps({key: found[key] for key in ("ratios", "ceilings", "agreements") if key in found}, indent=1) + "\n"
    )
    sys.stdout.write(f"{file}\n")
    return file


def ratio(
    found: Comparison, slow: str, fast: str, *, target: float | None = None, at_most: bool = False
) -> dict[str, Any]:
    """How many times as long ``slow`` takes as ``fast``, as JSON values, with what was aimed at."""
    return {"slow": slow, "fast": fast, **asdict(found.ratio(slow, fast)), "target": target, "at_most": at_most}


def ceiling(of: str, rate: float, most: float, limit: str, *, over: tuple[str, float] | None = None) -> dict[str, Any]:
    """A rate beside the most that the machine's limit allows, as JSON values.

    Args:
        of: which candidate.
        rate, most: items a second.
        limit: its name.
        over: another candidate and its rate: the largest ratio that is possible.
    """
    possible = None if over is None else {"over": over[0], "ratio": most / over[1]}
    return {"of": of, "rate": rate, "most": most, "limit": limit, "share": rate / most, "possible": possible}


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
