"""TinyFace: both layouts, and every way in which lists and folders can contradict each other."""

import numpy as np
import pytest
from scipy.io import savemat

from foveate.data.identification_set import DISTRACTOR
from foveate.data.tinyface import is_tinyface, read_tinyface
from foveate.data.tinyface_writer import write_tinyface
from foveate.errors import DataError

PROBES = {7: [b"7 c"], 3: [b"3 b", b"3 c"]}
MATCHES = {7: [b"7 a", b"7 b"], 3: [b"3 a"]}
STRANGERS = [b"x", b"y", b"z"]


def _write(folder, **changed):
    parts = {"probes": PROBES, "matches": MATCHES, "distractors": STRANGERS, **changed}
    return write_tinyface(folder, **parts)


def _list(folder, word, names, people):
    file = {"probe": "probe_img_ID_pairs.mat", "gallery": "gallery_match_img_ID_pairs.mat"}[word]
    cells = np.empty((len(names), 1), dtype=object)
    cells[:, 0] = names
    savemat(folder / "Testing_Set" / file, {f"{word}_set": cells, f"{word}_ids": np.array(people)[:, None]})


@pytest.fixture
def folder(tmp_path):
    return _write(tmp_path)


@pytest.mark.parametrize("aligned", [False, True])
def test_probes_gallery_and_distractors_are_read_with_their_people(tmp_path, aligned):
    found = read_tinyface(_write(tmp_path, aligned=aligned))
    assert found.name == ("tinyface_aligned" if aligned else "tinyface")
    assert len(found) == 3
    assert found.distractors == 3
    probes = {(found.images[place], int(found.labels[place])) for place in found.probe}
    gallery = {(found.images[place], int(found.labels[place])) for place in found.gallery}
    assert probes == {(b"7 c", 7), (b"3 b", 3), (b"3 c", 3)}
    assert gallery == {(b"7 a", 7), (b"7 b", 7), (b"3 a", 3), *((image, DISTRACTOR) for image in STRANGERS)}


def test_the_folder_of_testing_sets_and_the_set_itself_are_the_same(folder):
    assert is_tinyface(folder)
    assert is_tinyface(folder / "Testing_Set")
    one, other = read_tinyface(folder), read_tinyface(folder / "Testing_Set")
    assert one.images.names == other.images.names
    assert one.labels.tolist() == other.labels.tolist()


def test_another_folder_is_no_such_set(folder):
    assert not is_tinyface(folder / "Testing_Set" / "Probe")
    assert not is_tinyface(folder / "nowhere")


@pytest.mark.parametrize(
    ("names", "people", "problem"),
    [
        (["3_2.jpg", "3_9.jpg", "7_3.jpg"], [3, 3, 7], "record 2: the image 3_9.jpg is not in the folder Probe"),
        (["3_2.jpg", "../x.jpg", "7_3.jpg"], [3, 3, 7], "record 2: the image ../x.jpg is not in the folder Probe"),
        (["3_2.jpg", "3_3.jpg"], [3, 3], r"Probe: record 7_3\.jpg: the image is not in the list"),
        (["3_2.jpg", "3_3.jpg", "3_2.jpg"], [3, 3, 3], r"record 3: the image 3_2\.jpg is listed twice"),
        (["3_2.jpg", "3_3.jpg", "7_3.jpg"], [3, 7, 7], r"record 2: the image 3_3\.jpg is listed as person 7"),
        (["3_2.jpg", "3_3.jpg", "7_3.jpg"], [3, 3], "3 file names do not go with 2 people"),
        (["3_2.jpg", 5.0, "7_3.jpg"], [3, 3, 7], "record 2: '5.0' and '3' are not a file name and the number"),
        (["3_2.jpg", "3_3.jpg", "7_3.jpg"], [3, 3.5, 7], r"record 2: '3_3.jpg' and '3\.5' are not"),
        (["3_2.jpg", "3_3.jpg", "7_3.jpg"], [3, np.nan, 7], "record 2: '3_3.jpg' and 'nan' are not"),
        (["3_2.jpg", "3_3.jpg", "7_3.jpg"], [3, -3, 7], "record 2: '3_3.jpg' and '-3' are not"),
    ],
)
def test_a_list_that_contradicts_its_folder_is_refused_with_the_row(folder, names, people, problem):
    _list(folder, "probe", names, people)
    with pytest.raises(DataError, match=problem) as caught:
        read_tinyface(folder)
    assert caught.value.remedy
    assert str(caught.value.file).startswith(str(folder / "Testing_Set"))


def test_a_list_without_its_variables_or_no_list_is_refused(folder):
    savemat(folder / "Testing_Set/probe_img_ID_pairs.mat", {"probe_set": np.zeros((3, 1))})
    with pytest.raises(DataError, match=r"probe_img_ID_pairs\.mat: it holds no variable 'probe_ids'"):
        read_tinyface(folder)
    (folder / "Testing_Set/probe_img_ID_pairs.mat").unlink()
    with pytest.raises(DataError, match=r"probe_img_ID_pairs\.mat: cannot be opened"):
        read_tinyface(folder)


def test_a_probe_of_nobody_in_the_gallery_is_refused(tmp_path):
    folder = _write(tmp_path, probes={**PROBES, 9: [b"9 a"]})
    with pytest.raises(DataError, match=r"Probe: record 9_1\.jpg: person 9 has no face in Gallery_Match"):
        read_tinyface(folder)


def test_an_aligned_face_without_a_person_in_its_name_is_refused(tmp_path):
    folder = _write(tmp_path, aligned=True)
    (folder / "Gallery_Match/face.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"Gallery_Match: record face\.jpg: the file name does not begin"):
        read_tinyface(folder)


def test_a_missing_or_empty_folder_of_distractors_is_refused(tmp_path):
    folder = _write(tmp_path, distractors=[], aligned=True)
    with pytest.raises(DataError, match="Gallery_Distractor: the folder cannot be listed"):
        read_tinyface(folder)
    (folder / "Gallery_Distractor").mkdir()
    with pytest.raises(DataError, match="Gallery_Distractor: the folder holds no images"):
        read_tinyface(folder)


def test_files_that_are_no_images_are_passed_over(folder):
    (folder / "Testing_Set/Probe/notes.txt").write_text("notes")
    (folder / "Testing_Set/Probe/.3_4.jpg").write_text("hidden")
    assert len(read_tinyface(folder)) == 3


def test_the_shared_sample_is_read(shared):
    found = read_tinyface(shared / "data/tinyface")
    assert (len(found), len(found.gallery), found.distractors) == (400, 3600, 3000)
    assert {*found.labels[found.probe]} <= {*found.labels[found.gallery]}
    assert all(found.images.names[place].split("/")[1].startswith(f"{found.labels[place]}_") for place in found.probe)
    assert found.images[0][:3] == b"\xff\xd8\xff"
