"""Findings about images that are there twice: in one set, or in training and test.

Legend: K pairs.
"""

import numpy as np
from jaxtyping import Int64

from foveate.doctor.finding import EXAMPLES, Finding, counted
from foveate.doctor.images import blank
from foveate.doctor.near import near_pairs
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import Survey


def duplicates(pictures: Pictures, seen: Survey, labels: Int64[np.ndarray, " N"]) -> list[Finding]:
    """Images of a training set that are the same, byte for byte or nearly, within identities and across them."""
    equal, first = _equal_pairs(seen)
    near = first[near_pairs(seen.thumbnail[first])]
    pairs = np.concatenate([equal, near])
    within = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    exact = np.arange(len(pairs)) < len(equal)
    found: list[Finding] = []
    if not within.all():
        found.append(
            Finding(
                "duplicates across identities",
                "warning",
                f"{_said(exact, ~within)} shown as two identities",
                "One photo cannot show two people: a label is wrong, or one person stands under two names, and the "
                "head is taught to tell them apart.",
                "Look at these pairs; join the identities or take the wrong image out.",
                _pair_examples(pictures, pictures, pairs[~within]),
            )
        )
    if within.any():
        found.append(
            Finding(
                "duplicates",
                "note",
                f"{_said(exact, within)} of one identity",
                "A copy adds nothing to training, and makes pairs of one person too easy.",
                "Take the copies out if they are many.",
                _pair_examples(pictures, pictures, pairs[within]),
            )
        )
    return found


def shared_images(pictures: Pictures, seen: Survey, other: Pictures, other_seen: Survey) -> Finding | None:
    """Images of a test set that training sees, byte for byte or nearly."""
    _, first = _equal_pairs(seen)
    _, second = _equal_pairs(other_seen)
    _, ours, theirs = np.intersect1d(seen.digest[first], other_seen.digest[second], return_indices=True)
    equal = np.stack([first[ours], second[theirs]], axis=1)
    near = near_pairs(seen.thumbnail[first], other_seen.thumbnail[second])
    pairs = np.concatenate([equal, np.stack([first[near[:, 0]], second[near[:, 1]]], axis=1)])
    pairs = pairs[np.unique(pairs[:, 1], return_index=True)[1]]
    if not len(pairs):
        return None
    exact = len(np.intersect1d(pairs[:, 1], equal[:, 1]))
    return Finding(
        "shared images",
        "error",
        f"{counted(len(pairs), 'image')} of {other.title} also in the training set ({exact:,} byte for byte, the "
        "others nearly the same picture)",
        "A test on people whom training has seen tells nothing about strangers; its numbers are too high.",
        "Take these people out of training, or out of the test.",
        _pair_examples(pictures, other, pairs),
    )


def _equal_pairs(seen: Survey) -> tuple[Int64[np.ndarray, "K 2"], Int64[np.ndarray, " M"]]:
    """Each image that equals an earlier one, behind that one; and the first image of each kind that shows something."""
    shown = np.flatnonzero(seen.readable & ~blank(seen))
    _, first, kind = np.unique(seen.digest[shown], return_index=True, return_inverse=True)
    again = first[kind] != np.arange(len(shown))
    return np.stack([shown[first[kind]], shown], axis=1)[again], np.sort(shown[first])


def _said(exact: np.ndarray, chosen: np.ndarray) -> str:
    number, bytes_equal = int(chosen.sum()), int((exact & chosen).sum())
    return f"{counted(number, 'pair')} of equal pictures ({bytes_equal:,} byte for byte)"


def _pair_examples(one: Pictures, two: Pictures, pairs: Int64[np.ndarray, "K 2"]) -> tuple[str, ...]:
    return tuple(f"{one.name(left)} = {two.name(right)}" for left, right in pairs[:EXAMPLES].tolist())
