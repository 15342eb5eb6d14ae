"""Embeddings of faces and of their mirror images, pairs judged by them, and where two networks look."""

import copy
import io
import json
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from foveate.attention.cbam import CBAM
from foveate.attention.se import SE
from foveate.backbones.iresnet import IResNet
from foveate.data.image_writer import write_image
from foveate.degrade.mixed import Mixed
from foveate.degrade.shrink import Shrink
from foveate.errors import DataError, RecipeError
from foveate.evaluate.agreement import agreements_on_pairs
from foveate.evaluate.embed import embed, pixel_batches
from foveate.evaluate.faces import face_verifications
from foveate.evaluate.looks import save_looks
from foveate.model_file import Model
from foveate.views import FaceViews

STAGES = ["stage1", "stage2", "stage3", "stage4"]


def _network(seed=0, attention=CBAM):
    """A tiny network none of whose maps are constant."""
    torch.manual_seed(seed)
    make = partial(attention, reduction=1)
    return IResNet(18, width=4, embedding=8, attention=make, stem_stride=2, dropout=0.0).eval()


@pytest.fixture(scope="module")
def network():
    return _network()


def _png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (3, 112, 112, 3), dtype=np.uint8)


def test_slot_1_is_the_embedding_of_the_mirror_image(network, pictures):
    views = FaceViews(Shrink(14))
    plain = embed(network, [_png(item) for item in pictures], views.see, size=112)
    mirrored = embed(network, [_png(item[:, ::-1]) for item in pictures], views.see, size=112)
    assert plain.shape == (3, 2, 8)
    assert plain.dtype == np.float32
    assert np.allclose(plain[:, 1], mirrored[:, 0], atol=1e-5)
    assert np.allclose(plain[:, 0], mirrored[:, 1], atol=1e-5)
    assert np.abs(plain[:, 0] - plain[:, 1]).max() > 1e-3


def test_each_embedding_is_what_the_network_says_of_that_face_alone(network, pictures):
    views = FaceViews(Shrink(28))
    together = embed(network, [_png(item) for item in pictures], views.see, size=112)
    for item, found in zip(pictures, together, strict=True):
        with torch.no_grad():
            alone = network(views.see(torch.from_numpy(item)[None]))[0]
        assert np.allclose(found[0], alone.numpy(), atol=1e-5)


def test_batches_keep_the_order_and_cover_all(pictures):
    images = [_png(item) for item in pictures]
    found = list(pixel_batches(images, size=112, name="set", batch=2))
    assert [len(batch) for batch in found] == [2, 1]
    assert np.array_equal(torch.cat(found).numpy(), pictures)


def test_an_image_that_cannot_be_used_is_named(network, pictures):
    with pytest.raises(DataError, match="held: record 1: the image cannot be decoded"):
        embed(network, [_png(pictures[0]), b"nothing"], FaceViews().see, size=112, name="held")
    with pytest.raises(DataError, match="held: record 0: the image has 112 x 112 pixels, the network takes 64 x 64"):
        embed(network, [_png(pictures[0])], FaceViews().see, size=64, name="held")


def test_pairs_of_the_same_image_are_told_from_pairs_of_two(network, pairs):
    answer = face_verifications([pairs], FaceViews(), 112)[0](network)
    assert answer["auc"] == 1.0
    assert answer["equal_error_rate"] == 0.0
    assert answer["authors"]["accuracy"] >= 0.9
    assert answer["insightface"]["accuracy"] >= 0.9
    assert answer["degradation"] == "sharp"
    assert "held at sharp" in face_verifications([pairs], FaceViews(), 112)[0].headline(answer)


def test_a_network_that_sees_nothing_judges_by_chance(pairs):
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.answer = nn.Parameter(torch.ones(8))

        def forward(self, images):
            return self.answer.expand(len(images), 8)

    answer = face_verifications([pairs], FaceViews(), 112)[0](Blind())
    assert answer["insightface"]["accuracy"] == answer["auc"] == 0.5
    assert answer["authors"]["accuracy"] <= 0.5  # a score that is exactly the threshold counts as wrong there


def test_one_network_on_sharp_faces_agrees_with_itself(network, pairs):
    answer = agreements_on_pairs(pairs, copy.deepcopy(network), FaceViews(), 112)[0](network)
    kinds = ("channel", "channel logits", "spatial", "spatial logits")
    assert {kind: list(stages) for kind, stages in answer.items()} == dict.fromkeys(kinds, STAGES)
    for stages in answer.values():
        for stage in stages.values():
            for block in ("first", "last", "mean"):
                for measure in ("pooled", "centred", "per_image"):
                    assert stage[block][measure] == pytest.approx(1, abs=1e-9)
            assert stage["images"] == 20


def test_other_faces_or_another_network_agree_less(network, pairs):
    for student, views in [(network, FaceViews(Shrink(14))), (_network(1), FaceViews())]:
        agreement = agreements_on_pairs(pairs, network, views, 112)[0]
        answer = agreement(student)
        assert answer["spatial"]["stage1"]["first"]["centred"] < 0.9
        assert agreement.name == "attention on held"
        assert "spatial" in agreement.headline(answer)


def test_a_student_of_several_sizes_is_judged_at_each(network, pairs):
    views = FaceViews(Mixed((Shrink(28), Shrink(14))))
    apart = face_verifications([pairs], views, 112)
    assert [item.name for item in apart] == ["held at paper 28px", "held at paper 14px"]
    for item, side in zip(apart, (28, 14), strict=True):
        (alone,) = face_verifications([pairs], FaceViews(Shrink(side)), 112)
        assert alone.name == "held"
        assert item(network) == alone(network)
        assert item(network)["degradation"] == f"paper {side}px"
    names = [item.name for item in agreements_on_pairs(pairs, network, views, 112)]
    assert names == ["attention on held at paper 28px", "attention on held at paper 14px"]


def test_networks_with_attention_at_other_places_are_not_compared(network, pairs):
    with pytest.raises(RecipeError, match="attention at other places"):
        agreements_on_pairs(pairs, network, FaceViews(), 112)[0](_network(0, SE))


def test_looks_hold_the_faces_and_the_first_spatial_maps_of_each_model(network, pictures, tmp_path):
    low = FaceViews(Shrink(14))
    models = {"teacher": Model(network, None, FaceViews(), {}), "student": Model(_network(1), None, low, {})}
    save_looks(tmp_path / "looks.npz", [_png(item) for item in pictures], models, low=low)
    with np.load(tmp_path / "looks.npz") as file:
        looks = dict(file)
    assert set(looks) == {"high", "low", "models", "sharp", "spatial_0", "spatial_1"}
    assert looks["models"].tolist() == ["teacher", "student"]
    assert np.array_equal(looks["high"], pictures)
    assert looks["low"].shape == pictures.shape
    assert looks["low"].std() < 0.5 * pictures.std()
    for number, model in enumerate(models.values()):
        seen = []
        gate = model.network.get_submodule("stage1.0.branch.attention.spatial.gate")
        handle = gate.register_forward_hook(lambda _module, _given, answer, seen=seen: seen.append(answer))
        with torch.no_grad():
            model.network(model.views.see(torch.from_numpy(pictures)))
        handle.remove()
        assert np.allclose(looks[f"spatial_{number}"], seen[0][:, 0].numpy(), atol=1e-5)


def test_looks_show_colours_as_they_are_whatever_the_network_sees(network, pictures, tmp_path):
    low = FaceViews(colour="bgr")
    save_looks(tmp_path / "looks.npz", [_png(pictures[0])], {"one": Model(network, None, low, {})}, low=low)
    with np.load(tmp_path / "looks.npz") as looks:
        assert np.array_equal(looks["low"], looks["high"])


def test_a_run_keeps_the_scores_its_numbers_come_from(teacher):
    results = json.loads((teacher / "results.json").read_text())
    with np.load(teacher / "scores.npz") as arrays:
        found = {name.removeprefix("held/"): arrays[name] for name in arrays.files}
    assert set(found) == {"scores", "correct", "same", "left", "right"}
    assert found["scores"].dtype == np.float16
    assert found["correct"].mean() == pytest.approx(results["evaluations"]["held"]["authors"]["accuracy"])
    assert (found["same"] == (found["left"] == found["right"])).all()


def test_tuning_looks_at_people_held_out_of_training_and_at_nothing_else(faces, run, tiny, tmp_path):
    flags = ["--data", faces, "--tune", "--hold-out", "0.6", *tiny, "--epochs", "1", "--out", tmp_path / "run"]
    assert run("train", "base", *flags).code == 0
    evaluations = json.loads((tmp_path / "run/results.json").read_text())["evaluations"]
    assert list(evaluations) == [f"held-out {faces.name}"]
    assert json.loads((tmp_path / "run/run.json").read_text())["classes"]["number"] == 3


def test_a_folder_without_pairs_is_no_test_set_and_people_of_training_are_warned_of(run, tiny, noise, tmp_path):
    people = tmp_path / "people"
    for number, image in enumerate(noise):
        write_image(people / f"person{number // 2:02d}" / f"{number % 2}.jpg", image)
    flags = ["--data", people, *tiny, "--epochs", "1"]
    refused = run("train", "teacher", *flags, "--test", people, "--out", tmp_path / "run")
    assert refused.code != 0
    assert "the folder holds no test set" in refused.err
    assert "foveate data pairs" in refused.err
    model = tmp_path / "model"
    assert run("train", "teacher", *flags, "--hold-out", "0.4", "--out", model).code == 0
    right, wrong = (run("evaluate", model, "--data", people, "--hold-out", share) for share in ("0.4", "0.5"))
    assert right.code == wrong.code == 0
    warning = "may have learnt the very people"
    assert warning not in " ".join(right.err.split())
    assert warning in " ".join(wrong.err.split())
