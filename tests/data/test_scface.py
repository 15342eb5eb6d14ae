"""SCface: three distances with one gallery of mugshots, as the archive or as a split for testing lays them out."""

import pytest

from foveate.data.image_writer import write_image
from foveate.data.scface import is_scface, read_scface
from foveate.data.scface_writer import write_scface
from foveate.errors import DataError

MUGSHOTS = {person: f"mugshot {person}".encode() for person in (1, 2, 30)}
SURVEILLANCE = {
    (person, camera, distance): f"{person} {camera} {distance}".encode()
    for person in MUGSHOTS
    for camera in range(1, 6)
    for distance in (1, 2, 3)
}


def _write(folder, **changed):
    return write_scface(folder, **{"mugshots": MUGSHOTS, "surveillance": SURVEILLANCE, **changed})


@pytest.mark.parametrize("split", [False, True])
def test_each_distance_is_a_set_with_all_mugshots(tmp_path, split):
    folder = _write(tmp_path, split=split)
    assert is_scface(folder)
    found = read_scface(folder)
    assert [each.name for each in found] == ["scface_d1", "scface_d2", "scface_d3"]
    for distance, each in enumerate(found, start=1):
        gallery = {int(each.labels[place]): each.images[place] for place in each.gallery}
        assert gallery == MUGSHOTS
        probes = {each.images[place]: int(each.labels[place]) for place in each.probe}
        assert probes == {image: key[0] for key, image in SURVEILLANCE.items() if key[2] == distance}
        assert (each.distractors, each.unmated, each.templates) == (0, 0, False)


def test_infrared_cameras_are_left_out(tmp_path):
    folder = _write(tmp_path)
    write_image(folder / "surveillance_cameras_distance_1/cam_6/001_cam6_1.jpg", b"infrared")
    assert len(read_scface(folder)[0]) == 15


def test_cropped_mugshots_come_before_original_ones(tmp_path):
    folder = _write(tmp_path)
    write_image(folder / "mugshot_frontal_original_all/001_frontal.jpg", b"original")
    assert read_scface(folder)[0].images[15] == b"mugshot 1"
    (folder / "mugshot_frontal_cropped_all").rename(folder / "aside")
    with pytest.raises(DataError, match="person 2 has no mugshot"):
        read_scface(folder)


def test_a_probe_of_nobody_in_the_gallery_is_refused(tmp_path):
    folder = _write(tmp_path, mugshots={1: b"", 2: b""})
    with pytest.raises(DataError, match=r"record .*030_cam1_1\.jpg: person 30 has no mugshot"):
        read_scface(folder)


@pytest.mark.parametrize("name", ["001_cam2_1.jpg", "001_cam1_2.jpg", "face.jpg"])
def test_a_file_name_of_another_place_is_refused(tmp_path, name):
    folder = _write(tmp_path)
    write_image(folder / "surveillance_cameras_distance_1/cam_1" / name, b"")
    with pytest.raises(DataError, match=rf"record {name}: the file name is not that of camera 1 and distance 1"):
        read_scface(folder)


def test_missing_folders_and_names_without_people_are_refused(tmp_path):
    folder = _write(tmp_path / "whole")
    (folder / "surveillance_cameras_distance_2/cam_3").rename(folder / "aside")
    with pytest.raises(DataError, match="cam_3: the folder cannot be listed"):
        read_scface(folder)
    split = _write(tmp_path / "split", split=True)
    (split / "gallery/001/001_frontal.jpg").rename(split / "gallery/001/frontal.jpg")
    with pytest.raises(DataError, match=r"record frontal\.jpg: the file name does not begin"):
        read_scface(split)
    (split / "probe_d3").rename(split / "aside")
    (split / "gallery/001/frontal.jpg").rename(split / "gallery/001/001_frontal.jpg")
    with pytest.raises(DataError, match="probe_d3: there is no such folder"):
        read_scface(split)
