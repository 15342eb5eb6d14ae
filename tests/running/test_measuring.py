"""The commands that measure and predict: text for people, JSON for scripts, at a tiny size."""

import json

import pytest

from foveate.bench import check, measure, timing
from foveate.bench.limits import Limits
from foveate.commands.plan import Flags, checked_words

BENCH = ["--scale", "small", "--quick", "--batch", "4", "--classes", "8", "--pairs", "20", "--gallery", "50"]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Limits nobody measured, and no collection of garbage."""
    limits = Limits("cpu", 1, 1e11, 4e11, {}, 2e10, 4e10, 1.0, 1e4)
    for module in (check, measure):
        monkeypatch.setattr(module, "measure_limits", lambda *_, **__: limits)
    monkeypatch.setattr(timing.gc, "collect", lambda: 0)


def test_bench_measures_all_there_is_and_prints_json(run, tmp_path):
    file = tmp_path / "bench.json"
    found = run("bench", *BENCH, "--out", file, "--json").json
    assert json.loads(file.read_text()) == found
    rows = {row["name"]: row for row in found["rows"]}
    training = {"training step, base", "training step, askd"}
    assert set(rows) == {*training, "inference", "degradation", "loading", "evaluation", "search"}
    for row in rows.values():
        assert row["least"] <= row["rate"] <= row["most"]
        assert row["share"] > 0
    assert {name for name, row in rows.items() if row["over_plain"] is None} == {"evaluation"}
    assert found["recipe"] == "askd"
    assert found["scale"]["depth"] == 18
    assert {"date", "machine", "versions", "limits", "effort"} <= found.keys()


def test_bench_prints_a_table(run):
    ended = run("bench", *BENCH, "--recipe", "base", "--depth", "34", "--preset", "released", "--precision", "float32")
    assert ended.code == 0
    assert "GFLOP/s in bf16" in ended.out
    assert "training step, base" in ended.out
    assert "askd" not in ended.out
    assert "float32 matrix rate" in ended.out


def test_bench_says_what_it_cannot_measure(run):
    ended = run("bench", "--recipe", "nothing", *BENCH)
    assert ended.code == 2
    assert "there is no recipe 'nothing'" in ended.err
    assert run("bench", *BENCH, "--batch", "1").code == 2


def test_plan_prints_a_table_and_json(run):
    flags = ["--scale", "small", "--depth", "18", "--batch", "4"]
    text = run("plan", *flags).out
    assert "490,623 images of 10,572 identities, 10 epochs, batch 4 on each of 1 GPU\n" in text
    for row in ("hours", "GPU hours", "cost, at 2 for a GPU and hour", "GB on a GPU, total", "fits into 80 GB"):
        assert row in text
    found = run("plan", "base", *flags, "--set", "webface42m", "--gpus", "8", "--epochs", "3", "--json").json
    assert found["job"]["identities"] == 2_000_000
    assert found["job"]["epochs"] == 3
    assert [layout["name"] for layout in found["layouts"]] == ["whole", "sharded", "sampled"]
    assert found["cluster"]["gpus"] == 8


def test_plan_refuses_what_cannot_be(run):
    assert "there is no recipe 'nothing'" in run("plan", "nothing").err
    assert run("plan", "--utilisation", "2", "--scale", "small").code == 2


def test_the_check_states_prediction_measurement_and_error(run):
    flags = ["--scale", "small", "--check-batch", "4", "--repeats", "2"]
    found = run("plan", "base", "--check", *flags, "--json").json
    assert found["learnt_on"] == "base, depth 34, batch 4"
    assert found["error"] == pytest.approx(found["predicted"] / found["measured"] - 1)
    assert found["least"] <= found["measured"] <= found["most"]
    text = checked_words(found, Flags())
    assert f"predicted {found['predicted']:.3f} s, measured {found['measured']:.3f} s" in text
    assert "error of the prediction" in text
