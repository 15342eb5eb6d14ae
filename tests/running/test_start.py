"""Students may begin with their teacher's weights."""

import torch

from foveate.model_file import load_model


def _after_nothing(run, flags, out):
    """The weights of a run whose learning rate is as good as 0."""
    assert run(*flags, "--epochs", "1", "--learning-rate", "1e-12", "--out", out).code == 0
    return load_model(out)


def test_a_student_begins_with_network_and_head_of_its_teacher(faces, teacher, run, tiny, tmp_path):
    lent = load_model(teacher)
    given = ["--data", faces, "--teacher", teacher / "model.safetensors", *tiny]
    for recipe in ("base", "askd", "foveate"):
        made = _after_nothing(run, ["train", recipe, *given, "--start", "teacher"], tmp_path / recipe)
        for name, value in made.network.named_parameters():
            torch.testing.assert_close(value, lent.network.get_parameter(name), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(made.head.weight, lent.head.weight, rtol=1e-4, atol=1e-6)
    other = _after_nothing(run, ["train", "askd", *given], tmp_path / "random")
    assert not torch.allclose(other.head.weight, lent.head.weight, atol=1e-2)


def test_base_has_nobody_to_take_weights_from_without_a_teacher(faces, run, tiny, tmp_path):
    ended = run("train", "base", "--data", faces, *tiny, "--start", "teacher", "--out", tmp_path / "run")
    assert ended.code == 2
    assert "there is no teacher to take weights from" in ended.err


def test_sampled_centres_begin_as_those_of_the_teacher(faces, teacher, run, tiny, tmp_path):
    given = ["--data", faces, "--teacher", teacher / "model.safetensors", *tiny, "--sample", "1.0"]
    made = _after_nothing(run, ["train", "askd", *given, "--start", "teacher"], tmp_path / "run")
    torch.testing.assert_close(made.head.weight, load_model(teacher).head.weight, rtol=1e-4, atol=1e-6)
