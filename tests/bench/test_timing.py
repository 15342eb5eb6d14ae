"""Candidates take turns, and what is made of their times is what the definitions say; the clock here is a fake one."""

import json

import pytest

from foveate.bench import timing
from foveate.bench.timing import Candidate, Comparison, Durations, compare
from foveate.errors import RecipeError


@pytest.fixture
def calls(monkeypatch):
    """Calls in order; a call of a candidate moves the clock by what ``takes`` says next."""
    log, clock = [], [0.0]
    monkeypatch.setattr(timing.gc, "collect", lambda: 0)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(timing, "keep_freed_memory", lambda keep=True: log.append("keep" if keep else "hand back"))

    def candidate(name, takes, **more):
        left = list(takes)

        def call():
            log.append(name)
            clock[0] += left.pop(0)

        return Candidate(call, **more)

    return log, candidate


def test_candidates_take_turns_after_a_warm_up(calls):
    log, candidate = calls
    found = compare({"a": candidate("a", [9, 1, 2]), "b": candidate("b", [9, 3, 5])}, repeats=2)
    assert [entry for entry in log if entry in "ab"] == ["a", "b", "a", "b", "a", "b"]
    assert found.durations["a"].seconds == (1, 2)
    assert found.durations["b"].seconds == (3, 5)


def test_each_runs_with_its_own_allocator_and_memory_is_kept_in_the_end(calls):
    log, candidate = calls
    plain, ours = candidate("a", [1] * 3, keep_memory=False), candidate("b", [1] * 3)
    compare({"a": plain, "b": ours}, repeats=1)
    assert log == ["hand back", "a", "keep", "b", "hand back", "a", "a", "keep", "b", "b", "keep"]


def test_a_call_that_settles_the_memory_is_not_timed(calls):
    _, candidate = calls
    plain, ours = candidate("a", [9, 8, 1], keep_memory=False), candidate("b", [9, 7, 2])
    found = compare({"a": plain, "b": ours}, repeats=1)
    assert [durations.seconds for durations in found.durations.values()] == [(1,), (2,)]


def test_memory_is_kept_again_even_after_an_error(calls):
    log, _ = calls

    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compare({"a": Candidate(fails, keep_memory=False)})
    assert log == ["hand back", "keep"]


def test_medians_rates_and_ratios():
    found = Comparison({"a": Durations((4.0, 2.0, 8.0), 8, (0, 0, 0)), "b": Durations((1.0, 1.0, 4.0), 8, (0, 0, 0))})
    assert found.durations["a"].median == 4
    assert found.durations["a"].rate == 2
    ratio = found.ratio("a", "b")
    assert (ratio.median, ratio.least, ratio.most) == (4, 2, 4)


def test_a_ratio_is_of_the_time_for_one_item():
    found = Comparison({"a": Durations((4.0,), 4, (0,)), "b": Durations((1.0,), 2, (0,))})
    assert found.ratio("a", "b").median == 2


def test_an_unknown_name_is_refused():
    with pytest.raises(RecipeError, match="nothing called 'c' was timed"):
        Comparison({"a": Durations((1.0,), 1, (0,))}).ratio("a", "c")


def test_nothing_to_time_is_refused():
    with pytest.raises(RecipeError, match="cannot be timed"):
        compare({})
    with pytest.raises(RecipeError, match="cannot be timed"):
        compare({"a": Candidate(int)}, repeats=0)


def test_a_comparison_becomes_json(calls):
    _, candidate = calls
    found = json.loads(json.dumps(compare({"a": candidate("a", [0, 2, 4], items=6)}, repeats=2).to_json()))
    assert found["a"] | {"page_faults": None} == {
        "median": 3,
        "least": 2,
        "most": 4,
        "rate": 2,
        "seconds": [2, 4],
        "items": 6,
        "page_faults": None,
    }
    assert len(found["a"]["page_faults"]) == 2


def test_who_runs_is_told(calls):
    _, candidate = calls
    told = []
    compare({"a": candidate("a", [1, 1, 1])}, repeats=2, tell=told.append)
    assert told == ["a, warming up", "a, 1 of 2", "a, 2 of 2"]
