"""Writing the manifest of a set that is ready."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate import __version__
from foveate.data.image_list import LIST
from foveate.data.image_names import IMAGE_SUFFIXES
from foveate.data.imagenet import is_imagenet
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet, is_laid_out, may_hold_tests, open_test_sets, open_training_set
from foveate.data.pairs import VerificationPairs
from foveate.data.protocols import counted
from foveate.data.shards import holds_shards
from foveate.doctor.alignment import alignment
from foveate.doctor.colour import colour
from foveate.doctor.digests import Tell, digest, digests
from foveate.doctor.manifest import Manifest, find_manifest, manifest_file, manifest_hash
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import survey
from foveate.errors import DataError
from foveate.files import write_json

SAMPLE: Final = 1000
"""Faces that are looked at for colour order and alignment."""


def write_manifest(
    path: Path,
    *,
    command: str,
    arguments: Mapping[str, Any],
    source: Path | None = None,
    tell: Tell | None = None,
) -> Path:
    """Describe a prepared set in a file beside it. The same set made the same way gives the same bytes.

    Args:
        path: the set: a folder, or a .bin file.
        command: that made it, such as ``split``.
        arguments: of the command as JSON values, without places on this machine.
        source: what it was made from, if anything; its own manifest is named by its hash.
        tell: is told how many entries of how many were read for their digests.

    Returns:
        The manifest's path.

    Raises:
        DataError: the set cannot be read.
    """
    known = None if source is None else find_manifest(source)
    origin = source and {"name": source.name, "manifest_sha256": known and manifest_hash(known)}
    training, tests = _contents_or_none(path)
    pictures = faces_of(path, training, tests)
    seen = None if pictures is None else survey(pictures.sample(SAMPLE))
    manifest = Manifest(
        kind=_kind(training, tests),
        contents=_contents(training, tests),
        colour=None if seen is None else colour(seen).as_json(),
        alignment=None if seen is None else alignment(seen),
        sha256=digests(path, tell) if path.is_dir() else {path.name: digest(path)},
        made={"command": command, "arguments": dict(arguments), "source": origin},
        foveate=__version__,
    )
    file = manifest_file(path)
    write_json(file, manifest.as_json())
    return file


def contents_of(path: Path) -> tuple[LabelledImages | None, tuple[TestSet, ...]]:
    """The training images of a path, if it holds any, and its test sets.

    Raises:
        DataError: there is no such path, or what it holds cannot be used.
    """
    tests = open_test_sets(path) if may_hold_tests(path) else ()
    try:
        return open_training_set(path), tests
    except DataError:
        if not tests or _means_to_train(path):
            raise
        return None, tests


def _means_to_train(path: Path) -> bool:
    """Whether a folder with test sets should hold training images too: records, shards, a list, folders of images."""
    if not path.is_dir() or is_laid_out(path):
        return False
    if (path / "train.rec").exists() or (path / LIST).exists() or holds_shards(path) or is_imagenet(path):
        return True
    people = (entry for entry in path.iterdir() if entry.is_dir() and entry.name[0] != ".")
    images = (file for each in people for file in each.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
    return next(images, None) is not None


def faces_of(path: Path, training: LabelledImages | None, tests: tuple[TestSet, ...]) -> Pictures | None:
    """The images that stand for a set: those to train on, or those of its first test set."""
    if training is not None:
        return Pictures.of_training(training)
    return Pictures.of_test(tests[0], path) if tests else None


def _contents_or_none(path: Path) -> tuple[LabelledImages | None, tuple[TestSet, ...]]:
    """As ``contents_of``; nothing of a folder of loose images, of one person's, or of images further down."""
    try:
        return contents_of(path)
    except DataError:
        if not path.is_dir() or any((path / name).exists() for name in ("train.rec", "pairs.txt")):
            raise
        if any(path.glob("*.bin")):
            raise
        return None, ()


def _kind(training: LabelledImages | None, tests: tuple[TestSet, ...]) -> str:
    kinds = [] if training is None else ["training"]
    kinds += ["verification" if isinstance(test, VerificationPairs) else "identification" for test in tests]
    return "+".join(dict.fromkeys(kinds)) or "images"


def _contents(training: LabelledImages | None, tests: tuple[TestSet, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if training is not None:
        each = np.bincount(training.labels, minlength=len(training.classes))
        found["training"] = {
            "images": len(training),
            "classes": len(training.classes),
            "images_per_class": {"min": int(each.min()), "median": float(np.median(each)), "max": int(each.max())},
            "class_list_sha256": training.fingerprint(),
        }
    for test in tests:
        kind = "verification" if isinstance(test, VerificationPairs) else "identification"
        found.setdefault(kind, {})[test.name] = {
            key: value for key, value in asdict(counted(test)).items() if value is not None
        }
    return found
