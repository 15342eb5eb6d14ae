"""Running the trials of a search: each in a process of its own, its value recorded as soon as it is done."""

import sys
from collections.abc import Sequence

from foveate.search.ledger import Ledger
from foveate.search.value import value_of
from foveate.study.runner import Progress, Say, Tell, work


def run_trials(
    ledger: Ledger,
    count: int,
    *,
    at_once: int = 1,
    tell: Tell = lambda progress: None,
    say: Say = lambda text: None,
    launch: Sequence[str] = (sys.executable, "-m", "foveate"),
) -> None:
    """Run the first ``count`` trials that are not done; one that was interrupted goes on, one that failed begins again.

    Args:
        ledger: of the search; hears of values and failures.
        count: of trials.
        at_once: how many run at a time.
        tell: hears of the progress about once a second.
        say: hears which runs end.
        launch: what a run's words are the arguments of.

    Raises:
        RecipeError: the search is being worked on already.
        DataError: a run ended without the measure.
    """
    search = ledger.search
    ledger.begin(count)
    trials = ledger.trials(count)
    # A trial that is done needs its folder no more.
    todo = [
        job for trial, job in ((trial, search.trial(trial)) for trial in trials) if trial.value is None or job.is_done
    ]
    open_trials = {trial.name: trial for trial in trials if trial.value is None}

    def record(now: Progress) -> None:
        for name in [name for name in open_trials if now.states[name] == "done"]:
            ledger.finish(open_trials.pop(name).number, value_of(search.out / name, search.measure))
        tell(now)

    for name in work(todo, search.out, at_once=at_once, tell=record, say=say, launch=launch):
        ledger.fail(open_trials[name].number)
