"""CALFW and CPLFW: two lines for each pair, and folds that are made of both halves of the list."""

import numpy as np
import pytest

from foveate.data.cross_lfw import is_cross_lfw, read_cross_lfw
from foveate.data.cross_lfw_writer import write_cross_lfw
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError


@pytest.fixture
def pairs():
    """Two pairs of one person and two of two in each of ten folds."""
    people = np.arange(40) // 2
    left = np.repeat(np.arange(0, 40, 4), 4) + np.tile([0, 2, 0, 2], 10)
    right = np.where(np.tile([True, True, False, False], 10), left + 1, (left + 4) % 40)
    images = [f"image {number}".encode() for number in range(40)]
    return VerificationPairs("x", images, left, right, people[left] == people[right], np.arange(40) // 4, people)


@pytest.mark.parametrize("name", ["calfw", "cplfw"])
def test_what_is_written_is_read(pairs, tmp_path, name):
    write_cross_lfw(tmp_path, pairs, name)
    assert is_cross_lfw(tmp_path)
    (found,) = read_cross_lfw(tmp_path)
    assert found.name == name
    assert found.same.tolist() == pairs.same.tolist() == [True, True, False, False] * 10
    assert found.fold.tolist() == pairs.fold.tolist()
    for side in ("left", "right"):
        theirs = [pairs.images[place] for place in getattr(pairs, side)]
        assert [found.images[place] for place in getattr(found, side)] == theirs
    assert ((found.people[found.left] == found.people[found.right]) == found.same).all()


def test_a_positive_pair_has_the_number_of_its_fold_in_one_list_and_1_in_the_other(pairs, tmp_path):
    labels = {}
    for name, file in (("calfw", "pairs_CALFW.txt"), ("cplfw", "pairs_CPLFW.txt")):
        write_cross_lfw(tmp_path, pairs, name)
        lines = (tmp_path / file).read_text().splitlines()
        labels[name] = [int(line.split()[1]) for line in lines[::2]]
        assert labels[name] == [int(line.split()[1]) for line in lines[1::2]]
    assert labels["calfw"] == [*np.repeat(np.arange(1, 11), 2), *[0] * 20]
    assert labels["cplfw"] == [1] * 20 + [0] * 20
    assert [each.name for each in read_cross_lfw(tmp_path)] == ["calfw", "cplfw"]


def test_the_first_tenth_of_each_kind_is_the_first_fold(pairs, tmp_path):
    file = write_cross_lfw(tmp_path, pairs, "cplfw") / "pairs_CPLFW.txt"
    lines = file.read_text().splitlines()
    (found,) = read_cross_lfw(tmp_path)
    for fold in range(10):
        for same, start in ((True, 0), (False, 20)):
            chosen = (found.fold == fold) & (found.same == same)
            names = [found.images.names[place] for place in found.left[chosen]]
            assert names == [line.split()[0] for line in lines[2 * start : 2 * start + 40 : 2]][2 * fold : 2 * fold + 2]


@pytest.mark.parametrize("part", ["images", "."])
def test_the_images_may_lie_elsewhere(pairs, tmp_path, part):
    write_cross_lfw(tmp_path, pairs, "calfw")
    (tmp_path / part).mkdir(exist_ok=True)
    for image in (tmp_path / "aligned images").iterdir():
        image.rename(tmp_path / part / image.name)
    (tmp_path / "aligned images").rmdir()
    (found,) = read_cross_lfw(tmp_path)
    assert found.images[0].startswith(b"image ")


@pytest.mark.parametrize(
    ("number", "line", "problem"),
    [
        (1, "Person_0_0009.jpg 1", r"record 1: the image 'Person_0_0009\.jpg' is missing"),
        (2, "Person_0_0001.jpg 0", "record 1: the two lines of the pair have the labels 1 and 0"),
        (3, "Person_0_0000.jpg", r"record 3: 'Person_0_0000\.jpg' is no file name and label"),
        (4, "Person_0_0000.jpg -1", "record 4: .* is no file name and label"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(pairs, tmp_path, number, line, problem):
    file = write_cross_lfw(tmp_path, pairs, "calfw") / "pairs_CALFW.txt"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[: number - 1], line, *lines[number:]]))
    with pytest.raises(DataError, match=rf"pairs_CALFW\.txt: {problem}"):
        read_cross_lfw(tmp_path)


def test_a_list_that_was_cut_short_is_refused(pairs, tmp_path):
    file = write_cross_lfw(tmp_path, pairs, "calfw") / "pairs_CALFW.txt"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:-1]))
    with pytest.raises(DataError, match="79 lines are not two for each pair"):
        read_cross_lfw(tmp_path)
    file.write_text("\n".join(lines[:-2]))
    with pytest.raises(DataError, match="19 pairs cannot be cut into 10 folds"):
        read_cross_lfw(tmp_path)
    file.unlink()
    with pytest.raises(DataError, match=r"it holds none of pairs_CALFW\.txt, pairs_CPLFW\.txt"):
        read_cross_lfw(tmp_path)
