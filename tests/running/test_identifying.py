"""A network finds the people of probes in a gallery; from the command line, too."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch import nn

from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.tinyface import read_tinyface
from foveate.data.tinyface_writer import write_tinyface
from foveate.degrade.resize import resize
from foveate.degrade.shrink import Shrink
from foveate.errors import DataError
from foveate.evaluate.face_evaluations import face_evaluations
from foveate.evaluate.identify_faces import RANKS, FaceIdentification, fused
from foveate.evaluate.open_set import open_set
from foveate.face_task import FaceTask
from foveate.views import FaceViews


def _face(random, colour):
    """A face of any small size that is of one colour, nearly."""
    height, width = random.integers(14, 33, 2)
    colour = colour + random.integers(-30, 31, 3)
    return encode((colour + random.integers(-9, 10, (height, width, 3))).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six people in colours of their own, two gallery faces and one probe each, among twenty strangers."""
    random = np.random.default_rng(0)
    colours = random.integers(10, 246, (26, 3))
    probes = {number: [_face(random, colours[number])] for number in range(6)}
    matches = {number: [_face(random, colours[number]) for _ in range(2)] for number in range(6)}
    strangers = [_face(random, colour) for colour in colours[6:]]
    return write_tinyface(tmp_path_factory.mktemp("tinyface"), probes=probes, matches=matches, distractors=strangers)


class Colours(nn.Module):
    """Knows faces by their mean colours, and how bright their left half is."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, images):
        left = images[..., :56].mean((1, 2, 3))
        return torch.cat([images.mean((2, 3)), left[:, None]], dim=1) * self.scale


class Blind(Colours):
    """Answers the same whatever it sees."""

    def forward(self, images):
        return self.scale.expand(len(images), 4)


def _embedded(faces, by, network):
    """The mean embedding of each face and its mirror image, face by face."""
    found = []
    for number, image in enumerate(faces.images):
        pixels = resize(torch.from_numpy(decode(image, file="set", record=number)), 112, by=by)
        both = FaceViews().normalise(torch.stack([pixels, pixels.flip(1)]))
        with torch.no_grad():
            found.append(network(both).mean(0).numpy().astype(np.float64))
    return np.stack([item / np.linalg.norm(item) for item in found])


@pytest.mark.parametrize("by", ["bicubic", "nearest"])
def test_the_answer_is_what_sorting_the_gallery_gives(folder, by):
    faces, network = read_tinyface(folder), Colours()
    unit = _embedded(faces, by, network)
    people = faces.labels[faces.gallery]
    firsts, unknown = [], []
    for probe in faces.probe:
        score = unit[faces.gallery] @ unit[probe]
        firsts.append(1 + int(np.flatnonzero(people[np.argsort(-score)] == faces.labels[probe])[0]))
        unknown.append(score[people != faces.labels[probe]].max())
    answer, arrays = FaceIdentification(faces, FaceViews(Shrink(14)), 112, "tiny", by).detailed(network)
    assert arrays["rank"].tolist() == firsts
    assert min(firsts) == 1 < max(firsts)
    np.testing.assert_allclose(arrays["stranger_score"], unknown, atol=1e-6)
    for rank in RANKS:
        assert answer["found_at_rank"][f"{rank}"]["mean"] == pytest.approx(np.mean([first <= rank for first in firsts]))
    counts = {name: answer[name] for name in ("set", "probes", "gallery", "distractors", "mated", "resize")}
    assert counts == {"set": "tinyface", "probes": 6, "gallery": 32, "distractors": 20, "mated": 6, "resize": by}
    expected = open_set(arrays["mate_score"].astype(float), arrays["rank"].astype(int), np.array(unknown))
    assert answer["open_set"]["auc"] == pytest.approx(expected.auc)
    assert answer["open_set"]["unmated"] == "every probe, without its mates"
    assert json.loads(json.dumps(answer)) == answer


def test_a_network_that_sees_nothing_finds_nobody(folder):
    answer = FaceIdentification(read_tinyface(folder), FaceViews(), 112, "tiny")(Blind())
    assert [item["mean"] for item in answer["found_at_rank"].values()] == [0, 0, 0, 0, 1]  # 32 faces in the gallery
    assert answer["open_set"]["auc"] == 0
    assert set(answer["open_set"]["found_at_false_positive_rate"].values()) == {0.0}


def test_the_interval_is_over_people(folder):
    evaluation = FaceIdentification(read_tinyface(folder), FaceViews(), 112, "tiny")
    answer = evaluation(Colours())
    first = answer["found_at_rank"]["1"]
    assert 0 <= first["low"] < first["mean"] < first["high"] <= 1
    words = evaluation.headline(answer)
    assert f"tinyface: rank 1 {100 * first['mean']:.2f} %" in words
    assert "6 probes, 32 in the gallery" in words


def test_the_mean_has_the_direction_of_the_sum_of_unit_vectors_weighed_by_their_lengths():
    both = np.random.default_rng(0).normal(size=(5, 2, 7))
    length = np.linalg.norm(both, axis=2, keepdims=True)
    weighed = (both / length * length).sum(axis=1)
    mean = fused(both)
    np.testing.assert_allclose(
        mean / np.linalg.norm(mean, axis=1, keepdims=True), weighed / np.linalg.norm(weighed, axis=1, keepdims=True)
    )
    np.testing.assert_allclose(mean, (both[:, 0] + both[:, 1]) / 2)


def test_faces_are_enlarged_as_the_preset_of_the_network_does_it(folder, pairs):
    sets = (read_tinyface(folder), pairs)
    for views, way in ((FaceViews(Shrink(14)), "bicubic"), (FaceViews(colour="bgr"), "nearest")):
        verification, identification = face_evaluations(sets, views, 112)
        assert (verification.name, identification.name) == ("held", "tinyface")
        assert identification.resize == way
    assert face_evaluations(sets, FaceViews(colour="bgr"), 112, resize="bicubic")[1].resize == "bicubic"


def test_a_damaged_image_is_named_by_its_file(folder, tmp_path):
    faces = read_tinyface(folder)
    write_tinyface(tmp_path, probes={1: [b"nothing"]}, matches={1: [faces.images[0]]}, distractors=[faces.images[1]])
    with pytest.raises(DataError, match=r"tinyface: record Probe/1_2\.jpg: the image cannot be decoded"):
        FaceIdentification(read_tinyface(tmp_path), FaceViews(), 112, "tiny")(Colours())


def test_a_model_is_judged_on_tinyface_beside_pairs(run, teacher, faces, folder):
    file = teacher / "model.safetensors"
    found = run("evaluate", file, "--data", faces, folder, "--teacher", file, "--json").json[str(file)]
    assert list(found) == ["held", "tinyface", "attention on held"]
    assert found["tinyface"]["resize"] == "bicubic"
    alone = run("evaluate", file, "--data", folder / "Testing_Set", "--resize", "nearest", "--json").json[str(file)]
    assert list(alone) == ["tinyface"]
    assert alone["tinyface"]["resize"] == "nearest"
    assert "tinyface: rank 1" in run("evaluate", file, "--data", folder).out


def test_attention_is_not_compared_without_pairs(run, teacher, folder):
    file = teacher / "model.safetensors"
    ended = run("evaluate", file, "--data", folder, "--teacher", file)
    assert ended.code == 2
    assert "attention maps are compared on pairs of sharp faces" in ended.err


def test_a_run_is_tested_on_tinyface_and_keeps_what_each_probe_got(run, faces, folder, tiny, tmp_path):
    flags = ["--data", faces, "--test", folder, "--out", tmp_path / "run", *tiny, "--epochs", "1"]
    assert run("train", "base", *flags).code == 0
    answers = json.loads((tmp_path / "run/results.json").read_text())["evaluations"]
    assert list(answers) == ["held", "tinyface"]
    with np.load(tmp_path / "run/scores.npz") as arrays:
        rank, person = arrays["tinyface/rank"], arrays["tinyface/person"]
    assert person.tolist() == [0, 1, 2, 3, 4, 5]
    assert (rank <= 5).mean() == pytest.approx(answers["tinyface"]["found_at_rank"]["5"]["mean"])


def test_people_are_held_out_for_pairs_beside_tinyface_which_has_none(folder, tmp_path):
    for person in range(20):
        for number in range(2):
            file = tmp_path / f"{person}/{number}.jpg"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"never decoded")
    task = FaceTask(tmp_path, test=(folder,), hold_out=0.4)
    assert [each.name for each in task.tests] == [f"held-out {tmp_path.name}", "tinyface"]
    assert [each.name for each in task.pairs] == [f"held-out {tmp_path.name}"]
    assert len(task.images.classes) == 12
    alone = FaceTask(tmp_path, test=(folder,), hold_out=0.0)
    assert [each.name for each in alone.tests] == ["tinyface"]
    assert alone.pairs == ()
    assert [each.name for each in FaceTask(tmp_path, test=(folder,), hold_out=0.4, tune=True).tests] == [
        f"held-out {tmp_path.name}"
    ]


def test_a_test_set_is_shown_and_never_trained_on(run, folder, tiny, tmp_path):
    shown = run("data", "show", folder, "--sheet", tmp_path / "sheet.png", "--json").json
    assert shown["identification"] == [{"set": "tinyface", "probes": 6, "gallery": 32, "distractors": 20}]
    assert shown["verification"] == []
    ended = run("train", "base", "--data", folder, "--out", tmp_path / "run", *tiny)
    assert ended.code == 2
    assert "TinyFace's test set, which is not to be trained on" in ended.err


def test_the_first_face_is_looked_at_before_any_step(folder, tmp_path):
    faces = read_tinyface(folder)
    broken = dataclasses.replace(faces, images=[b"no image", *faces.images[1:]])
    for asked in face_evaluations([broken], FaceViews(), 112):
        with pytest.raises(DataError, match="cannot be decoded"):
            asked.look()
