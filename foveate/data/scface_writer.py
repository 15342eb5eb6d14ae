"""SCface's layout, written: for sets of one's own, and for tests."""

from collections.abc import Mapping
from pathlib import Path

from foveate.data.image_writer import write_image
from foveate.data.scface import GALLERY, MUGSHOTS, distance_folder


def write_scface(
    folder: Path,
    *,
    mugshots: Mapping[int, bytes],
    surveillance: Mapping[tuple[int, int, int], bytes],
    split: bool = False,
) -> Path:
    """Write faces as ``read_scface`` reads them.

    Args:
        folder: where to write.
        mugshots: JPEG bytes by person.
        surveillance: JPEG bytes by person, camera and number of the distance.
        split: the layout of splits for testing in place of that of the archive.

    Returns:
        The folder.
    """
    for person, image in mugshots.items():
        part, ending = (f"{GALLERY}/{person:03d}", "jpg") if split else (MUGSHOTS[0], "JPG")
        write_image(folder / part / f"{person:03d}_frontal.{ending}", image)
    for (person, camera, distance), image in surveillance.items():
        part = f"probe_d{distance}/{person:03d}" if split else f"{distance_folder(distance)}/cam_{camera}"
        write_image(folder / part / f"{person:03d}_cam{camera}_{distance}.jpg", image)
    return folder
