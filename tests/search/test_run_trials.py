"""Trials run once, keep their settings through failures, and the best of them is trained again on all people."""

import json
from dataclasses import replace

import pytest

from foveate.search.ledger import Ledger
from foveate.search.retrain import retrain
from foveate.search.run_trials import run_trials
from foveate.search.summary import summarise
from foveate.search.trial import best_first


def _begun(folder):
    return len((folder / "runs").read_text().split())


def _expected(trial):
    return 1 / (1 + abs(trial.settings["weight"] - 5)) - 0.01 * (trial.settings["kinds"] == "channel")


def test_every_trial_runs_once_and_its_value_is_recorded(search, launch, tmp_path):
    said = []
    run_trials(Ledger(search), 3, at_once=2, launch=launch, say=said.append)
    trials = Ledger(search).trials(3)
    assert [trial.state for trial in trials] == ["done"] * 3
    assert [trial.value for trial in trials] == pytest.approx([_expected(trial) for trial in trials])
    assert sorted(said) == [f"trial-000{number}: finished" for number in range(3)]
    run_trials(Ledger(search), 4, launch=launch)
    assert [_begun(search.out / f"trial-000{number}") for number in range(4)] == [1] * 4
    alone = replace(search, out=tmp_path / "alone")
    run_trials(Ledger(alone), 4, launch=launch)
    assert Ledger(alone).trials(4) == Ledger(search).trials(4)


def test_a_trial_that_fails_is_named_and_begins_again_with_the_same_settings(search, launch):
    search.out.mkdir()
    (search.out / "fails").write_text("trial-0001")
    run_trials(Ledger(search), 2, launch=launch)
    failed = Ledger(search).trials(2)
    assert [trial.state for trial in failed] == ["done", "failed"]
    told = {trial["trial"]: trial for trial in summarise(search, failed)["trials"]}
    assert told[1]["said"] == "the loss is not finite"
    (search.out / "fails").unlink()
    run_trials(Ledger(search), 2, launch=launch)
    mended = Ledger(search).trials(2)
    assert [trial.state for trial in mended] == ["done", "done"]
    assert [trial.settings for trial in mended] == [trial.settings for trial in failed]
    assert [_begun(search.out / trial.name) for trial in mended] == [1, 2]


def test_a_trial_that_was_interrupted_goes_on_with_the_same_settings(search, launch):
    search.out.mkdir()
    (search.out / "slow").touch()

    def interrupt(now):
        if (search.out / "trial-0000/runs").exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trials(Ledger(search), 2, launch=launch, tell=interrupt)
    stopped = Ledger(search).trials(2)
    assert [trial.state for trial in stopped] == ["begun", "begun"]
    (search.out / "slow").unlink()
    run_trials(Ledger(search), 2, launch=launch)
    ended = Ledger(search).trials(2)
    assert [(trial.state, trial.settings) for trial in ended] == [("done", trial.settings) for trial in stopped]
    assert [_begun(search.out / trial.name) for trial in ended] == [2, 1]


def test_a_value_that_a_kill_kept_from_the_ledger_is_recorded_afterwards(search, launch):
    ledger = Ledger(search)
    run_trials(ledger, 1, launch=launch)
    (before,) = ledger.trials(1)
    (search.out / "search.db").rename(search.out / "lost.db")
    run_trials(Ledger(search), 1, launch=launch)
    assert Ledger(search).trials(1) == (before,)
    assert _begun(search.out / "trial-0000") == 1


def test_a_finished_trial_needs_its_folder_no_more(search, launch):
    run_trials(Ledger(search), 1, launch=launch)
    (search.out / "trial-0000/results.json").unlink()
    run_trials(Ledger(search), 1, launch=launch)
    assert _begun(search.out / "trial-0000") == 1


def test_the_best_is_trained_on_all_people_once(search, launch):
    run_trials(Ledger(search), 3, launch=launch)
    trials = Ledger(search).trials(3)
    best = max(trials, key=lambda trial: trial.value)
    for _ in range(2):
        assert retrain(search, best_first(trials)[0], launch=launch)
    assert _begun(search.out / "best") == 1
    found = summarise(search, trials)
    assert found["best"]["trial"] == best.number
    assert found["best"]["settings"] == best.settings
    assert set(found["best"]["evaluations"]) == {"lfw", "attention on it"}
    assert found["best"]["judged_on_what_it_was_chosen_on"] == []
    assert [trial["value"] for trial in found["trials"]] == sorted((trial.value for trial in trials), reverse=True)


def test_another_best_takes_the_place_and_the_former_is_kept(search, launch):
    run_trials(Ledger(search), 2, launch=launch)
    one, two = Ledger(search).trials(2)
    for best in (one, two, one):
        assert retrain(search, best, launch=launch)
        assert summarise(search, [best])["best"]["evaluations"]
        other = two if best is one else one
        assert summarise(search, [other])["best"]["evaluations"] is None  # those there are were another's
    kept = [json.loads((search.out / f"{name}/trial.json").read_text())["trial"] for name in ("best", "best-was-0001")]
    assert kept == [0, 1]
    assert json.loads((search.out / "best-was-0000/trial.json").read_text())["settings"] == one.settings


def test_people_who_chose_the_settings_and_judge_them_are_said(search, launch):
    run_trials(Ledger(search), 1, launch=launch)
    trials = Ledger(search).trials(1)
    retrain(search, trials[0], launch=launch)
    file = search.out / "best/results.json"
    file.write_text(file.read_text().replace("lfw", "held-out faces"))
    assert summarise(search, trials)["best"]["judged_on_what_it_was_chosen_on"] == ["held-out faces"]


def test_photos_that_chose_the_settings_and_judge_them_are_said(search, launch):
    run_trials(Ledger(search), 1, launch=launch)
    trials = Ledger(search).trials(1)
    retrain(search, trials[0], launch=launch)
    answers = {"mine": {"top1": 0.6, "held_out": True}, "theirs": {"top1": 0.5}}
    for name in ("best", trials[0].name):
        (search.out / f"{name}/results.json").write_text(json.dumps({"evaluations": answers}))
    assert summarise(search, trials)["best"]["judged_on_what_it_was_chosen_on"] == ["mine"]
