"""Findings about identities: numbers that are left out, people with a single image."""

import numpy as np

from foveate.data.insightface import InsightFaceRecords
from foveate.data.labelled import LabelledImages
from foveate.doctor.finding import EXAMPLES, Finding, counted


def label_findings(images: LabelledImages) -> list[Finding]:
    """What is wrong with the identities of a training set."""
    return [finding for finding in (_gaps(images), _single(images)) if finding is not None]


def _gaps(images: LabelledImages) -> Finding | None:
    if not isinstance(images, InsightFaceRecords):
        return None  # elsewhere classes have names
    numbers = np.array([int(name) for name in images.classes])
    missing = np.setdiff1d(np.arange(numbers.max() + 1), numbers)
    if not missing.size:
        return None
    return Finding(
        "label gaps",
        "warning",
        f"{missing.size:,} of the class numbers 0 to {numbers.max():,} without an image",
        "Classes are counted anew here, but other tools keep a centre for each number; or images were lost.",
        "Copy the records again if they should be complete; else write them anew with 'foveate data convert'.",
        tuple(f"class {number}" for number in missing[:EXAMPLES].tolist()),
    )


def _single(images: LabelledImages) -> Finding | None:
    each = np.bincount(images.labels, minlength=len(images.classes))
    single = np.flatnonzero(each == 1)
    if not single.size:
        return None
    return Finding(
        "single images",
        "warning",
        f"{counted(single.size, 'identity', 'identities')} of {len(images.classes):,} with one image only",
        "They teach who is somebody else, not what stays the same in a person, and give no pairs.",
        "Add images of them, or take them out if they are many.",
        tuple(f"identity {images.classes[number]}" for number in single[:EXAMPLES].tolist()),
    )
