"""Official counts: consistent, and compared with sets as they were opened."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from foveate.data.folds import balanced_folds, contiguous_folds
from foveate.data.identification_set import DISTRACTOR, UNKNOWN, IdentificationSet
from foveate.data.lfw import read_lfw
from foveate.data.pairs import VerificationPairs, sharp_pairs
from foveate.data.protocols import OFFICIAL, Counts, counted, deviations
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import DataError
from foveate.report.words import SETS

NOWHERE = Path("nowhere")
JPEG = b"\xff\xd8\xff"


def _pairs(name, count, folds=10):
    """Pairs of two images in turn the same and not."""
    same, left = np.arange(count) % 2 == 0, np.zeros(count, dtype=np.int64)
    images = [JPEG + bytes([number]) for number in range(4)]
    fold = contiguous_folds(count, folds, file=NOWHERE)
    return VerificationPairs(name, images, left, np.where(same, 1, 2), same, fold)


def test_counts_agree_with_each_other():
    assert len(OFFICIAL) == 13
    for name, official in OFFICIAL.items():
        counts = official.counts
        assert official.title
        assert official.source
        assert official.whole
        if counts.pairs is None:
            assert counts.images == counts.probes + counts.gallery, name
            assert 0 <= counts.unmated < counts.probes
        else:
            assert counts.pairs == 2 * counts.same, name
            assert counts.folds in (10, None)


def test_reports_call_the_sets_by_their_official_titles():
    assert {name: official.title for name, official in OFFICIAL.items()} == SETS


def test_a_set_with_the_official_counts_deviates_in_nothing():
    pairs = _pairs("cfp_fp", 7000)
    assert counted(pairs) == Counts(pairs=7000, same=3500, folds=10, images=3)
    assert deviations(pairs) == {}
    assert deviations(dataclasses.replace(pairs, name="agedb_30")) == {"pairs": (6000, 7000), "same": (3000, 3500)}
    assert deviations(dataclasses.replace(pairs, name="my own")) == {}


def test_a_part_of_a_set_is_told_from_the_whole():
    labels = np.array([5, UNKNOWN, 5, 6, DISTRACTOR])
    some = IdentificationSet("tinyface", [b""] * 5, labels, np.arange(2), np.arange(2, 5))
    assert counted(some) == Counts(images=5, probes=2, unmated=1, gallery=3, distractors=1, identities=1)
    assert deviations(some) == {
        "images": (161_599, 5),
        "probes": (3728, 2),
        "unmated": (0, 1),
        "gallery": (157_871, 3),
        "distractors": (153_428, 1),
        "identities": (2569, 1),
    }


@pytest.mark.parametrize(("name", "count", "fold"), [("cfp_fp", 7000, 700), ("agedb_30", 6000, 600)])
def test_a_bin_file_has_the_name_and_the_folds_of_its_set(tmp_path, name, count, fold):
    file = tmp_path / f"{name}.bin"
    write_verification_bin(file, _pairs("x", count))
    found = read_verification_bin(file)
    assert found.name == name
    assert found.fold.tolist() == [number // fold for number in range(count)]
    assert deviations(found) == {}


def test_each_kind_of_pairs_is_dealt_to_the_folds_in_order():
    same = np.array([True, False, False, True, True, False, False, True, False, False])
    order, fold = balanced_folds(same, 2, file=NOWHERE)
    assert order.tolist() == [0, 3, 1, 2, 5, 4, 7, 6, 8, 9]
    assert fold.tolist() == [0] * 5 + [1] * 5
    with pytest.raises(DataError, match="4 pairs cannot be cut into 3 folds"):
        balanced_folds(same, 3, file=NOWHERE)


def test_native_faces_are_no_sharp_ones():
    sharp, native = _pairs("a", 20), dataclasses.replace(_pairs("b", 20), native=True)
    assert sharp_pairs([native, sharp, "anything"]) == (sharp,)


def test_the_shared_lfw_has_the_official_counts(shared):
    assert deviations(read_lfw(shared / "data/lfw-112")) == {}
