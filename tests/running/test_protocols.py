"""From the command line: modes of verification, SCface by distance, QMUL-SurvFace in both tasks."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from foveate.data.encode import encode
from foveate.data.identification_set import UNKNOWN
from foveate.data.scface import read_scface
from foveate.data.scface_writer import write_scface
from foveate.data.survface import read_survface
from foveate.data.survface_writer import write_survface_identification, write_survface_verification
from foveate.degrade.shrink import Shrink
from foveate.evaluate.embed import embed, enlarging
from foveate.evaluate.identify_faces import RANKS, FaceIdentification
from foveate.evaluate.open_set import RATES
from foveate.views import FaceViews


def _face(random, colour):
    """A face of any small size that is of one colour, nearly."""
    height, width = random.integers(14, 33, 2)
    colour = colour + random.integers(-40, 41, 3)
    return encode((colour + random.integers(-9, 10, (height, width, 3))).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def survface(tmp_path_factory):
    """Twenty people in colours of their own: five in the gallery, five unknown; and distractors."""
    random = np.random.default_rng(0)
    colours = random.integers(10, 246, (20, 3))
    folder = tmp_path_factory.mktemp("survface")
    some = {person: [_face(random, colours[person]) for _ in range(2)] for person in range(20)}
    positive = [(f"{person}_cam1_1.jpg", f"{person}_cam1_2.jpg") for person in range(20)]
    negative = [(f"{person}_cam1_1.jpg", f"{(person + 1) % 20}_cam1_2.jpg") for person in range(20)]
    write_survface_verification(folder, images=some, positive=positive, negative=negative)
    known = {person: [_face(random, colours[person]) for _ in range(1 + person)] for person in range(5)}
    write_survface_identification(
        folder,
        gallery=known,
        mated={person: [_face(random, colours[person]) for _ in range(3)] for person in range(5)},
        unmated={person: [_face(random, colours[person])] for person in range(5, 10)},
        distractors=[_face(random, colour) for colour in colours[10:]],
    )
    return folder


@pytest.fixture(scope="module")
def scface(tmp_path_factory):
    """Six people: mugshots, and five cameras at three distances, the further the noisier."""
    random = np.random.default_rng(1)
    colours = random.integers(10, 246, (6, 3))
    cameras = {
        (person + 1, camera, distance): _face(random, colours[person] + random.normal(0, 60 / distance, 3))
        for person in range(6)
        for camera in range(1, 6)
        for distance in (1, 2, 3)
    }
    mugshots = {person + 1: _face(random, colours[person]) for person in range(6)}
    return write_scface(tmp_path_factory.mktemp("scface"), mugshots=mugshots, surveillance=cameras)


class Colours(nn.Module):
    """Knows faces by their mean colours."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, images):
        return images.mean((2, 3)) * self.scale


def _unit(faces, network):
    fit = enlarging(network, 112, "bicubic")
    found = embed(network, faces.images, FaceViews().normalise, size=112, fit=fit).mean(1).astype(np.float64)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _naive(score, probe_labels, gallery_labels):
    """Rank and score of each mated probe's best mate, the best score of each unmated one: by sorting."""
    mated, unmated = [], []
    for row, person in zip(score, probe_labels, strict=True):
        if person == UNKNOWN:
            unmated.append(row.max())
        else:
            order = np.argsort(-row)
            rank = 1 + int(np.flatnonzero(gallery_labels[order] == person)[0])
            mated.append((rank, row[order[rank - 1]]))
    return mated, unmated


def _tpir(mated, unmated, rate):
    """TPIR20 at the best of all thresholds with an FPIR of the rate or less; beyond all scores nobody is found."""
    best = 0.0
    for threshold in [*(score for _, score in mated), *unmated]:
        if np.mean([score >= threshold for score in unmated]) <= rate:
            best = max(best, float(np.mean([rank <= 20 and score >= threshold for rank, score in mated])))
    return best


def test_open_set_rates_are_those_of_sorting_by_images_and_by_templates(survface):
    _, faces = read_survface(survface)
    network = Colours()
    unit, people, gallery = _unit(faces, network), faces.labels[faces.probe], faces.labels[faces.gallery]
    means = np.stack([unit[faces.gallery][gallery == person].mean(0) for person in np.unique(gallery)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    answer = FaceIdentification(faces, FaceViews(Shrink(14)), 112, "x")(network)
    counts = {key: answer[key] for key in ("probes", "mated", "gallery", "distractors")}
    assert counts == {"probes": 30, "mated": 15, "gallery": 15, "distractors": 0}
    assert answer["by_template"]["templates"] == 5
    for found, vectors, labels in (
        (answer, unit[faces.gallery], gallery),
        (answer["by_template"], means, np.unique(gallery)),
    ):
        mated, unmated = _naive(unit[faces.probe] @ vectors.T, people, labels)
        for rank in RANKS:
            assert found["found_at_rank"][f"{rank}"]["mean"] == pytest.approx(np.mean([k <= rank for k, _ in mated]))
        rates = found["open_set"]["found_at_false_positive_rate"]
        assert rates == {f"{rate:g}": pytest.approx(_tpir(mated, unmated, rate)) for rate in RATES}
        area = np.mean([(rank <= 20) * (score > other) for rank, score in mated for other in unmated])
        assert found["open_set"]["auc"] == pytest.approx(area)
        assert found["open_set"]["unmated"] == "probes without mate"
    assert answer["found_at_rank"]["1"] != answer["by_template"]["found_at_rank"]["1"]


def test_ranks_fall_with_the_distance(scface):
    network, first = Colours(), []
    for faces in read_scface(scface):
        unit, gallery = _unit(faces, network), faces.labels[faces.gallery]
        nearest = gallery[np.argmax(unit[faces.probe] @ unit[faces.gallery].T, axis=1)]
        answer = FaceIdentification(faces, FaceViews(), 112, faces.name)(network)
        first.append(answer["found_at_rank"]["1"]["mean"])
        assert first[-1] == pytest.approx(np.mean(nearest == faces.labels[faces.probe]))
        assert (answer["probes"], answer["gallery"], answer["mated"]) == (30, 6, 30)
    assert first[0] < first[2]


def test_a_model_is_judged_on_all_of_them(run, teacher, faces, survface, scface, tmp_path):
    file, out = teacher / "model.safetensors", tmp_path / "found.json"
    flags = ["--data", faces, survface, scface, "--mode", "lr-lr", "hr-lr", "hr-hr", "--ratio", "8", "--out", out]
    found = run("evaluate", file, *flags, "--json").json[str(file)]
    assert json.loads(out.read_text())[str(file)] == found
    names = ["held", "held HR-LR", "held HR-HR", "survface_verification", "survface_identification"]
    assert list(found) == [*names, "scface_d1", "scface_d2", "scface_d3"]
    assert [found[name]["mode"] for name in names[:4]] == ["LR-LR", "HR-LR", "HR-HR", "LR-LR"]
    assert [found[name]["degradation"] for name in names[:4]] == ["paper 14px", "paper 14px", "sharp", "native"]
    assert found["survface_verification"]["pairs"] == 40
    sharp = json.loads((teacher / "results.json").read_text())["evaluations"]["held"]["authors"]["accuracy"]
    assert found["held HR-HR"]["authors"]["accuracy"] == sharp
    text = run("evaluate", file, "--data", survface).out
    assert "% at FAR 30 / 10 / 1 / 0.1 %" in text
    assert "% at FPIR 30 / 20 / 10 / 1 %" in text


def test_native_faces_are_not_swept_and_lend_no_attention(run, teacher, survface):
    file = teacher / "model.safetensors"
    assert "there are no verification sets" in run("sweep", file, "--data", survface).err
    assert "there are none" in run("evaluate", file, "--data", survface, "--teacher", file).err
    assert "no verification set to take faces from" in run("looks", file, "--data", survface).err


def test_a_run_beside_them_is_reported(run, faces, survface, scface, tiny, tmp_path):
    flags = ["--data", faces, "--test", survface, scface, "--out", tmp_path / "run", *tiny, "--epochs", "1"]
    assert run("train", "base", *flags, "--ratio", "8").code == 0
    assert run("report", tmp_path / "run", "--out", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    for title in ("QMUL-SurvFace, verification", "QMUL-SurvFace, identification", "SCface, 4.20 m"):
        assert title in page
