"""The value of a trial is read from what its run says of the people it held out."""

import json

import pytest

from foveate.errors import DataError
from foveate.search.value import value_of


def _results(folder, *answers):
    named = {f"set {place}": answer for place, answer in enumerate(answers)}
    (folder / "results.json").write_text(json.dumps({"evaluations": {**named, "attention on set 0": {"spatial": {}}}}))


def test_the_measure_is_averaged_over_the_degradations(tmp_path):
    judged = [{"authors": {"accuracy": a}, "auc": 0.1, "all_pairs": {"auc": b}} for a, b in ((0.6, 0.9), (0.8, 0.5))]
    _results(tmp_path, *judged)
    assert value_of(tmp_path, "accuracy") == pytest.approx(0.7)
    assert value_of(tmp_path, "auc") == pytest.approx(0.7)
    _results(tmp_path, judged[0])
    assert value_of(tmp_path, "auc") == 0.9


def test_photos_are_measured_as_their_network_sees_them_and_detectors_by_average_precision(tmp_path):
    own, other = ({"top1": value, "degradation": title} for value, title in ((0.4, "paper 28px"), (0.2, "sharp")))
    found = {"degradation": "paper 28px", "evaluations": {"things": own, "things at sharp": other}}
    (tmp_path / "results.json").write_text(json.dumps(found))
    assert value_of(tmp_path, "accuracy") == 0.4
    with pytest.raises(DataError, match="--measure accuracy"):
        value_of(tmp_path, "auc")
    both = {"degradation": "mixed of paper 56px, paper 28px", "degradations": ["paper 56px", "paper 28px"]}
    more = {"things at paper 56px": {"top1": 0.6, "degradation": "paper 56px"}}
    found = {**both, "evaluations": {**found["evaluations"], **more}}
    (tmp_path / "results.json").write_text(json.dumps(found))
    assert value_of(tmp_path, "accuracy") == 0.5
    levels = {"average_precision": {"all": 0.7, "small": 0.1}, "degradation": "paper 4x"}
    (tmp_path / "results.json").write_text(json.dumps({"degradation": "paper 4x", "evaluations": {"held": levels}}))
    assert value_of(tmp_path, "accuracy") == 0.7


def test_a_run_without_the_measure_is_named(tmp_path):
    alone = {"authors": {"accuracy": 0.6}, "all_pairs": None}
    for answers in ((alone,), (), ({"authors": {"accuracy": 0.6}, "all_pairs": {"auc": 0.9}}, alone)):
        _results(tmp_path, *answers)
        with pytest.raises(DataError, match=r"results\.json: the run has no auc on people held out"):
            value_of(tmp_path, "auc")
