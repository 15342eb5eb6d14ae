"""foveate sweep: from a run to curves and the smallest usable face."""

import dataclasses
import json

from foveate.data.verification_writer import write_verification_bin


def test_a_run_is_judged_on_its_own_sets_at_each_size(teacher, run, pairs, tmp_path):
    out, figure = tmp_path / "sweep.json", tmp_path / "sweep.svg"
    flags = ["--side", "14", "112", "--target", "0", "--out", out, "--figure", figure]
    found = run("sweep", teacher, *flags, "--json").json
    assert json.loads(out.read_text()) == found
    (one,) = found[str(teacher)]
    assert [point["side"] for point in one["LR-LR"]] == [14, 112]
    assert one["smallest_usable"] == {"LR-LR": 14, "HR-LR": 14}
    sharp = json.loads((teacher / "results.json").read_text())["evaluations"]["held"]["authors"]["accuracy"]
    assert one["LR-LR"][-1]["accuracy"] == sharp
    assert b"<svg" in figure.read_bytes()
    write_verification_bin(tmp_path / "unlike.bin", dataclasses.replace(pairs, same=~pairs.same))
    text = run("sweep", teacher, "--data", tmp_path / "unlike.bin", "--side", "14", "--target", "1").out
    assert "smallest face of unlike with TAR 1 at FAR 0.01: LR-LR none, HR-LR none" in text


def test_another_preset_than_that_of_training_is_said_aloud(teacher, run):
    assert "no fair one" in run("sweep", teacher, "--side", "14", "--preset", "released").err
    assert "no fair one" not in run("sweep", teacher, "--side", "14", "--preset", "paper").err


def test_a_model_without_sets_is_refused(teacher, faces, run, tmp_path):
    assert "no model was named" in run("sweep").err
    for name in ("train.rec", "train.idx", "property"):
        (tmp_path / name).write_bytes((faces / name).read_bytes())
    assert "holds no test set" in run("sweep", teacher, "--data", tmp_path).err


def test_what_cannot_be_swept_or_drawn_is_refused_before_the_work(teacher, run, tmp_path):
    assert "no figure ends in .bmp" in run("sweep", teacher, "--figure", tmp_path / "x.bmp").err
    assert "no figure ends in .bmp" in run("looks", teacher, "--out", tmp_path / "x.bmp").err


def test_people_held_out_are_those_of_the_training(faces, run, tiny, tmp_path):
    for name in ("train.rec", "train.idx", "property"):
        (tmp_path / name).write_bytes((faces / name).read_bytes())
    flags = ["--data", tmp_path, "--hold-out", "0.6", *tiny, "--epochs", "1", "--out", tmp_path / "run"]
    assert run("train", "base", *flags).code == 0
    found = run("sweep", tmp_path / "run", "--side", "14", "--json").json
    ((one,),) = found.values()
    judged = json.loads((tmp_path / "run/results.json").read_text())["evaluations"]
    assert one["set"] in judged
