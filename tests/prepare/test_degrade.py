"""A low-resolution copy shows what a student sees, to half a grey level."""

import numpy as np
import pytest
import torch

from foveate.data.decode import decode
from foveate.data.folder import ImageFolder
from foveate.data.open import open_training_set
from foveate.data.pairs import VerificationPairs
from foveate.data.tinyface_writer import write_tinyface
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.degrade.preset import degradation
from foveate.doctor.manifest import read_manifest
from foveate.errors import DataError, RecipeError
from foveate.prepare import degrade as module
from foveate.prepare.convert import convert
from foveate.prepare.degrade import LowResolution, degrade
from foveate.views import Batch, FaceViews


def _pixels(encoded):
    return torch.from_numpy(np.stack([decode(item, file=None, record=None) for item in encoded]))


def _all(images):
    return [images.encoded(place) for place in range(len(images))]


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_the_copy_is_what_a_student_sees_in_evaluation(people, tmp_path, preset):
    assert degrade(people, tmp_path / "low", LowResolution(preset, ratio=(8,))) == ["training"]
    sharp, low = ImageFolder(people), ImageFolder(tmp_path / "low")
    assert low.classes == sharp.classes
    assert low.labels.tolist() == sharp.labels.tolist()
    by_name = {sharp.record(place).removesuffix(".jpg"): place for place in range(len(sharp))}
    order = [by_name[low.record(place).removesuffix(".png").removesuffix(".jpg")] for place in range(len(low))]
    seen = FaceViews(degradation(preset, ratio=(8,))).see(_pixels([sharp.encoded(place) for place in order]))
    expected = seen.add(1).mul(127.5).clamp(0, 255).permute(0, 2, 3, 1)
    assert (_pixels(_all(low)) - expected).abs().max() <= 0.51
    assert all(image.startswith(b"\x89PNG") for image in _all(low))


def test_of_several_ratios_one_is_drawn_for_each_image_as_in_training(people, tmp_path):
    how = LowResolution(ratio=(2, 8), seed=5)
    convert(people, tmp_path / "rec", "rec")
    degrade(tmp_path / "rec", tmp_path / "low", how)
    sharp = _pixels(_all(open_training_set(tmp_path / "rec")))
    batch = Batch(sharp, torch.zeros(8, dtype=torch.int64), torch.arange(8))
    seen = FaceViews(how.degradation(), flip=0.0)(batch, seed=5, epoch=0).low
    low = _pixels(_all(open_training_set(tmp_path / "low")))
    assert (low - seen.add(1).mul(127.5).clamp(0, 255).permute(0, 2, 3, 1)).abs().max() <= 0.51
    spread = low.float().std(dim=(1, 2, 3))
    assert spread.max() > 2 * spread.min()
    assert (tmp_path / "low/train.lst").read_bytes() == (tmp_path / "rec/train.lst").read_bytes()


def test_verification_sets_are_copied_with_their_pairs(tmp_path, noise):
    left, same = np.arange(10), np.arange(10) % 2 == 0
    pairs = VerificationPairs("held", [noise(n, 112) for n in range(11)], left, left + 1, same, left)
    write_verification_bin(tmp_path / "held.bin", pairs)
    assert degrade(tmp_path / "held.bin", tmp_path / "low", LowResolution(side=(14,))) == ["held"]
    low = read_verification_bin(tmp_path / "low/held.bin")
    for name in ("left", "right", "same", "fold"):
        assert np.array_equal(getattr(low, name), getattr(pairs, name))
    seen = FaceViews(degradation("paper", side=(14,))).see(_pixels(pairs.images))
    assert (_pixels(low.images) - seen.add(1).mul(127.5).clamp(0, 255).permute(0, 2, 3, 1)).abs().max() <= 0.51
    assert read_manifest(tmp_path / "low/manifest.json").made["arguments"] == {
        "preset": "paper",
        "ratio": [],
        "side": [14],
        "seed": 0,
    }


def test_two_sets_of_one_name_are_refused_before_one_is_lost(people, tmp_path, monkeypatch, noise):
    left = np.arange(20)
    pairs = VerificationPairs("lfw", [noise(n, 112) for n in range(21)], left, left + 1, left % 2 == 0, left // 2)
    monkeypatch.setattr(module, "contents_of", lambda path: (None, [pairs, pairs]))
    with pytest.raises(DataError, match="two of its sets of pairs are called lfw"):
        degrade(people, tmp_path / "low", LowResolution(ratio=(4,)))
    assert not list(tmp_path.glob(".low*"))


def test_interrupted_work_goes_on_where_it_stopped(people, tmp_path, monkeypatch, tree_of):
    how = LowResolution(ratio=(4,))
    degrade(people, tmp_path / "whole", how)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        degrade(people, tmp_path / "low", how, stop)
    assert not (tmp_path / "low").exists()
    assert len(list((tmp_path / ".low.partial").rglob("*.png"))) == 3
    decoded = []
    monkeypatch.setattr(module, "decode", lambda *given, **named: decoded.append(named) or decode(*given, **named))
    degrade(people, tmp_path / "low", how)
    assert len(decoded) == 5
    assert tree_of(tmp_path / "low") == tree_of(tmp_path / "whole")


def test_what_cannot_be_degraded_is_refused(people, tmp_path, noise):
    with pytest.raises(RecipeError, match="either a ratio or a side"):
        degrade(people, tmp_path / "low", LowResolution())
    write_tinyface(
        tmp_path / "tiny", probes={1: [noise(0, 16)]}, matches={1: [noise(1, 16)]}, distractors=[noise(2, 16)]
    )
    with pytest.raises(DataError, match="nothing to degrade"):
        degrade(tmp_path / "tiny", tmp_path / "low", LowResolution(ratio=(8,)))
    (people / "Zoë/a.jpg").write_bytes(noise(0, 64))
    with pytest.raises(DataError, match="64 x 64 pixels, the network takes 112 x 112"):
        degrade(people, tmp_path / "low", LowResolution(ratio=(8,)))


def test_an_image_that_was_not_written_to_its_end_is_written_again(people, tmp_path, tree_of):
    how = LowResolution("paper", (4,))
    degrade(people, tmp_path / "whole", how)
    with pytest.raises(KeyboardInterrupt):
        degrade(people, tmp_path / "low", how, _interrupted)
    (torn, *_) = (tmp_path / ".low.partial").rglob("[!.]*.png")
    torn.write_bytes(b"")
    degrade(people, tmp_path / "low", how)
    whole, low = (tree_of(tmp_path / name) for name in ("whole", "low"))
    assert {name: whole[name] for name in whole if name.endswith(".png")} == {
        name: low[name] for name in low if name.endswith(".png")
    }


def _interrupted(done, _total):
    if done == 3:
        raise KeyboardInterrupt
