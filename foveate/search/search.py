"""A search: a recipe, the settings to vary, and the runs that come of them.

The paper found its weight of 5 like this: random search on 20 % of the training set, then training on everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, final

from foveate.errors import RecipeError
from foveate.search.trial import Trial
from foveate.search.vary import Value, Vary
from foveate.study.jobs import Job

Measure = Literal["auc", "accuracy"]

BEST: Final = "best"
"""Name of the run with the best settings on all identities, and of its folder."""

MARK: Final = "trial.json"
"""Says, in that folder, whose settings the run has."""

_OWN: Final = ("out", "tune", "resume", "json")
"""Flags of a run that the search sets itself."""


@final
@dataclass(frozen=True)
class Search:
    """What is searched, and how.

    Attributes:
        recipe: that every trial runs.
        out: folder of the trials.
        vary: the settings.
        flags: of ``foveate train`` for every run: data, scale, preset.
        trial_flags: for trials alone, beside those: fewer epochs, a teacher that never saw the people held out.
        seed: of the settings that are drawn; what a run draws follows its own ``--seed``.
        measure: what makes a trial good, on the training identities it holds out: the area under the curve over all
            pairs of their images, or the accuracy in the authors' protocol.
        hold_out: share of the identities that trials hold out.
    """

    recipe: str
    out: Path
    vary: tuple[Vary, ...]
    flags: tuple[str, ...] = ()
    trial_flags: tuple[str, ...] = ()
    seed: int = 0
    measure: Measure = "auc"
    hold_out: float = 0.2

    def __post_init__(self) -> None:
        names = [item.name for item in self.vary]
        if not names or len({*names}) < len(names):
            raise RecipeError("a search varies one setting or more, each once", remedy="Say --vary weight=0.5:50:log.")
        if not 0 < self.hold_out < 1:
            raise RecipeError(f"--hold-out is {self.hold_out}", remedy="Give a share between 0 and 1.")
        given = (*self.flags, *self.trial_flags)
        if "+" in given:
            raise RecipeError("a search runs one recipe", remedy="Leave out the + and what follows it.")
        words = {word.partition("=")[0].removeprefix("--").replace("_", "-") for word in given if word[:2] == "--"}
        clash = sorted(words & {*names, *_OWN} | {*names} & {*_OWN, "hold-out"})
        if clash:
            raise RecipeError(f"the search itself sets --{clash[0]}", remedy="Leave it out of the other flags.")

    def trial(self, trial: Trial) -> Job:
        """The run of a trial: it judges people held out of training, and looks at no test set."""
        held = ("--tune", "--hold-out", str(self.hold_out))
        return self._job(trial.name, (*self.trial_flags, *held), trial.settings)

    def best(self, settings: Mapping[str, Value]) -> Job:
        """The run on all identities, judged on the test sets."""
        return self._job(BEST, (), settings)

    def _job(self, name: str, flags: tuple[str, ...], settings: Mapping[str, Value]) -> Job:
        folder = self.out / name
        chosen = (f"--{flag}={value}" for flag, value in settings.items())
        own = ("--out", str(folder), "--resume", "--log-every", "50")
        return Job(name, folder, ("train", self.recipe, *self.flags, *flags, *chosen, *own))

    @property
    def setting(self) -> dict[str, Any]:
        """What decides the trials, as JSON values."""
        return {
            "recipe": self.recipe,
            "vary": sorted(item.text for item in self.vary),
            "flags": list(self.flags),
            "trial_flags": list(self.trial_flags),
            "seed": self.seed,
            "measure": self.measure,
            "hold_out": self.hold_out,
        }
