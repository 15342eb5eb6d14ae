"""Students that are trained together end as they would have alone."""

import json
import os
import shutil

import pytest

from foveate.commands.terminal import Bar


@pytest.fixture
def flags(faces, teacher, tiny):
    return ["--data", faces, "--teacher", teacher / "model.safetensors", "--log-every", "1", *tiny]


@pytest.fixture
def alone(run, flags, tmp_path):
    """The bytes of students that were trained one by one."""

    def alone(recipe, ratio):
        out = tmp_path / f"alone-{recipe}-{ratio}"
        assert run("train", recipe, *flags, "--ratio", ratio, "--out", out).code == 0
        return (out / "model.safetensors").read_bytes()

    return alone


TOGETHER = ["--ratio", "2", "+", "askd", "--ratio", "4", "+", "base", "--ratio", "8", "+", "askd_kd", "--ratio", "8"]


def test_each_student_ends_in_the_same_bytes_as_alone(run, flags, alone, tmp_path):
    out = tmp_path / "together"
    ended = run("train", "askd", *flags, "--out", out, *TOGETHER, "--json")
    assert ended.code == 0, ended.err
    names = ["askd-2x-0", "askd-4x-0", "base-8x-0", "askd_kd-8x-0"]
    assert [item["out"] for item in ended.json] == [str(out / name) for name in names]
    assert [item["recipe"] for item in ended.json] == ["askd", "askd", "base", "askd_kd"]
    for name, recipe, ratio in zip(names, ("askd", "askd", "base", "askd_kd"), (2, 4, 8, 8), strict=True):
        assert (out / name / "model.safetensors").read_bytes() == alone(recipe, ratio), name
    assert "askd-4x-0: held at paper 28px" in ended.err


def test_methods_of_features_of_relations_and_of_maps_share_a_teacher(run, flags, alone, tmp_path):
    out, others = tmp_path / "together", ["+", "rkd", "--ratio", "8", "+", "askd", "--ratio", "8"]
    assert run("train", "fitnet", *flags, "--ratio", "8", "--out", out, *others).code == 0
    for recipe in ("fitnet", "rkd", "askd"):
        assert (out / f"{recipe}-8x-0/model.safetensors").read_bytes() == alone(recipe, 8), recipe


def test_students_that_want_other_batches_are_refused(run, flags, tmp_path):
    ended = run("train", "rkd", *flags, "--out", tmp_path / "run", "+", "fskd")
    assert ended.code == 2
    assert "differ in --per-identity" in ended.err


def test_the_scale_is_of_all_and_the_last_size_of_faces_counts(run, faces, tiny):
    from foveate.commands.recipe_flags import parse_all

    ended = run("train", "base", "--data", faces, "+", "askd", "--scale", "small")
    assert ended.code == 2
    assert "--scale is of all recipes" in ended.err
    first, second = parse_all(["base", "--data", str(faces), *tiny, "--ratio", "2", "+", "base", "--side", "28"])
    assert (first.parts[1].ratio, first.parts[1].side) == ((2,), ())
    assert (second.parts[1].ratio, second.parts[1].side) == ((), (28,))


def test_the_teacher_looks_once_for_all(run, flags, tmp_path, monkeypatch):
    looked = []
    from foveate.teacher import LiveTeacher

    forward = LiveTeacher.forward
    monkeypatch.setattr(LiveTeacher, "forward", lambda *given: looked.append(1) or forward(*given))
    assert run("train", "askd", *flags, "--out", tmp_path / "run", *TOGETHER).code == 0
    assert len(looked) == 8  # steps


def test_a_joint_run_that_was_interrupted_goes_on_to_the_same_bytes(run, flags, alone, tmp_path, monkeypatch):
    step, out, count = Bar.step, tmp_path / "together", 0

    def interrupted(self, done, total, record):
        nonlocal count
        step(self, done, total, record)
        count += 1
        if count == 9:  # the first of two students has done five steps, the second four
            raise KeyboardInterrupt

    more = ["--ratio", "8", "--checkpoint-every", "1", "--out", out]
    with monkeypatch.context() as patch:
        patch.setattr(Bar, "step", interrupted)
        assert run("train", "askd", *flags, *more, "+", "base").code == 130
    saved = [
        sorted(int(path.name[5:]) for path in (out / name / "checkpoints").iterdir())
        for name in ("askd-8x-0", "base-8x-0")
    ]
    assert saved == [[3, 4], [3, 4]]
    assert run("train", "askd", *flags, *more, "--resume", "+", "base").code == 0
    for recipe in ("askd", "base"):
        assert (out / f"{recipe}-8x-0/model.safetensors").read_bytes() == alone(recipe, 8)
        steps = [json.loads(line) for line in (out / f"{recipe}-8x-0/log.jsonl").read_text().splitlines()]
        assert [line["step"] for line in steps if "loss" in line] == list(range(1, 9))


def test_a_finished_student_is_left_alone_while_the_others_go_on(run, flags, tmp_path):
    out = tmp_path / "together"
    assert run("train", "askd", *flags, "--ratio", "8", "--out", out / "askd-8x-0").code == 0
    before = (out / "askd-8x-0/results.json").stat().st_mtime_ns
    ended = run("train", "askd", *flags, "--ratio", "8", "--out", out, "--resume", "+", "base")
    assert ended.code == 0, ended.err
    assert (out / "askd-8x-0/results.json").stat().st_mtime_ns == before
    assert (out / "base-8x-0/results.json").exists()


def test_students_of_a_cache_share_it(run, flags, tmp_path):
    ended = run("train", "askd", *flags, "--out", tmp_path / "run", "--cache", tmp_path / "cache", *TOGETHER)
    assert ended.code == 0, ended.err
    assert len(list((tmp_path / "cache").glob("*/card.json"))) == 1


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["+", "base", "--seed", "1"], "differ in --seed"),
        (["+", "base", "--batch", "4"], "differ in --batch"),
        (["+"], "a recipe is missing"),
        (["--out", "runs/x", "+", "base", "--out", "runs/x/askd-0"], "two students have one folder"),
    ],
)
def test_students_that_do_not_fit_together_are_refused(run, flags, more, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = run("train", "askd", *flags, *more)
    assert ended.code == 2
    assert word in ended.err
    assert not list(tmp_path.rglob("run.json"))


def test_students_of_other_images_of_the_same_people_are_refused(run, flags, faces, tmp_path):
    other = shutil.copytree(faces, tmp_path / "other")
    os.utime(other / "train.rec", ns=(1, 1))
    ended = run(
        "train", "askd", *flags, "--out", tmp_path / "one", "+", "base", "--data", other, "--out", tmp_path / "two"
    )
    assert ended.code == 2
    assert "differ in --data" in ended.err


def test_the_cache_command_says_what_it_costs_and_makes_what_training_reads(run, flags, tmp_path):
    ended = run("cache", "askd", *flags, "--cache", tmp_path / "cache", "--json")
    assert ended.code == 0, ended.err
    (made,) = ended.json
    assert (
        made["bytes"]
        == made["rows"] * made["numbers_a_row"] * 2
        == (tmp_path / "cache").joinpath(made["folder"], "maps.f16").stat().st_size
    )
    assert "KiB an image" in ended.err
    assert run("train", "askd", *flags, "--out", tmp_path / "run", "--cache", tmp_path / "cache").code == 0
    assert len(list((tmp_path / "cache").glob("*/card.json"))) == 1


def test_the_cache_command_refuses_what_it_cannot_do(run, flags, faces, tiny):
    ended = run("cache", "askd", *flags)
    assert (ended.code, "no folder was named" in ended.err) == (2, True)
    ended = run("cache", "base", "--data", faces, *tiny, "--cache", "x")
    assert (ended.code, "base has no teacher" in ended.err) == (2, True)
    assert "float16" in run("cache", "--help").out


def test_one_cache_is_for_all_or_for_none(run, flags, tmp_path):
    ended = run("train", "kd", *flags, "--out", tmp_path / "run", "+", "askd", "--cache", tmp_path / "cache")
    assert ended.code == 2
    assert "differ in --cache" in ended.err
