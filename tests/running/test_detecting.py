"""foveate detect, evaluate and align with a detector, from photos to boxes, numbers and crops."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.bench.training_flops import training_gflops
from foveate.cli import main
from foveate.data.annotated import AnnotatedPhoto
from foveate.data.detections import Detections, read_detections, write_detections
from foveate.data.encode import encode
from foveate.data.face_photos import hold_out_faces, open_face_photos
from foveate.data.image_writer import write_image
from foveate.data.wider_truth import LEVELS
from foveate.data.widerface_writer import write_wider_truth
from foveate.detection_scale import SMALL
from foveate.detection_task import DetectionTask
from foveate.errors import DataError, RecipeError
from foveate.flops import network_work
from foveate.model_file import load_model
from foveate.objective import Objective
from foveate.recipes.widerface_base import widerface_base
from foveate.run import Run
from foveate.student import LoneStudent
from foveate.train import train

SCALE = dataclasses.replace(
    SMALL, width=4, norm="batch", channels=8, tower=1, size=96, rows=(0,), fit=(64, 96), batch=4, epochs=1
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Six photos of noise with a face each."""
    folder, lines = tmp_path_factory.mktemp("photos"), []
    random = np.random.default_rng(0)
    for number in range(6):
        write_image(folder / f"{number}.jpg", encode(random.integers(0, 256, (80, 110, 3), dtype=np.uint8)))
        lines += [f"{number}.jpg", "1", "30 20 25 33 0 0 0 0 0 0"]
    (folder / "train_bbx_gt.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory) -> Path:
    """A detector that was hardly trained: its boxes are its anchors, its scores about 0.01."""
    out = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    experiment = widerface_base(DetectionTask(folder, scale=SCALE), LoneStudent(ratio=(4,)))
    arguments = {"scale": dataclasses.asdict(SCALE), "preset": "paper"}
    train(experiment, Run(out, recipe="widerface_base", arguments=json.loads(json.dumps(arguments))))
    return out / "model.safetensors"


def test_boxes_are_drawn_and_written_as_numbers_and_in_the_format_of_wider_face(folder, model, tmp_path, capsys):
    flags = ["--model", str(model), "--out", str(tmp_path), "--min-score", "0.0001", "--text", "--json"]
    assert main(["detect", str(folder / "0.jpg"), str(folder / "3.jpg"), *flags]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "detections.json").read_text())
    assert printed.keys() == {"0.jpg", "3.jpg"}
    found = read_detections(tmp_path / "text", ["0.jpg"])[0]["0.jpg"]
    assert len(found) == len(printed["0.jpg"]) > 0
    np.testing.assert_allclose(found.boxes, [face["box"] for face in printed["0.jpg"]], atol=0.01)
    scores = [face["score"] for face in printed["0.jpg"]]
    assert scores == sorted(scores, reverse=True)
    with Image.open(tmp_path / "0.jpg") as image:
        assert image.size == (110, 80)
        assert (np.abs(np.array(image).astype(int) - [255, 196, 0]).sum(2) < 60).any()


def test_photos_are_searched_as_they_are_unless_a_ratio_is_given(folder, model, tmp_path, capsys):
    answers = []
    for more in ([], ["--ratio", "4"], ["--mirror"], ["--fit", "128", "192"]):
        main(
            [
                "detect",
                str(folder),
                "--model",
                str(model),
                "--out",
                str(tmp_path),
                "--min-score",
                "0.0001",
                "--json",
                *more,
            ]
        )
        answers.append(capsys.readouterr().out)
    assert len(set(answers)) == 4
    assert json.loads(answers[0]).keys() == {f"{number}.jpg" for number in range(6)}


def test_several_models_stand_side_by_side_and_see_as_they_were_trained(folder, model, tmp_path, capsys):
    flags = ["--model", str(model), str(model.parent), "--out", str(tmp_path), "--min-score", "0.0001", "--json"]
    answers = []
    for more in ([], ["--as-trained"]):
        assert main(["detect", str(folder / "0.jpg"), *flags, *more]) == 0
        answers.append(json.loads(capsys.readouterr().out))
        with Image.open(tmp_path / "0.jpg") as image:
            assert image.size[0] > 2 * 110
    sharp, trained = answers
    assert sharp[str(model)] == sharp[str(model.parent)]
    assert sharp[str(model)] != trained[str(model)]


def test_boxes_that_people_drew_are_shown_and_photos_can_be_hidden(folder, model, tmp_path, capsys):
    flags = ["--model", str(model), "--out", str(tmp_path), "--truth", str(folder), "--hide"]
    assert main(["detect", str(folder / "0.jpg"), *flags, "--min-score", "0.9"]) == 0
    with Image.open(tmp_path / "0.jpg") as image:
        seen = np.array(image.convert("L")).astype(int)
    people_drew = np.zeros((80, 110), dtype=bool)
    people_drew[20:54, 30:56] = True
    people_drew[21:53, 31:55] = False
    assert (seen[people_drew] > 160).all()
    away = np.ones_like(people_drew)
    away[12:62, 22:64] = False  # JPEG smears its blocks
    assert (np.abs(seen[away] - 72) <= 2).all()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/0.jpg").write_bytes((folder / "0.jpg").read_bytes())
    assert main(["detect", str(tmp_path / "photos"), *flags, "--out", str(tmp_path / "other")]) != 0
    assert "none of the photos is in this set" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nowhere.jpg"], "no such photo"),
        (["{folder}", "--min-score", "0"], "--min-score is 0"),
        (["{folder}", "--ratio", "0.5"], "--ratio is 0.5"),
        (["{folder}", "--ratio", "2", "--as-trained"], "both say what models see"),
        (["{folder}", "{folder}/0.jpg"], "two photos are called 0.jpg"),
    ],
)
def test_what_cannot_be_searched_is_refused(given, words, folder, model, tmp_path, capsys):
    filled = [word.format(folder=folder) for word in given]
    assert main(["detect", *filled, "--model", str(model), "--out", str(tmp_path)]) != 0
    assert words in capsys.readouterr().err
    assert not (tmp_path / "detections.json").exists()


def test_what_is_found_stays_away_from_the_photos(folder, model, capsys):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    for photos, out in ((folder / "0.jpg", folder), (folder, folder / "found"), (folder, folder)):
        assert main(["detect", str(photos), "--model", str(model), "--out", str(out)]) != 0
        assert "would be among the photos" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert main(["detect", str(folder), "--model"]) != 0
    assert "no model was named" in capsys.readouterr().err


def test_photos_are_turned_upright_and_stay_as_they_are(folder, model, tmp_path, capsys):
    lying = tmp_path / "photos" / "lying.jpg"
    lying.parent.mkdir()
    with Image.open(folder / "0.jpg") as image:
        turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees to the right
    turned.save(lying, exif=exif, quality=100, subsampling=0)
    before, out = lying.read_bytes(), tmp_path / "out"
    assert main(["detect", str(lying.parent), "--model", str(model), "--out", str(out), "--json"]) == 0
    with Image.open(out / "lying.jpg") as image:
        assert image.size == (110, 80)
    assert lying.read_bytes() == before


def test_a_damaged_photo_is_named_and_the_others_are_searched(folder, model, tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    whole = (folder / "0.jpg").read_bytes()
    for name, content in (("a.jpg", whole), ("b.jpg", whole[: len(whole) // 3]), ("c.jpg", whole)):
        (photos / name).write_bytes(content)
    (photos / "d.jpg").symlink_to(tmp_path / "gone.jpg")
    out = tmp_path / "out"
    flags = ["--model", str(model), "--out", str(out), "--min-score", "0.01", "--text", "--json"]
    assert main(["detect", str(photos), *flags]) == 1
    told = capsys.readouterr()
    assert "2 of 4 photos cannot be read" in told.err
    assert str(photos / "b.jpg") in told.err.replace("\n", "")
    assert str(photos / "d.jpg") in told.err.replace("\n", "")
    found = json.loads(told.out)
    assert list(found) == ["a.jpg", "c.jpg"]
    assert found["a.jpg"] == found["c.jpg"] != []
    assert found == json.loads((out / "detections.json").read_text())
    assert {file.name for file in out.rglob("*.jpg")} == {"a.jpg", "c.jpg"}


def test_boxes_of_two_photos_never_share_a_file(folder, model, tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("a.jpg", "a.jpeg"):
        (photos / name).write_bytes((folder / "0.jpg").read_bytes())
    flags = ["--model", str(model), "--out", str(tmp_path / "out"), "--text"]
    assert main(["detect", str(photos), *flags]) != 0
    assert "the boxes of a.jpeg and a.jpg would be in one file" in capsys.readouterr().err


def test_a_detector_is_judged_as_trained_and_at_another_ratio(folder, model, capsys):
    for more, title in ([], "paper 4x"), (["--ratio", "1"], "sharp"), (["--ratio", "2"], "paper 2x"):
        assert main(["evaluate", str(model), "--data", str(folder), "--json", *more]) == 0
        ((answer,),) = [list(each.values()) for each in json.loads(capsys.readouterr().out).values()]
        assert answer["degradation"] == title
        levels = {"all", "small", "large"}
        assert answer["average_precision"].keys() == levels | {f"{level} at 0.3" for level in levels}
        assert answer["faces"]["all"] == 1  # of six photos the one that training held out


def test_the_model_says_how_many_photos_its_training_held_out(folder, tmp_path, capsys):
    torch.manual_seed(0)
    task = DetectionTask(folder, hold_out=0.5, scale=SCALE)
    arguments = {"scale": dataclasses.asdict(SCALE), "preset": "paper", "hold_out": 0.5}
    experiment = widerface_base(task, LoneStudent(ratio=(4,)))
    train(experiment, Run(tmp_path, recipe="widerface_base", arguments=json.loads(json.dumps(arguments))))
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path), "--data", str(folder), "--json"]) == 0
    ((answer,),) = [list(each.values()) for each in json.loads(capsys.readouterr().out).values()]
    assert answer["photos"] == 3


def test_a_model_that_saw_the_photos_is_judged_with_a_warning(folder, model, tmp_path, capsys):
    train, _ = hold_out_faces(open_face_photos(folder)[0], 0.1)
    lines = [f"{photo.name}\n1\n30 20 25 33 0 0 0 0 0 0" for photo in train.photos]
    for photo in train.photos:
        (tmp_path / photo.name).write_bytes((folder / photo.name).read_bytes())
    (tmp_path / "train_bbx_gt.txt").write_text("\n".join(lines))
    assert main(["evaluate", str(model), "--data", str(tmp_path), "--json"]) == 0
    ended = capsys.readouterr()
    assert "was trained on the photos" in ended.err
    ((answer,),) = [list(each.values()) for each in json.loads(ended.out).values()]
    assert answer["photos"] == 5


def test_boxes_of_any_detector_are_judged(tmp_path, capsys):
    nothing = np.zeros((0, 6), dtype=np.int64)
    faces = np.array([[10.0, 10, 49, 49], [60, 10, 99, 49]])
    photos = [
        AnnotatedPhoto("0--a/x.jpg", "0--a", faces, np.zeros((2, 6), dtype=np.int64)),
        AnnotatedPhoto("0--a/y.jpg", "0--a", np.zeros((0, 4)), nothing),
    ]
    wider = tmp_path / "wider"
    wider.mkdir()
    count = (np.ones(2, dtype=np.bool_), np.zeros(0, dtype=np.bool_))
    write_wider_truth(wider, photos, dict.fromkeys(LEVELS, count))
    boxes = {"0--a/x.jpg": Detections(faces, np.array([0.9, 0.2])), "0--a/y.jpg": Detections(faces[:1], np.ones(1))}
    found = write_detections(tmp_path / "found", boxes)
    assert main(["evaluate", str(found), "--data", str(wider), "--json"]) == 0
    ((answer,),) = [list(each.values()) for each in json.loads(capsys.readouterr().out).values()]
    assert answer["average_precision"] == pytest.approx(dict.fromkeys(LEVELS, 1.0))
    strict = answer["empty_photos_too"]["hard"]  # the surest box of all is a false alarm
    assert strict == pytest.approx(1 - 1 / 3)
    (tmp_path / "found/0--a/y.txt").unlink()
    assert main(["evaluate", str(found), "--data", str(wider), "--json"]) == 0
    ended = capsys.readouterr()
    assert "1 of 2 photos" in " ".join(ended.err.split())
    ((answer,),) = [list(each.values()) for each in json.loads(ended.out).values()]
    assert answer["photos_without_file"] == 1
    assert main(["evaluate", str(found), "--data", str(wider), "--ratio", "4"]) != 0
    assert "say nothing to boxes" in capsys.readouterr().err


def test_flags_of_other_models_are_refused(folder, model, capsys):
    for more in (["--mode", "hr-lr"], ["--teacher", str(model)], ["--hold-out", "0.5"]):
        assert main(["evaluate", str(model), "--data", str(folder), *more]) != 0
        assert f"{more[0]} says nothing to models of detectors" in capsys.readouterr().err


def test_tuning_leaves_the_validation_set_and_test_sets_alone(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "val_bbx_gt.txt").write_text("0.jpg\n1\n30 20 25 33 0 0 0 0 0 0\n")
    plain, tuned = (DetectionTask(tmp_path, (folder,), tune=tune, hold_out=0.5, scale=SCALE) for tune in (False, True))
    assert (len(plain.images), len(tuned.images)) == (6, 3)
    objective = Objective(plain.network(), plain.head())
    counts = [len(task.evaluations(task.views((2,)), objective)) for task in (plain, tuned)]
    assert counts == [2, 1]
    assert len(plain.evaluations(plain.views((2, 4)), objective)) == 4


def test_two_test_sets_of_one_name_are_refused(folder):
    task = DetectionTask(folder, (folder, folder), scale=SCALE)
    with pytest.raises(DataError, match="two test sets are called"):
        task.evaluations(task.views(), Objective(task.network(), task.head()))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parts": 2, "batch": 8}, "smaller --batch"),
        ({"recompute": True}, "Detectors cannot"),
        ({"norm": "group", "width": 70}, "GroupNorm"),
        ({"norm": "group", "width": 40}, "GroupNorm cannot group 80 channels"),
        ({"norm": "group", "channels": 160}, "GroupNorm cannot group 80 channels"),
        ({"channels": 12}, "multiple of 8"),
        ({"deformable": (5,)}, "stages of 1 to 4"),
        ({"size": 64}, "more than 64"),
        ({"fit": (96, 64)}, "the shorter first"),
    ],
)
def test_scales_that_cannot_be_are_refused(wrong, words):
    with pytest.raises(RecipeError, match=words):
        dataclasses.replace(SCALE, **wrong)


def test_a_detector_is_not_judged_at_a_side(folder, model, capsys):
    assert main(["evaluate", str(model), "--data", str(folder), "--side", "7"]) != 0
    assert "Give --ratio" in capsys.readouterr().err


def test_a_ratio_and_a_side_are_refused(folder, capsys):
    flags = ["--data", str(folder), "--scale", "small", "--ratio", "8", "--side", "40"]
    assert main(["train", "widerface_base", *flags]) != 0
    assert "give either a ratio or a side" in capsys.readouterr().err


def test_a_detector_serves_alignment(folder, model, tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        (photos / f"{number}.jpg").write_bytes((folder / f"{number}.jpg").read_bytes())
    flags = ["--detector", "tinaface", "--weights", str(model), "--min-score", "0.0001", "--json"]
    assert main(["align", str(photos), "--out", str(tmp_path / "crops"), *flags]) == 0
    assert json.loads(capsys.readouterr().out)
    with Image.open(tmp_path / "crops" / "0.png") as crop:
        assert crop.size == (112, 112)


def test_an_image_of_its_training_costs_three_passes_of_the_network(model):
    card = json.loads((model.parent / "run.json").read_text())
    forward = network_work(load_model(model).network, size=96, batch=1, backward=False).flops / 1e9
    # Backwards each weight and each image that is no input wants its gradient.
    assert 2.5 * forward < training_gflops(card) < 3 * forward


def test_the_model_remembers_what_it_saw(model):
    assert load_model(model).views.degrade.title == "paper 4x"


def test_photos_of_which_some_are_held_out_are_no_test_set_beside(folder):
    task = DetectionTask(folder, (folder,), scale=SCALE)
    with pytest.raises(RecipeError, match="these are the photos to train on"):
        task.evaluations(task.views(), Objective(task.network(), task.head()))


def test_a_side_of_nothing_is_refused(folder):
    with pytest.raises(RecipeError, match="--side is 0"):
        DetectionTask(folder, scale=SCALE).views(side=(0,))


def test_the_first_scene_is_looked_at_before_any_step(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes() if file.suffix == ".txt" else b"no photo")
    task = DetectionTask(folder, (tmp_path,), scale=SCALE)
    with pytest.raises(DataError, match=f"{tmp_path.name}.*cannot be decoded"):
        train(widerface_base(task, LoneStudent(ratio=(4,))), Run(tmp_path / "run", recipe="r", arguments={}))
    assert not (tmp_path / "run/log.jsonl").exists()
