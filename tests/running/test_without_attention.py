"""Networks that have no attention, or timm's own, learn faces from teachers like themselves."""

import json

import pytest
from safetensors import safe_open


@pytest.fixture
def trained(run, faces, tiny, tmp_path):
    """Trains for an epoch with these flags; answers with the run's folder."""

    def trained(recipe, *flags):
        out = tmp_path / recipe
        ended = run("train", recipe, "--data", str(faces), "--out", str(out), *tiny, *flags, "--epochs", "1")
        assert ended.code == 0, ended.err
        return out

    return trained


def test_a_student_without_attention_is_judged_and_no_maps_are_compared(trained):
    plain = ("--attention", "none")
    teacher = trained("teacher", *plain)
    student = trained("kd", *plain, "--teacher", str(teacher / "model.safetensors"))
    results = json.loads((student / "results.json").read_text())
    assert [*results["evaluations"]] == ["held"]
    cost = results["cost"]  # the last batch of an epoch has four faces
    assert cost["images_per_second"] * cost["seconds"] == pytest.approx(28)


def test_timm_s_networks_have_the_attention_that_was_asked_for(trained):
    out = trained("teacher", "--backbone", "timm", "--attention", "se")
    with safe_open(out / "model.safetensors", "pt") as weights:
        assert any("layer1.0.se." in name for name in weights.keys())  # noqa: SIM118
