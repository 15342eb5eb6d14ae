"""What goes wrong is said in one line, with file, record and remedy; earlier checkpoints stay as they were."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from foveate.data.encode import encode
from foveate.data.exact_size import ExactSize
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.loader import batches
from foveate.errors import CheckpointError
from foveate.heads.partial_fc import PartialFC
from foveate.model_file import load_model, read_card, save_model


@pytest.fixture
def train(run, faces, tiny, tmp_path):
    """Calls ``foveate train`` on the tiny network; later flags win."""

    def train(recipe, *more, data=faces):
        return run("train", recipe, "--data", data, "--out", tmp_path / "run", *tiny, *more)

    return train


@pytest.fixture
def copied(faces, tmp_path):
    """A copy of the faces that a test may damage."""
    return shutil.copytree(faces, tmp_path / "copied")


def _refused(outcome, *words, code=2):
    """One clear line on standard error, and nothing on standard output."""
    assert outcome.code == code, outcome.err
    message = outcome.err.strip().splitlines()[-1]
    assert message.startswith("foveate")
    assert message.endswith(".")
    assert "Traceback" not in outcome.err
    for word in words:
        assert str(word) in message
    assert outcome.out == ""


def _weights_of(folder):
    return {path.name: load_model(path / "model.safetensors").network.state_dict() for path in folder.iterdir()}


@pytest.mark.parametrize("workers", [0, 1])
def test_a_corrupt_image_names_its_record_and_leaves_the_checkpoints(train, faces, noise, tmp_path, workers):
    *_, (_, _, last) = batches(InsightFaceRecords(faces), batch=8, framing=ExactSize(112), seed=0, epoch=0)
    place = last[0].item()  # in the last of four batches
    images = [(image if number != place else image[:100], number // 4) for number, image in enumerate(noise)]
    write_insightface(tmp_path / "bad", images, classes=7)
    ended = train("base", "--checkpoint-every", "1", "--workers", workers, "--hold-out", "0", data=tmp_path / "bad")
    _refused(ended, tmp_path / "bad", f"record {place + 1}:", "cannot be decoded", "Replace this image")
    kept = _weights_of(tmp_path / "run/checkpoints")
    assert sorted(kept) == ["step-00000002", "step-00000003"]
    write_insightface(tmp_path / "bad", [(image, number // 4) for number, image in enumerate(noise)], classes=7)
    assert train("base", "--checkpoint-every", "1", "--resume", "--hold-out", "0", data=tmp_path / "bad").code == 0


def test_an_image_of_another_size_names_its_record(train, noise, tmp_path):
    small = encode(torch.zeros(64, 64, 3, dtype=torch.uint8).numpy())
    write_insightface(tmp_path / "bad", [(small, 0), *((image, 1) for image in noise[:7])], classes=2)
    ended = train("base", "--hold-out", "0", data=tmp_path / "bad")
    _refused(ended, "record 1:", "64 x 64 pixels", "112 x 112", "Align the faces")


def test_a_truncated_rec_is_refused(train, copied):
    rec = copied / "train.rec"
    rec.write_bytes(rec.read_bytes()[:100_000])
    _refused(train("base", data=copied), copied, "record", "100000", "Use the .idx and .rec that were written together")


def test_an_index_of_another_rec_is_refused(train, copied, noise, tmp_path):
    write_insightface(tmp_path / "other", [(image, number // 2) for number, image in enumerate(noise[2:])], classes=13)
    shutil.copy(tmp_path / "other/train.idx", copied / "train.idx")
    _refused(train("base", data=copied), copied, "record", "Use the .idx and .rec that were written together")


def test_a_missing_path_and_a_missing_index_are_refused(train, copied, tmp_path):
    _refused(train("base", data=tmp_path / "nowhere"), tmp_path / "nowhere", "no such file or folder", "Check the path")
    (copied / "train.idx").unlink()
    _refused(train("base", data=copied), copied / "train.idx", "cannot be opened")


def test_an_empty_folder_is_refused(train, run, teacher, tmp_path):
    (tmp_path / "empty").mkdir()
    _refused(train("base", data=tmp_path / "empty"), tmp_path / "empty", "no identity folders", "Give a folder")
    _refused(run("data", "show", tmp_path / "empty"), tmp_path / "empty", "no identity folders")
    ended = run("evaluate", teacher / "model.safetensors", "--data", tmp_path / "empty")
    _refused(ended, tmp_path / "empty", "no test sets", "pairs.txt")


def test_one_identity_alone_is_refused(train, noise, tmp_path):
    write_insightface(tmp_path / "one", [(image, 0) for image in noise[:4]], classes=1)
    _refused(train("base", data=tmp_path / "one"), tmp_path / "one", "one identity only", "other people")


def test_a_damaged_set_is_not_passed_over_for_the_pairs_beside_it(run, copied):
    (copied / "train.idx").write_text("")
    _refused(run("data", "show", copied), copied / "train.idx", "the index is empty")


def test_a_teacher_of_another_width_is_refused(train, teacher):
    file = teacher / "model.safetensors"
    ended = train("askd", "--teacher", file, "--width", "8")
    _refused(ended, file, "another architecture", "width", "Give the student the flags")


def test_resuming_with_another_width_names_it_and_changes_nothing(train, tmp_path):
    out = tmp_path / "run"
    assert train("base", "--checkpoint-every", "3").code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    ended = train("base", "--checkpoint-every", "3", "--resume", "--width", "8")
    _refused(ended, out, "another run", "arguments.scale.width was 4, now 8", "network.arguments.width was 4, now 8")
    shutil.rmtree(out / "checkpoints")  # a short run leaves none, and is protected all the same
    _refused(train("base", "--resume", "--ratio", "4"), out / "run.json", "arguments.ratio was [], now [4]")
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert after == {path: content for path, content in before.items() if "checkpoints" not in path.parts}


def test_a_loss_that_is_not_finite_ends_the_run_and_leaves_the_checkpoints(train, tmp_path):
    flags = ["--precision", "float32", "--checkpoint-every", "1", "--log-every", "100"]
    ended = train("base", *flags, "--learning-rate", "1e30")
    _refused(ended, tmp_path / "run", "not finite at or before step", "Lower the learning rate", code=1)
    kept = _weights_of(tmp_path / "run/checkpoints")
    assert kept
    assert all(value.isfinite().all() for weights in kept.values() for value in weights.values())
    assert not (tmp_path / "run/model.safetensors").exists()
    log = (tmp_path / "run/log.jsonl").read_text().splitlines()
    assert all("NaN" not in line and json.loads(line)["loss"] is not None for line in log)


def test_a_running_statistic_that_is_not_finite_is_no_model(train, tmp_path, monkeypatch):
    """In training BatchNorm never reads what it will answer with later."""
    step, make, made = torch.optim.SGD.step, torch.nn.BatchNorm2d.__init__, []

    def remember(self, *given, **named):
        make(self, *given, **named)
        made.append(self)

    def spoil(self, closure=None):
        step(self)
        made[0].running_var.fill_(float("inf"))

    monkeypatch.setattr(torch.nn.BatchNorm2d, "__init__", remember)
    monkeypatch.setattr(torch.optim.SGD, "step", spoil)
    ended = train("base", "--batch", "28", "--epochs", "1")
    _refused(ended, "not finite at or before step 1", code=1)
    assert not (tmp_path / "run/model.safetensors").exists()


def test_a_weight_that_is_not_finite_is_no_model(train, tmp_path, monkeypatch):
    """The last step's loss may be finite while its gradient is not."""
    step = torch.optim.SGD.step

    def spoil(self, closure=None):
        step(self)
        self.param_groups[0]["params"][0].data[0] = float("nan")

    monkeypatch.setattr(torch.optim.SGD, "step", spoil)
    ended = train("base", "--batch", "28", "--epochs", "1")
    _refused(ended, "not finite at or before step 1", code=1)
    assert not (tmp_path / "run/model.safetensors").exists()


def test_a_folder_that_holds_a_run_is_not_written_over(run, faces, teacher, tiny):
    before = (teacher / "model.safetensors").read_bytes()
    ended = run("train", "teacher", "--data", faces, "--out", teacher, *tiny)
    _refused(ended, teacher, "already holds a run", "--resume", "--out")
    assert (teacher / "model.safetensors").read_bytes() == before


def test_a_damaged_model_is_refused(run, faces, teacher, tmp_path):
    file = tmp_path / "model.safetensors"
    whole = (teacher / "model.safetensors").read_bytes()
    for content in (b"", whole[:7], whole[:3000], whole[:-1], b"\xff" * 8 + whole[8:], whole[:8] + b"?" + whole[9:]):
        file.write_bytes(content)
        _refused(run("evaluate", file, "--data", faces), file, "damaged", "Restore it or train again")
    save_file(load_file(teacher / "model.safetensors"), file)
    _refused(run("evaluate", file, "--data", faces), file, "not a foveate model", "foveate train")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    file.write_bytes(flipped)
    _refused(run("evaluate", file, "--data", faces), file, "not the ones that were written")
    file.unlink()
    _refused(run("evaluate", file, "--data", faces), file, "no such file")


def test_the_folder_of_a_run_stands_for_its_model(run, faces, teacher):
    file = run("evaluate", teacher / "model.safetensors", "--data", faces, "--json").json
    folder = run("evaluate", teacher, "--data", faces, "--json").json
    assert list(file.values()) == list(folder.values())


def test_evaluating_no_model_is_refused(run, faces):
    _refused(run("evaluate", "--data", faces), "no model was named", "model.safetensors")


def test_a_run_that_could_not_begin_leaves_its_folder_free(train, noise, tmp_path):
    bad = [(noise[0][:100], 0), *((image, 1) for image in noise[:7])]
    write_insightface(tmp_path / "set", bad, classes=2)
    _refused(train("base", "--hold-out", "0", data=tmp_path / "set"), "cannot be decoded")
    write_insightface(tmp_path / "set", [(image, number // 4) for number, image in enumerate(noise)], classes=7)
    assert train("base", "--hold-out", "0", data=tmp_path / "set").code == 0


def test_a_teacher_that_was_trained_with_other_dropout_teaches(train, teacher):
    assert train("askd", "--teacher", teacher / "model.safetensors", "--dropout", "0.1", "--epochs", "1").code == 0


def test_attention_elsewhere_is_refused_where_the_network_has_it_nowhere_else(train):
    _refused(train("base", "--backbone", "mobilefacenet", "--sites", "conv"), "end of its blocks only", "--sites")


def test_the_demo_refuses_what_it_cannot_do_before_it_starts(run, faces, noise, tmp_path):
    out = tmp_path / "demo"
    _refused(run("demo", "--data", faces, "--out", out, "--ratio", "5"), "divides it")
    _refused(run("demo", "--data", faces, "--out", out, "--seen", "5"), faces, "one pass over 28", "--seen 28")
    _refused(run("demo", "--out", out, "--seen", "5000"), out, "one pass over 12,000", "--seen 12000")
    write_insightface(tmp_path / "bare", [(image, number // 4) for number, image in enumerate(noise)], classes=7)
    flags = ["--data", tmp_path / "bare", "--out", out, "--seen", "28", "--hold-out", "0"]
    _refused(run("demo", *flags), tmp_path / "bare", "nothing to test on", "--hold-out")
    assert not out.exists()


def test_a_damaged_checkpoint_is_refused_and_the_one_before_can_be_used(train, tmp_path):
    folder = tmp_path / "run/checkpoints"
    assert train("base", "--checkpoint-every", "2").code == 0
    whole = (tmp_path / "run/model.safetensors").read_bytes()
    for name in ("model.safetensors", "results.json"):
        (tmp_path / "run" / name).unlink()
    (folder / "step-00000006/optimiser.safetensors").write_bytes(b"half")
    _refused(train("base", "--checkpoint-every", "2", "--resume"), folder / "step-00000006", "Delete this folder")
    shutil.rmtree(folder / "step-00000006")
    assert train("base", "--checkpoint-every", "2", "--resume").code == 0
    assert (tmp_path / "run/model.safetensors").read_bytes() == whole


@pytest.fixture
def rewritten(teacher, tmp_path):
    """The teacher's file with changes in its card."""

    def rewritten(**changes):
        file = tmp_path / "rewritten.safetensors"
        save_model(
            file, load_file(teacher / "model.safetensors"), {**read_card(teacher / "model.safetensors"), **changes}
        )
        return file

    return rewritten


def test_a_teacher_of_other_classes_is_refused(train, teacher, noise, tmp_path):
    write_insightface(tmp_path / "others", [(image, number // 2) for number, image in enumerate(noise)], classes=14)
    file = teacher / "model.safetensors"
    ended = train("askd_kd", "--teacher", file, "--hold-out", "0", data=tmp_path / "others")
    _refused(ended, file, "another set of identities", "the same --data")
    assert train("askd", "--teacher", file, "--hold-out", "0", data=tmp_path / "others").code == 0  # only looks


def test_a_teacher_that_sees_other_colours_is_refused(train, run, faces, teacher, rewritten):
    views = read_card(teacher / "model.safetensors")["views"]
    file = rewritten(views={**views, "arguments": {**views["arguments"], "colour": "bgr"}})
    _refused(train("askd", "--teacher", file), file, "the teacher sees bgr, the student rgb", "--preset")
    ended = run("evaluate", teacher / "model.safetensors", "--data", faces, "--teacher", file)
    _refused(ended, "the teacher sees bgr, the model rgb", "--preset")


def test_a_card_that_this_version_cannot_build_is_refused(run, faces, teacher, rewritten):
    network = read_card(teacher / "model.safetensors")["network"]
    for change in ({"call": "foveate.backbones.iresnet:Gone"}, {"call": "os:system"}, {"arguments": {"weight": 1}}):
        file = rewritten(network={**network, **change})
        _refused(run("evaluate", file, "--data", faces), file, "its network cannot be built again", "Install foveate")


def test_weights_of_another_architecture_are_refused(run, faces, teacher, rewritten):
    network = read_card(teacher / "model.safetensors")["network"]
    file = rewritten(network={**network, "arguments": {**network["arguments"], "width": 8}})
    _refused(run("evaluate", file, "--data", faces), file, "another architecture", "file (", "network (")


def test_a_teacher_with_attention_elsewhere_cannot_be_compared(run, train, faces, teacher, tmp_path):
    assert train("teacher", "--attention", "se", "--epochs", "1").code == 0
    ended = run(
        "evaluate", teacher / "model.safetensors", "--data", faces, "--teacher", tmp_path / "run/model.safetensors"
    )
    assert ended.code == 2
    assert "attention at other places" in ended.err
    assert "Traceback" not in ended.err


def test_names_that_do_not_exist_are_refused_with_those_that_do(train, run, teacher, faces):
    _refused(train("base", "--device", "warp"), "there is no device 'warp'", "--device auto")
    _refused(train("nonsense"), "there is no recipe 'nonsense'", "askd, askd_kd")
    _refused(train("base", "--attention", "nonsense"), "no 'nonsense' in foveate.attention", "cbam")
    _refused(run("nonsense"), "there is no command 'nonsense'", "train, cache")
    _refused(run("evaluate", teacher / "model.safetensors", "--data", faces, "--device", "warp"), "no device 'warp'")


@pytest.mark.parametrize(
    ("flag", "value", "word"),
    [
        ("batch", 1, "two faces a batch"),
        ("batch", 0, "two faces a batch"),
        ("epochs", 0, "one epoch"),
        ("log-every", 0, "1 or more"),
        ("checkpoint-every", 0, "1 or more"),
        ("workers", -1, "0 or more"),
        ("warmup", 1, "share from 0 to below 1"),
        ("depth", 17, "IResNet of depth 17"),
        ("ratio", 5, "divides it"),
        ("side", 2, "between 3 and 112"),
        ("dropout", 2, "share from 0 to below 1"),
        ("width", 0, "1 or more"),
        ("reduction", 0, "1 or more"),
        ("embedding", 0, "1 or more"),
        ("crop", -3, "0 or more"),
        ("learning-rate", 0, "above 0"),
        ("clip", 0, "above 0"),
        ("hold-out", 2, "share from 0 to below 1"),
    ],
)
def test_a_value_out_of_range_is_refused_before_anything_runs(train, tmp_path, flag, value, word):
    _refused(train("base", f"--{flag}={value}"), word)
    assert not (tmp_path / "run").exists()


def test_relations_of_a_batch_in_parts_and_groups_that_do_not_divide_it_are_refused(train, teacher):
    guide = ["--teacher", teacher / "model.safetensors"]
    _refused(train("rkd", *guide, "--parts", "2"), "rkd compares the faces of a batch", "2 parts cut it", "--parts")
    ended = train("fskd", *guide, "--per-identity", "3")
    _refused(ended, "batches of 8 faces cannot be made of 3 of each identity", "divisor of --batch")


def test_wrong_flags_end_with_usage_and_code_2(train, run):
    for outcome in (train("base", "--nonsense"), train("base", "--scale", "huge"), train("askd"), run("evaluate")):
        assert outcome.code == 2
        assert outcome.err
        assert "Traceback" not in outcome.err


def test_a_place_that_cannot_be_written_is_refused(run, faces, tiny, tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("train", "base", "--data", faces, "--out", tmp_path / "file/run", *tiny)
    _refused(ended, tmp_path / "file", "can be read or written", code=1)


def test_with_json_the_error_is_json_too(train, run, tmp_path):
    for outcome, kind in [
        (train("base", "--json", data=tmp_path / "nowhere"), "DataError"),
        (train("nonsense", "--json"), "RecipeError"),
        (run("data", "show", tmp_path / "nowhere", "--json"), "DataError"),
        (run("nonsense", "--json"), "NoCommand"),
    ]:
        assert outcome.code == 2
        assert outcome.json["kind"] == kind
        assert outcome.json["error"] in outcome.err


def test_with_json_wrong_flags_are_said_in_json_too(train):
    ended = train("base", "--nonsense", "--json")
    assert ended.code == 2
    assert ended.json["kind"] == "Usage"
    assert "--nonsense" in ended.err


def test_milestones_after_the_end_are_refused(run, faces, tmp_path):
    ended = run("train", "base", "--data", faces, "--out", tmp_path / "run", "--epochs", "5")
    _refused(ended, "--milestones", "There are 5 epochs")


def test_interrupted_work_says_how_it_goes_on(run, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("foveate.commands.train.train", interrupt)
    monkeypatch.setattr("foveate.commands.data.data", interrupt)
    monkeypatch.setattr("foveate.commands.bench.bench", interrupt)
    for command, words in (
        ("train", "interrupted; the same command with --resume goes on."),
        ("data", "interrupted; nothing half-written is left, and the same command goes on."),
        ("bench", "interrupted."),
    ):
        ended = run(command, "x")
        assert ended.code == 130
        assert ended.err.strip() == f"foveate {command}: {words}"


def test_a_drawn_set_is_not_drawn_over(run, tmp_path):
    flags = ["--identities", "2", "--images", "2", "--test-identities", "20"]
    assert run("data", "synthesise", tmp_path / "drawn", *flags).code == 0
    _refused(run("data", "synthesise", tmp_path / "drawn", *flags), tmp_path / "drawn", "it exists already")


def test_drawing_refuses_numbers_that_make_no_set(run, tmp_path):
    for flags in (["--identities", "1"], ["--images", "0"], ["--test-identities", "10"], ["--test-identities", "25"]):
        ended = run("data", "synthesise", tmp_path / "drawn", *flags)
        _refused(ended, tmp_path / "drawn", "make no data set", "20, 30")
        assert not (tmp_path / "drawn").exists()


def test_a_folder_whose_run_nothing_describes_is_not_gone_on_with(train, tmp_path):
    assert train("base", "--checkpoint-every", "3").code == 0
    run = tmp_path / "run"
    whole = (run / "run.json").read_bytes()
    (run / "run.json").write_text("{")
    _refused(train("base", "--resume"), run / "run.json", "the file is damaged", "choose another --out")
    (run / "run.json").unlink()
    _refused(train("base", "--seed", "7"), run, "run.json is gone", "choose another --out")
    (run / "run.json").write_bytes(whole)
    (run / "results.json").write_text("{")
    _refused(train("base", "--resume"), run / "results.json", "the file is damaged")


def test_damaged_class_centres_are_named(tmp_path):
    PartialFC(8, 50).save(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"centres-00000\.safetensors: the file is damaged"):
        PartialFC(8, 50).load(tmp_path)


@pytest.mark.parametrize(
    ("recipe", "flag", "words"),
    [
        ("kd", "--temperature=0", "--temperature is 0"),
        ("kd", "--temperature=nan", "--temperature is nan"),
        ("kd", "--weight=-5", "weight is -5"),
        ("kd", "--weight=inf", "weight is inf"),
        ("fskd", "--cross=-1", "--cross is -1"),
        ("base", "--learning-rate=inf", "--learning-rate is inf"),
        ("base", "--seed=-1", "--seed is -1"),
    ],
)
def test_numbers_that_no_training_survives_are_refused(recipe, flag, words, train, teacher):
    teacher = [] if recipe == "base" else ["--teacher", teacher / "model.safetensors"]
    _refused(train(recipe, flag, *teacher), words)


@pytest.mark.parametrize("milestones", [("0",), ("1", "2"), ("2", "2")])
def test_milestones_that_are_none_are_refused(milestones, train):
    _refused(train("base", "--schedule", "steps", "--milestones", *milestones), "--milestones is", "different epochs")
