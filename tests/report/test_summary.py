"""The numbers of a report."""

import json

import numpy as np
import pytest
from scipy import stats

from foveate.errors import DataError
from foveate.report.summary import summarise


def test_seeds_of_a_method_give_a_student_t_interval(make_run):
    accuracies = [0.71, 0.74, 0.72]
    summary = summarise([make_run("base", seed, accuracy=value) for seed, value in enumerate(accuracies)])
    (row,) = summary["sets"][0]["rows"]
    found = row["authors"]
    half = stats.t.ppf(0.975, 2) * np.std(accuracies, ddof=1) / np.sqrt(3)
    assert found["mean"] == pytest.approx(np.mean(accuracies))
    assert (found["low"], found["high"]) == pytest.approx((found["mean"] - half, found["mean"] + half))
    assert (found["interval"], found["values"], row["seeds"]) == ("seeds", accuracies, [0, 1, 2])


def test_a_single_seed_keeps_its_interval_over_pairs(make_run):
    found = summarise([make_run("base", accuracy=0.7)])["sets"][0]["rows"][0]["authors"]
    assert found == {"mean": 0.7, "low": 0.7 - 0.02, "high": 0.7 + 0.02, "interval": "pairs", "values": [0.7]}


def test_a_null_among_several_seeds_is_kept_but_not_averaged(make_run):
    runs = [make_run("base", seed, accuracy=value) for seed, value in enumerate([0.7, None])]
    found = summarise(runs)["sets"][0]["rows"][0]["authors"]
    assert found == {"mean": 0.7, "low": None, "high": None, "interval": None, "values": [0.7, None]}


def test_runs_with_other_arguments_are_never_pooled_and_say_how_they_differ(make_run):
    runs = [make_run("askd", seed, arguments={"weight": weight}) for seed, weight in enumerate([1.0, 5.0])]
    rows = summarise(runs)["sets"][0]["rows"]
    assert [row["label"] for row in rows] == [
        "A-SKD, 8x (14\u00a0px), weight 1.0",
        "A-SKD, 8x (14\u00a0px), weight 5.0",
    ]


def test_a_network_judged_at_several_degradations_has_a_row_for_each(make_run):
    run = make_run("base", degradation="mixed of paper 28px, paper 14px", accuracy=0.8)
    results = json.loads((run / "results.json").read_text())
    both = {side: {**results["evaluations"]["lfw"], "degradation": f"paper {side}px"} for side in (28, 14)}
    both[14]["authors"] = {"accuracy": 0.7, "low": 0.68, "high": 0.72}
    results["evaluations"] = {f"lfw at paper {side}px": value for side, value in both.items()}
    (run / "results.json").write_text(json.dumps(results))
    (table,) = summarise([run])["sets"]
    assert (table["set"], table["pairs"]) == ("lfw", 600)
    assert [(row["label"].split(", judged at ")[1], row["view"], row["authors"]["mean"]) for row in table["rows"]] == [
        ("4x (28\u00a0px)", "4x (28\u00a0px)", 0.8),
        ("8x (14\u00a0px)", "8x (14\u00a0px)", 0.7),
    ]


def test_where_files_lie_does_not_make_another_method(make_run):
    runs = [make_run("askd", seed, arguments={"data": f"disk{seed}", "teacher": f"t{seed}"}) for seed in range(2)]
    assert len(summarise(runs)["sets"][0]["rows"]) == 1


def test_a_seed_that_occurs_twice_is_refused(make_run):
    runs = [make_run("base", 3, folder="one"), make_run("base", 3, folder="two", accuracy=0.8)]
    with pytest.raises(DataError, match=r"two: the same method with the same seed 3 as in .*one"):
        summarise(runs)


def test_a_run_that_was_repeated_with_the_same_results_counts_once(make_run):
    runs = [make_run("base", 3, folder="one"), make_run("base", 3, folder="two")]
    assert summarise(runs)["sets"][0]["rows"][0]["seeds"] == [3]


def test_a_run_named_twice_counts_once(make_run):
    run = make_run("base")
    assert len(summarise([run, run.parent, run / "." / ".." / run.name])["runs"]) == 1


def test_teacher_comes_first_then_degradations_by_strength_then_methods_as_in_the_paper(make_run):
    for recipe, degradation in [
        ("new", "paper 14px"),
        ("askd", "paper 14px"),
        ("base", "paper 14px"),
        ("base", "paper 56px"),
        ("teacher", "sharp"),
    ]:
        run = make_run(recipe, degradation=degradation)
    rows = summarise([run.parent])["sets"][0]["rows"]
    assert [(row["method"], row["view"].split(" ")[0]) for row in rows] == [
        ("Teacher (1x)", "1x"),
        ("Base", "2x"),
        ("Base", "8x"),
        ("A-SKD", "8x"),
        ("new", "8x"),
    ]


def test_sets_of_one_name_with_other_pairs_stand_in_tables_of_their_own(make_run):
    runs = [make_run("base", seed, pairs=pairs) for seed, pairs in enumerate([600, 6000])]
    assert [(item["set"], item["pairs"]) for item in summarise(runs)["sets"]] == [("lfw", 600), ("lfw", 6000)]


def test_correlations_are_averaged_over_seeds(make_run):
    runs = [make_run("askd", seed, centred=value) for seed, value in enumerate([0.4, 0.6])]
    (row,) = summarise(runs)["attention"][0]["rows"]
    stage = row["kinds"]["channel"]["stage2"]
    assert stage["centred"]["mean"] == pytest.approx(0.5)
    assert stage["per_image"] == {"mean": None, "low": None, "high": None, "interval": None, "values": [None, None]}


def test_an_unfinished_run_is_in_the_list_and_in_no_table(make_run):
    summary = summarise([make_run("base"), make_run("askd", finished=False)])
    assert [(run["recipe"], run["finished"], run["progress"]) for run in summary["runs"]] == [
        ("base", True, 1.0),
        ("askd", False, 0.4),
    ]
    assert [row["recipe"] for row in summary["sets"][0]["rows"]] == ["base"]


def test_an_evaluation_of_another_kind_is_named_rather_than_dropped(make_run):
    run = make_run("base")
    results = json.loads((run / "results.json").read_text())
    results["evaluations"]["faces of widgets"] = {"precision": {"1": 0.4}}
    (run / "results.json").write_text(json.dumps(results))
    assert summarise([run])["not_shown"] == ["faces of widgets"]


def test_shares_found_at_each_rank_are_averaged_over_seeds_or_keep_their_interval_over_people(make_run):
    runs = [make_run("base", seed, first=value) for seed, value in enumerate([0.4, 0.5])]
    summary = summarise([*runs, make_run("askd", first=0.6), make_run("teacher")])
    (table,) = summary["identification"]
    assert (table["title"], table["probes"], table["gallery"]) == ("TinyFace", 400, 3600)
    base, askd = table["rows"]
    assert list(base["found_at_rank"]) == ["1", "5", "10", "20", "50"]
    assert base["found_at_rank"]["1"]["mean"] == pytest.approx(0.45)
    assert base["found_at_rank"]["1"]["interval"] == "seeds"
    alone = {"mean": 0.6, "low": 0.6 - 0.03, "high": 0.6 + 0.03, "interval": "people", "values": [0.6]}
    assert askd["found_at_rank"]["1"] == alone
    assert askd["mean_average_precision"]["mean"] == 0.25
    assert summary["not_shown"] == []


def test_a_word_where_a_number_belongs_is_refused(make_run):
    run = make_run("base")
    text = (run / "results.json").read_text().replace("0.8123", '"high"')
    (run / "results.json").write_text(text)
    with pytest.raises(DataError, match=r"results.json: auc should be a number, not 'high'"):
        summarise([run])


def test_the_summary_is_json(make_run):
    summary = summarise([make_run("teacher"), make_run("askd", centred=0.5)])
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_sets_of_one_name_and_other_images_have_tables_of_their_own(make_run):
    runs = [make_run("base"), make_run("askd")]
    results = json.loads((runs[1] / "results.json").read_text())
    results["evaluations"]["lfw"]["images"] += 1
    (runs[1] / "results.json").write_text(json.dumps(results))
    assert [[row["label"] for row in table["rows"]] for table in summarise(runs)["sets"]] == [
        ["Base, 8x (14\u00a0px)"],
        ["A-SKD, 8x (14\u00a0px)"],
    ]


@pytest.mark.parametrize("key", ["teacher_cache", "compile"])
def test_what_changes_the_last_digits_is_never_pooled(key, make_run):
    runs = [make_run("kd", seed) for seed in range(2)]
    card = json.loads((runs[1] / "run.json").read_text())
    (runs[1] / "run.json").write_text(json.dumps({**card, key: True}))
    assert len(summarise(runs)["sets"][0]["rows"]) == 2
