"""Findings about test protocols: counts, balance, pairs that are there twice.

Legend: P pairs.
"""

import numpy as np

from foveate.data.open import TestSet
from foveate.data.pairs import VerificationPairs
from foveate.data.protocols import deviations
from foveate.doctor.finding import EXAMPLES, Finding, counted
from foveate.evaluate.all_pairs import people_of


def protocol_findings(test: TestSet) -> list[Finding]:
    """What is wrong with a test set as a protocol, whatever its images show."""
    found = [_counts(test)]
    if isinstance(test, VerificationPairs):
        found += [*_repeated(test), _with_itself(test), _balance(test), _folds(test)]
    return [finding for finding in found if finding is not None]


def _counts(test: TestSet) -> Finding | None:
    wrong = deviations(test)
    if not wrong:
        return None
    said = ", ".join(f"{found:,} {key} instead of {expected:,}" for key, (expected, found) in wrong.items())
    return Finding(
        "counts",
        "warning",
        f"{test.name} is not the official set of this name: {said}",
        "Its numbers cannot be compared with published ones.",
        "Get the whole set, or give it another name.",
    )


def _pair_name(pairs: VerificationPairs, number: int) -> str:
    return f"{pairs.name}: pair {number}"


def _repeated(pairs: VerificationPairs) -> list[Finding]:
    sides = np.sort(np.stack([pairs.left, pairs.right], axis=1), axis=1)
    _, first, kind = np.unique(sides, axis=0, return_index=True, return_inverse=True)
    kind = kind.ravel()
    again = np.flatnonzero(first[kind] != np.arange(len(pairs)))
    both = again[pairs.same[again] != pairs.same[first[kind[again]]]]
    repeated = np.setdiff1d(again, both)
    found: list[Finding] = []
    if both.size:
        found.append(
            Finding(
                "contradictory pairs",
                "error",
                f"{counted(both.size, 'pair')} of {pairs.name} called both the same person and two people",
                "One of the two answers is counted as wrong whatever a network says.",
                "Get the set from its source again, or correct the list.",
                tuple(
                    f"{_pair_name(pairs, int(first[kind[number]]))} and {number}" for number in both[:EXAMPLES].tolist()
                ),
            )
        )
    if repeated.size:
        found.append(
            Finding(
                "repeated pairs",
                "warning",
                f"{counted(repeated.size, 'pair')} of {pairs.name} there more than once",
                "Pairs that are counted twice narrow the intervals without telling more.",
                "Draw the pairs anew with 'foveate data pairs', which repeats none.",
                tuple(_pair_name(pairs, number) for number in repeated[:EXAMPLES].tolist()),
            )
        )
    return found


def _with_itself(pairs: VerificationPairs) -> Finding | None:
    own = np.flatnonzero(pairs.left == pairs.right)
    if not own.size:
        return None
    return Finding(
        "pairs of one image",
        "warning",
        f"{counted(own.size, 'pair')} of {pairs.name} of an image with itself",
        "Any network finds an image equal to itself.",
        "Draw the pairs anew with 'foveate data pairs'.",
        tuple(_pair_name(pairs, number) for number in own[:EXAMPLES].tolist()),
    )


def _balance(pairs: VerificationPairs) -> Finding | None:
    number, same = np.bincount(pairs.fold), np.bincount(pairs.fold, weights=pairs.same)
    uneven = np.flatnonzero(2 * same != number)
    if not uneven.size:
        return None
    return Finding(
        "balance",
        "warning",
        f"{counted(uneven.size, 'fold')} of {len(number)} in {pairs.name} not half of the same person, half of two",
        "The accuracy of a network that sees nothing is then not one half, and folds weigh differently.",
        "Use as many pairs of each kind in every fold.",
        tuple(f"{pairs.name}: fold {fold}" for fold in uneven[:EXAMPLES].tolist()),
    )


def _folds(pairs: VerificationPairs) -> Finding | None:
    people = people_of(pairs)
    seen = np.unique(
        np.concatenate([np.stack([people[side], pairs.fold], axis=1) for side in (pairs.left, pairs.right)]), axis=0
    )
    several = np.flatnonzero(np.bincount(seen[:, 0]) > 1)
    if not several.size:
        return None
    return Finding(
        "people in several folds",
        "note",
        f"{counted(several.size, 'person', 'people')} of {pairs.name} in more than one fold",
        "The threshold of a fold is chosen on people it judges, so accuracies are a little too high.",
        "Nothing for a public set, whose folds are as they are; one's own are drawn with 'foveate data pairs'.",
    )
