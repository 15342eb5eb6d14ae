"""A search from the command line: two trials, the best trained on all people, and flags that are wrong."""

import json


def test_two_trials_run_and_the_best_is_trained_on_all(faces, run, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    out = tmp_path / "search"
    sizes = ["--scale=small", "--depth=18", "--width=4", "--stem-stride=2", "--embedding=8", "--batch=4", "--epochs=1"]
    command = ["search", "base", "--vary", "learning-rate=0.02:0.2:log", "--trials", "2", "--hold-out", "0.6"]
    flags = ["--out", out, "--jobs", "2", "--json", "--", "--data", faces, "--hold-out", "0.3", *sizes]
    done = run(*command, *flags)
    assert done.code == 0, done.err
    found = done.json
    assert [trial["state"] for trial in found["trials"]] == ["done", "done"]
    for trial in found["trials"]:
        folder = out / f"trial-{trial['trial']:04}"
        results = json.loads((folder / "results.json").read_text())
        (answer,) = (answer for answer in results["evaluations"].values() if "authors" in answer)
        assert answer["set"].startswith("held-out")
        assert answer["all_pairs"]["auc"] == trial["value"]
        arguments = json.loads((folder / "run.json").read_text())["arguments"]
        assert (arguments["tune"], arguments["hold_out"]) == (True, 0.6)
        assert arguments["scale"]["learning_rate"] == trial["settings"]["learning-rate"]
    best = found["best"]
    assert best["value"] == max(trial["value"] for trial in found["trials"])
    assert best["evaluations"]["held"]["set"] == "held"
    assert best["judged_on_what_it_was_chosen_on"] == []
    assert json.loads((out / "search.json").read_text())["best"] == best
    assert run(*command, *flags).json == found


def test_flags_that_are_wrong_are_said_before_anything_is_begun(run, tmp_path):
    out = tmp_path / "search"
    tail = ["--out", out, "--", "--data", "x", "--teacher", "t"]
    for command, said in (
        (["search", "askd", *tail], "varies one setting or more"),
        (["search", "askd", "--vary", "wieght=1:2", *tail], "--wieght"),
        (["search", "imagenet_askd", "--vary", "weight=1:2", *tail], "Give --measure accuracy"),
        (["search", "askd", "--vary", "kinds=both,spatal", *tail], "spatal"),
        (["search", "askd", "--vary", "weight=1:2", "--trial-flags=--epoch 3", *tail], "--epoch"),
        (["search", "askd", "--vary", "weight=1:2", "--trials", "0", *tail], "0 trials"),
        (["search", "askd", "--vary", "weight=1:2", "--trial-flags=--teacher t", *tail[:-2]], "--teacher"),
        (["search", "nothing", "--vary", "weight=1:2", *tail], "there is no recipe 'nothing'"),
    ):
        ended = run(*command)
        assert ended.code == 2
        assert said in ended.err
    assert not out.exists()


def test_a_search_in_which_no_trial_finishes_says_where_to_look(run, tmp_path):
    ended = run(
        "search", "base", "--vary", "weight-decay=0.1:0.2", "--trials", "1", "--out", tmp_path, "--", "--data", "x"
    )
    assert ended.code == 1
    assert "search.md: no trial was finished" in ended.err
    assert "failed: " in (tmp_path / "search.md").read_text()
