"""Trials are commands that hold people out; the best is the same command on all of them."""

from dataclasses import replace

import pytest

from foveate.errors import RecipeError
from foveate.search.search import Search
from foveate.search.trial import Trial, best_first
from foveate.search.vary import Vary


def test_trials_hold_people_out_and_the_best_run_does_not(search):
    settings = {"kinds": "both", "weight": 2.5}
    job = search.trial(Trial(7, settings))
    assert job.command == (
        "foveate train askd --data faces --epochs 2 --tune --hold-out 0.2 --kinds=both --weight=2.5 "
        f"--out {search.out}/trial-0007 --resume --log-every 50"
    )
    assert (job.name, job.folder) == ("trial-0007", search.out / "trial-0007")
    best = search.best(settings)
    assert best.command == (
        f"foveate train askd --data faces --kinds=both --weight=2.5 --out {search.out}/best --resume --log-every 50"
    )


@pytest.mark.parametrize(
    "flags",
    [["--weight", "3"], ["--weight=3"], ["--out", "here"], ["--tune"], ["--resume"], ["--json"]],
)
def test_what_the_search_sets_is_set_by_nobody_else(search, flags):
    for place in ("flags", "trial_flags"):
        with pytest.raises(RecipeError, match=f"the search itself sets {flags[0].partition('=')[0]}"):
            replace(search, **{place: tuple(flags)})


def test_flags_in_either_spelling_are_the_same_flag(tmp_path):
    vary = (Vary.read("learning-rate=0.02:0.2"),)
    with pytest.raises(RecipeError, match="sets --learning-rate"):
        Search("askd", tmp_path, vary, ("--learning_rate", "0.1"))


def test_a_search_that_makes_no_sense_is_refused(search):
    for wrong in (
        {"vary": ()},
        {"vary": (search.vary[0], search.vary[0])},
        {"vary": (Vary.read("hold-out=0.1:0.3"),)},
        {"vary": (Vary.read("out=a,b"),)},
        {"hold_out": 0.0},
        {"hold_out": 1.0},
        {"flags": ("--data", "x", "+", "base")},
    ):
        with pytest.raises(RecipeError):
            replace(search, **wrong)


def test_the_best_trial_comes_first_and_those_without_a_value_last():
    trials = [
        Trial(0, {}, "failed"),
        Trial(1, {}, "done", 0.5),
        Trial(2, {}, "done", 0.9),
        Trial(3, {}),
        Trial(4, {}, "done", 0.9),
        Trial(5, {}, "done", 0.0),
    ]
    assert [trial.number for trial in best_first(trials)] == [2, 4, 1, 5, 0, 3]
