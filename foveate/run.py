"""How to run an experiment, and who watches."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, final, runtime_checkable

from foveate.errors import RecipeError
from foveate.precision import Precision, choose_precision


@runtime_checkable
class Watcher(Protocol):
    """Someone who wants to hear how training goes: a progress bar."""

    def step(self, step: int, total: int, record: dict[str, Any] | None) -> None: ...
    def say(self, text: str) -> None: ...


@final
class Silent:
    """A watcher who ignores all."""

    def step(self, step: int, total: int, record: dict[str, Any] | None) -> None:
        pass

    def say(self, text: str) -> None:
        pass


@dataclass(frozen=True)
class Run:
    """How to run an experiment; nothing here but ``seed``, ``precision``, ``cache`` and ``compile`` changes its result.

    Attributes:
        out: folder of the run.
        recipe, arguments: what made the experiment; recorded.
        seed: of all that is drawn by chance.
        device: ``auto``, ``cpu``, ``cuda``, ...
        precision: bf16 autocast, or float32; by default what is fast on the device that ``auto`` takes.
        workers: processes that decode images.
        resume: continue from the newest checkpoint in ``out`` if there is one.
        checkpoint_every: steps between checkpoints.
        log_every: steps between lines of ``log.jsonl``.
        tensorboard: also write TensorBoard's event files.
        cache: folder in which the teacher's answers are kept (``foveate.cache``); None to ask it in every step.
        compile: run the objective through ``torch.compile``. On CPU it was slower than without, and took minutes to
            begin; sums are ordered otherwise, so the last digits of a run change.
        watcher: hears of every step.
    """

    out: Path
    recipe: str = "custom"
    arguments: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    precision: Precision = field(default_factory=choose_precision)
    workers: int = 0
    resume: bool = False
    checkpoint_every: int = 200
    log_every: int = 20
    tensorboard: bool = False
    cache: Path | None = None
    compile: bool = False
    watcher: Watcher = field(default_factory=Silent)

    def __post_init__(self) -> None:
        for name, least in {"seed": 0, "workers": 0, "checkpoint_every": 1, "log_every": 1}.items():
            if getattr(self, name) < least:
                flag = name.replace("_", "-")
                raise RecipeError(f"--{flag} is {getattr(self, name)}", remedy=f"Give {least} or more.")
