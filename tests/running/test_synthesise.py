"""A drawn data set is a function of its seed, and is read like any other."""

import pytest

from foveate.data.decode import decode
from foveate.data.insightface import InsightFaceRecords
from foveate.data.synthesise import synthesise
from foveate.data.verification import read_verification_bin

FILES = ("train.rec", "train.idx", "property", "drawn_held.bin")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    told = []
    folder = tmp_path_factory.mktemp("drawn") / "set"
    synthesise(folder, identities=3, images=2, test_identities=20, seed=4, tell=lambda *done: told.append(done))
    return folder, told


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(drawn, tmp_path):
    folder, _ = drawn
    for seed in (4, 5):
        synthesise(tmp_path / str(seed), identities=3, images=2, test_identities=20, seed=seed)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    for name in FILES:
        content = (folder / name).read_bytes()
        assert (tmp_path / "4" / name).read_bytes() == content
        if name in ("train.rec", "drawn_held.bin"):
            assert (tmp_path / "5" / name).read_bytes() != content


def test_the_set_is_read_like_any_other(drawn):
    folder, told = drawn
    images = InsightFaceRecords(folder)
    assert images.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert decode(images.encoded(0), file=folder, record=0).shape == (112, 112, 3)
    pairs = read_verification_bin(folder / "drawn_held.bin")
    assert (len(pairs), int(pairs.same.sum()), len(pairs.images)) == (200, 100, 80)
    assert told[-1] == (86, 86)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_nobody_drawn_for_training_is_drawn_for_the_test_and_folds_share_nobody(drawn):
    folder, _ = drawn
    images, pairs = InsightFaceRecords(folder), read_verification_bin(folder / "drawn_held.bin")
    assert not {images.encoded(index) for index in range(len(images))} & set(pairs.images)
    groups = [set(pairs.left[pairs.fold == fold]) | set(pairs.right[pairs.fold == fold]) for fold in range(10)]
    assert sum(len(group) for group in groups) == len(set.union(*groups)) == 80


def test_a_folder_with_files_is_never_written_into(run, tmp_path):
    (tmp_path / "train.rec").write_bytes(b"mine")
    ended = run("data", "synthesise", tmp_path, "--identities", "3", "--images", "2", "--test-identities", "20")
    assert ended.code == 2
    assert "it exists already" in ended.err
    assert (tmp_path / "train.rec").read_bytes() == b"mine"


def test_the_command_draws_the_same_set(drawn, run, tmp_path):
    folder, _ = drawn
    flags = ["--identities", "3", "--images", "2", "--test-identities", "20", "--seed", "4", "--json"]
    ended = run("data", "synthesise", tmp_path / "set", *flags)
    assert ended.json == {"path": str(tmp_path / "set"), "identities": 3, "images": 6}
    assert all((tmp_path / "set" / name).read_bytes() == (folder / name).read_bytes() for name in FILES)
