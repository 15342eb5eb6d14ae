"""A protocol of one's own is a file that can be read, with a manifest."""

import pytest

from foveate.data.verification import read_verification_bin
from foveate.doctor.manifest import read_manifest
from foveate.errors import DataError
from foveate.prepare.pairs import make_protocol


@pytest.fixture
def forty(tmp_path, noise):
    for number in range(80):
        file = tmp_path / f"set/p{number // 2:02d}/{number % 2}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(noise(number, 16))
    return tmp_path / "set"


def test_pairs_are_written_with_a_manifest(forty, tmp_path):
    drawn = make_protocol(forty, tmp_path / "own.bin", pairs=60, folds=10, seed=4)
    pairs = read_verification_bin(tmp_path / "own.bin")
    assert (pairs.name, len(pairs), pairs.same.tolist()) == ("own", 60, drawn.same.tolist())
    manifest = read_manifest(tmp_path / "own.manifest.json")
    assert manifest.contents["verification"]["own"] == {
        "pairs": 60,
        "same": 30,
        "folds": 10,
        "images": len(pairs.images),
    }
    assert manifest.made["arguments"] == {"pairs": 60, "folds": 10, "seed": 4}


def test_a_file_that_is_there_and_folds_that_would_be_lost_are_refused(forty, tmp_path):
    for name, folds, problem in [("own", 10, "does not end in .bin"), ("own.bin", 4, "read in 10")]:
        with pytest.raises(DataError, match=problem):
            make_protocol(forty, tmp_path / name, pairs=80, folds=folds)
    make_protocol(forty, tmp_path / "own.bin", pairs=60, folds=10)
    with pytest.raises(DataError, match="exists already"):
        make_protocol(forty, tmp_path / "own.bin", pairs=60, folds=10)
