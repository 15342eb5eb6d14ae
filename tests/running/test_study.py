"""A study from the command line: two runs, their status, and their tables."""

import json


def test_a_study_runs_says_how_far_it_is_and_writes_tables(faces, run, tiny, tmp_path, monkeypatch):
    out = tmp_path / "table"
    common = ["study", "table1", "--out", out, "--json"]
    chosen = ["--only", "8x/base*", "--seeds", "1", "--teacher-seeds", "1"]
    sizes = ["--", "--data", faces, *tiny, "--epochs", "1"]
    commands = run(*common, *chosen, "--dry-run", *sizes).json
    assert len(commands) == 2
    assert commands[1].startswith(f"foveate train base --data {faces}")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    done = run(*common, *chosen, "--jobs", "2", *sizes)
    assert done.code == 0, done.err
    assert "1x/teacher-0: finished" in done.err
    assert done.json["unfinished"] == []
    assert [row["label"] for row in done.json["sets"][0]["rows"]] == ["Base"]
    assert "8x/base (1\N{EN DASH}4), " in (out / "table1.md").read_text()
    assert done.json["sets"][0]["rows"][0]["cost"]["gflops"] > 0
    status = run(*common, *chosen[:4], "--status").json
    assert status["states"] == {"1x/teacher-0": "done", "8x/base-0": "done"}
    assert run(*common, "--tables").json["sets"] == done.json["sets"]
    assert json.loads((out / "8x/base-0/run.json").read_text())["arguments"]["teacher"].endswith(
        "teacher-0.safetensors"
    )
    other = [*common, *chosen[:4], "--teacher-flags=--epochs 2"]
    assert f"--data {faces}" in run(*other, "--dry-run").json[0], "the flags of all runs are known"
    refused = run(*other)
    assert refused.code == 2
    assert "begun with teacher_flags [], not ['--epochs', '2']" in refused.err


def test_what_cannot_be_studied_is_said(run, tmp_path):
    assert "there is no study 'nothing'" in run("study", "nothing").err
    assert "--jobs is 0" in run("study", "table1", "--out", tmp_path, "--jobs", "0").err
    assert "there is no study" in run("study", "table1", "--out", tmp_path, "--tables").err
    ended = run("study", "table1", "--out", tmp_path, "--only", "nothing", "--", "--data", "x")
    assert ended.code == 2
    assert "no run of the study is called 'nothing'" in ended.err
