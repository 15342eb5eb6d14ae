"""The sentence at the top says what the numbers say, and no more."""

import pytest

from foveate.report.summary import summarise


def answer_of(*runs):
    return summarise(runs)["answer"]


def test_the_sentence_names_set_view_methods_and_teacher(make_run):
    answer = answer_of(
        make_run("teacher", accuracy=0.9), make_run("base", accuracy=0.7), make_run("askd", accuracy=0.8)
    )
    assert answer["sentence"] == (
        "On LFW at 8x, Base gets 70.0 % (68.0 to 72.0) and A-SKD gets 80.0 % (78.0 to 82.0) of pairs right; "
        "on sharp faces, the teacher gets 90.0 % (88.0 to 92.0)."
    )


def test_one_seed_each_is_said_and_weakens_the_verdict(make_run):
    verdict, footing = answer_of(make_run("base", accuracy=0.7), make_run("askd", accuracy=0.8))["remarks"]
    assert "A-SKD is ahead of Base without overlap of intervals, but A-SKD and Base ran with one seed only" in verdict
    assert "only one seed" in footing


def test_overlapping_intervals_settle_nothing(make_run):
    verdict, _ = answer_of(make_run("base", accuracy=0.7), make_run("askd", accuracy=0.73))["remarks"]
    assert verdict == "The intervals of A-SKD overlap that of Base: these runs do not settle which is better."


@pytest.mark.parametrize(("gain", "better"), [(0.1, "A-SKD is ahead of Base"), (-0.1, "A-SKD is behind Base")])
def test_several_seeds_give_a_plain_verdict_in_either_direction(make_run, gain, better):
    runs = [make_run("base", seed, accuracy=0.7 + seed / 1000) for seed in range(3)]
    runs += [make_run("askd", seed, accuracy=0.7 + gain + seed / 1000) for seed in range(3)]
    verdict, footing = answer_of(*runs)["remarks"]
    assert verdict == f"{better} without overlap of intervals."
    assert footing == "In brackets: 95 % intervals over 3 seeds."


def test_seeds_and_pairs_side_by_side_are_told_apart(make_run):
    runs = [make_run("base", seed, accuracy=0.7 + seed / 1000) for seed in range(2)]
    footing = answer_of(*runs, make_run("askd", accuracy=0.8))["remarks"][-1]
    assert footing.endswith("for A-SKD, with one seed only; over seeds for the others.")


def test_two_variants_of_a_method_are_told_apart_in_the_sentence(make_run):
    runs = [make_run("askd", arguments={"weight": weight}) for weight in (1.0, 5.0)]
    sentence = answer_of(*runs)["sentence"]
    assert "weight 1.0 gets 70.0 %" in sentence
    assert "weight 5.0 gets 70.0 %" in sentence


def test_without_a_finished_run_there_is_no_number(make_run):
    assert answer_of(make_run("base", finished=False))["sentence"].startswith("No run has finished")


def test_a_null_accuracy_is_no_result(make_run):
    assert answer_of(make_run("base", accuracy=None))["sentence"] == "No accuracy on LFW is known."


def test_of_many_methods_the_best_is_named_and_equal_verdicts_share_a_sentence(make_run):
    runs = [make_run("base", accuracy=0.7)]
    runs += [make_run("askd", arguments={"weight": weight}, accuracy=0.7 + weight / 100) for weight in range(1, 8)]
    answer = answer_of(*runs)
    assert answer["sentence"] == (
        "On LFW at 8x, Base gets 70.0 % (68.0 to 72.0) and A-SKD, 8x (14\u00a0px), weight 7 gets 77.0 % "
        "(75.0 to 79.0), the most of 8 methods, of pairs right."
    )
    even, ahead, _ = answer["remarks"]
    assert even.startswith("The intervals of A-SKD, 8x (14\u00a0px), weight 1, ")
    assert "weight 4 overlap that of Base" in even
    assert "weight 7 are ahead of Base without overlap" in ahead
