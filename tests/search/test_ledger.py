"""Settings depend on the seed and the number of a trial alone, are recorded before a run, and are kept."""

import math
import sys
from dataclasses import replace

import pytest

from foveate.errors import RecipeError
from foveate.search.ledger import Ledger
from foveate.search.vary import Vary


def _settings(search, count):
    ledger = Ledger(search)
    ledger.begin(count)
    return [trial.settings for trial in ledger.trials(count)]


def test_settings_are_a_function_of_seed_and_number(search, tmp_path):
    once = _settings(search, 4)
    elsewhere = replace(search, out=tmp_path / "elsewhere", vary=search.vary[::-1])
    assert _settings(elsewhere, 2) == once[:2]
    assert _settings(elsewhere, 4) == once
    other = _settings(replace(search, out=tmp_path / "other", seed=1), 4)
    assert not any(one["weight"] == another["weight"] for one, another in zip(once, other, strict=True))
    assert len({one["weight"] for one in once}) == 4


def test_settings_lie_in_their_ranges_evenly_on_the_scale_that_was_asked_for(tmp_path, search):
    vary = tuple(map(Vary.read, ("weight=0.5:50:log", "rate=1.0:3.0", "depth=2:4", "kinds=both,spatial")))
    drawn = _settings(replace(search, out=tmp_path / "many", vary=vary), 60)
    weights, rates = [one["weight"] for one in drawn], [one["rate"] for one in drawn]
    assert all(0.5 <= weight <= 50 for weight in weights)
    assert sum(math.log(weight) for weight in weights) / 60 == pytest.approx(math.log(5), abs=0.5)  # three deviations
    assert all(1 <= rate <= 3 for rate in rates)
    assert sum(rates) / 60 == pytest.approx(2, abs=0.25)
    assert {one["depth"] for one in drawn} == {2, 3, 4}
    assert all(type(one["depth"]) is int for one in drawn)
    assert {one["kinds"] for one in drawn} == {"both", "spatial"}


def test_values_and_failures_are_kept_and_what_failed_may_begin_again(search):
    ledger = Ledger(search)
    ledger.begin(3)
    before = ledger.trials(3)
    assert [trial.state for trial in before] == ["begun"] * 3
    ledger.finish(0, 0.75)
    ledger.fail(2)
    again = Ledger(search)
    assert [(trial.state, trial.value) for trial in again.trials(3)] == [
        ("done", 0.75),
        ("begun", None),
        ("failed", None),
    ]
    again.begin(4)
    after = again.trials(4)
    assert [trial.state for trial in after] == ["done", "begun", "begun", "begun"]
    assert [trial.settings for trial in after[:3]] == [trial.settings for trial in before]
    again.finish(2, 0.5)
    assert [trial.value for trial in again.trials(4)] == [0.75, None, 0.5, None]
    assert [trial.number for trial in again.trials(2)] == [0, 1]


def test_another_search_in_the_same_folder_is_refused(search):
    Ledger(search)
    for other in ({"seed": 1}, {"vary": search.vary[:1]}, {"flags": ("--data", "x")}, {"measure": "accuracy"}):
        with pytest.raises(RecipeError, match=rf"search\.db: the search was begun with {next(iter(other))}"):
            Ledger(replace(search, **other))
    Ledger(search)


def test_without_optuna_the_command_to_install_it_is_said(search, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(RecipeError, match=r"pip install 'foveate\[search\]'"):
        Ledger(search)
    assert not search.out.exists()
