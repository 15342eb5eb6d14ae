"""What a search tried and what came of it, kept by Optuna (Akiba et al., KDD 2019) in a SQLite file.

Random search (Bergstra and Bengio, JMLR 2012): a trial's settings depend on the seed and its number alone. So they are
all recorded before anything runs, and neither interruptions nor trials side by side change them.
"""

import warnings
from typing import Any, Final, final

from foveate.chance import integer
from foveate.errors import RecipeError
from foveate.search.search import Search
from foveate.search.trial import State, Trial
from foveate.search.vary import Value, Vary

FILE: Final = "search.db"

_STATES: Final[dict[str, State]] = {"COMPLETE": "done", "FAIL": "failed"}


@final
class Ledger:
    """The Optuna study of a search, called ``search``.

    Args:
        search: what is searched; its folder holds the file.

    Raises:
        RecipeError: Optuna is not installed, or the file is that of another search.
    """

    def __init__(self, search: Search) -> None:
        self._optuna, self.search = _optuna(), search
        search.out.mkdir(parents=True, exist_ok=True)
        file = (search.out / FILE).resolve()
        self._study = self._optuna.create_study(
            storage=f"sqlite:///{file}", study_name="search", direction="maximize", load_if_exists=True
        )
        now = search.setting
        was = self._study.user_attrs.get("setting", now)
        differ = [key for key in now if was.get(key) != now[key]]
        if differ:
            raise RecipeError(
                "; ".join(f"the search was begun with {key} {was.get(key)}, not {now[key]}" for key in differ),
                file=file,
                remedy="Go on with the same flags, or choose another --out.",
            )
        self._study.set_user_attr("setting", now)

    def begin(self, count: int) -> None:
        """Record the settings of the first ``count`` trials; one that failed gets a new row with the same settings."""
        rows = self._rows()
        space = {item.name: self._distribution(item) for item in sorted(self.search.vary, key=lambda item: item.name)}
        for number in range(count):
            row = rows.get(number)
            if row is None or row.state.name == "FAIL":
                self._study.add_trial(
                    self._optuna.trial.create_trial(
                        state=self._optuna.trial.TrialState.RUNNING,
                        params=self._drawn(number, space),
                        distributions=space,
                        user_attrs={"trial": number},
                    )
                )

    def trials(self, count: int) -> tuple[Trial, ...]:
        """The first ``count`` trials as they stand."""
        rows = self._rows()
        return tuple(
            Trial(number, row.params, _STATES.get(row.state.name, "begun"), row.value)
            for number, row in sorted(rows.items())
            if number < count
        )

    def finish(self, number: int, value: float) -> None:
        """A trial is done."""
        self._study.tell(self._rows()[number].number, value)

    def fail(self, number: int) -> None:
        """A trial's run ended without a result."""
        self._study.tell(self._rows()[number].number, state=self._optuna.trial.TrialState.FAIL)

    def _rows(self) -> dict[int, Any]:
        """The newest row of each trial."""
        return {row.user_attrs["trial"]: row for row in self._study.get_trials(deepcopy=False)}

    def _drawn(self, number: int, space: dict[str, Any]) -> dict[str, Value]:
        seed = integer("search", self.search.seed, number) % 2**32
        alone = self._optuna.create_study(sampler=self._optuna.samplers.RandomSampler(seed))
        return alone.ask(space).params

    def _distribution(self, vary: Vary) -> Any:
        kinds = self._optuna.distributions
        if vary.choices:
            return kinds.CategoricalDistribution(vary.choices)
        whole = isinstance(vary.low, int)
        kind = kinds.IntDistribution if whole else kinds.FloatDistribution
        return kind(vary.low, vary.high, log=vary.log)


def _optuna() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what Optuna itself imports
            import optuna
    except ImportError as error:
        raise RecipeError("Optuna is not installed", remedy="pip install 'foveate[search]'.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
