"""SCface (Grgic, Delac and Grgic, Multimedia Tools and Applications 2011): faces of surveillance cameras at three
distances, to be found among mugshots.

The official archive has the mugshots ``001_frontal.jpg`` in ``mugshot_frontal_cropped_all`` (or ``..._original_all``)
and ``001_cam1_3.jpg`` in ``surveillance_cameras_distance_3/cam_1``: person, camera, distance. Cameras 6 and 7 see by
infrared and are left out, as in the DayTime tests. Splits for training and testing, as that of F-SKD with 80 people to
test, come as ``gallery/001/...`` and ``probe_d1/001/...``; file names there begin with the person, too.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.identification_set import IdentificationSet
from foveate.data.identity_list import Labelled
from foveate.data.image_files import ImageFiles
from foveate.data.image_names import images_in, person_in
from foveate.errors import DataError

MUGSHOTS: Final = ("mugshot_frontal_cropped_all", "mugshot_frontal_original_all")
DISTANCES: Final = {1: 4.20, 2: 2.60, 3: 1.00}
"""Metres between camera and person, by the number in file names."""
CAMERAS: Final = (1, 2, 3, 4, 5)
"""Those that see by visible light."""
GALLERY: Final = "gallery"
_LAYOUT: Final = f"Give a folder with {MUGSHOTS[0]} and surveillance_cameras_distance_1/cam_1, ..., as the archive has"
_NAME: Final = re.compile(r"(\d{1,9})_cam(\d{1,9})_(\d)\.\w+", re.ASCII | re.IGNORECASE)


def distance_folder(distance: int) -> str:
    """The official folder of a distance, by its number."""
    return f"surveillance_cameras_distance_{distance}"


def is_scface(folder: Path) -> bool:
    """Whether a folder is laid out as SCface is, officially or split for testing."""
    official = any((folder / part).is_dir() for part in MUGSHOTS) and (folder / distance_folder(1)).is_dir()
    return official or _is_split(folder)


def read_scface(folder: Path) -> tuple[IdentificationSet, ...]:
    """Read the probes of each distance with the gallery of mugshots; the images are read when asked for.

    Args:
        folder: of the archive, or of a split for testing, with (aligned) faces of any size.

    Returns:
        The sets ``scface_d1`` (4.20 m), ``scface_d2`` (2.60 m) and ``scface_d3`` (1.00 m).

    Raises:
        DataError: a folder is missing, a file name is wrong, or a probe shows nobody of the gallery.
    """
    split = _is_split(folder)
    gallery = _people(folder, GALLERY) if split else _mugshots(folder)
    found = []
    for distance in DISTANCES:
        probes = _people(folder, f"probe_d{distance}") if split else _surveillance(folder, distance)
        _check_mates(probes, gallery, folder)
        labels = np.array([*probes.values(), *gallery.values()], dtype=np.int64)
        place, images = np.arange(len(labels)), ImageFiles(folder, [*probes, *gallery])
        parts = place[: len(probes)], place[len(probes) :]
        found.append(IdentificationSet(f"scface_d{distance}", images, labels, *parts))
    return tuple(found)


def _is_split(folder: Path) -> bool:
    return (folder / GALLERY).is_dir() and (folder / "probe_d1").is_dir()


def _mugshots(folder: Path) -> Labelled:
    part = next((part for part in MUGSHOTS if (folder / part).is_dir()), MUGSHOTS[0])
    return {f"{part}/{name}": _person(name, folder / part) for name in images_in(folder / part, layout=_LAYOUT)}


def _surveillance(folder: Path, distance: int) -> Labelled:
    found = Labelled()
    for camera in CAMERAS:
        part = f"{distance_folder(distance)}/cam_{camera}"
        for name in images_in(folder / part, layout=_LAYOUT):
            fields = _NAME.fullmatch(name)
            if fields is None or (int(fields[2]), int(fields[3])) != (camera, distance):
                problem = f"the file name is not that of camera {camera} and distance {distance}"
                raise DataError(problem, file=folder / part, record=name, remedy=f"Call it as 001_cam{camera}_1.jpg is")
            found[f"{part}/{name}"] = int(fields[1])
    return found


def _people(folder: Path, part: str) -> Labelled:
    """Images of the layout ``part/anything/001_cam1_1.jpg``."""
    root = folder / part
    if not root.is_dir():
        raise DataError(
            "there is no such folder", file=root, remedy="Give a split with gallery and probe_d1 to probe_d3"
        )
    below = [each for each in sorted(root.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    names = [f"{each.name}/{name}" for each in below for name in images_in(each, layout=_LAYOUT)]
    if not names:
        raise DataError(
            "it holds no folders of people", file=root, remedy="Give a split as gallery/001/001_frontal.jpg"
        )
    return {f"{part}/{name}": _person(name.split("/")[1], root / name.split("/")[0]) for name in names}


def _person(name: str, folder: Path) -> int:
    number = person_in(name)
    if number is None:
        problem, remedy = "the file name does not begin with the number of a person", "Call it as 001_frontal.jpg is"
        raise DataError(problem, file=folder, record=name, remedy=remedy)
    return number


def _check_mates(probes: Labelled, gallery: Labelled, folder: Path) -> None:
    known = {*gallery.values()}
    for name, person in probes.items():
        if person not in known:
            problem, remedy = f"person {person} has no mugshot", "Put it back, or take the probe out"
            raise DataError(problem, file=folder, record=name, remedy=remedy)
