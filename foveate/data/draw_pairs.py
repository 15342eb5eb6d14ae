"""A verification protocol drawn from labelled images: balanced, without repeated pairs, in folds that share nobody.

Legend: N images of a fold, C people, P pairs.
"""

from typing import Final

import numpy as np
from jaxtyping import Int64

from foveate.chance import generator
from foveate.data.labelled import LabelledImages
from foveate.data.pairs import VerificationPairs
from foveate.data.split import Encoded
from foveate.errors import DataError

_MOST: Final = 6_000
_ALL: Final = 2_000_000
"""Pairs of two people up to which all are listed to choose from; of more some are drawn until there are enough."""


def draw_pairs(
    images: LabelledImages, *, name: str, pairs: int | None = None, folds: int = 10, seed: int = 0
) -> VerificationPairs:
    """Draw pairs as LFW's view 2 has them: in each fold pairs of one person, then as many of two.

    People are dealt out to the folds at random. Pairs of one person are drawn from all people in turn, so that those
    with many images do not make up the set; in pairs of two all people are equally likely.

    Args:
        images: of people whom training must not know.
        name: of the set.
        pairs: P, in all; a multiple of twice the folds. None for as many as there are, up to LFW's 6,000.
        folds: of equal size.
        seed: decides everything.

    Raises:
        DataError: the pairs cannot be dealt out evenly, or there are too few people or images.
    """
    if folds < 2 or (pairs is not None and (pairs < 2 * folds or pairs % (2 * folds))):
        problem = f"{pairs or 0:,} pairs are no {folds} folds of pairs, half of them of one person"
        remedy = f"Ask for a multiple of {2 * max(folds, 2)} pairs, in two folds or more"
        raise DataError(problem, file=images.path, remedy=remedy)
    random = generator(seed)
    people = random.permutation(len(images.classes))
    own = [[np.flatnonzero(images.labels == person) for person in people[fold::folds]] for fold in range(folds)]
    each, sides, same = _each(own, pairs, images), list[np.ndarray](), list[bool]()
    pairs = 2 * folds * each
    for fold in own:
        sides += [_same(fold, each, random), _different(fold, each, random)]
        same += [True] * each + [False] * each
    left, right = np.concatenate(sides).T.copy()
    fold_of = np.arange(pairs) // (2 * each)
    return VerificationPairs(
        name, Encoded(images), left, right, np.array(same), fold_of, images.labels.astype(np.int64)
    )


def _each(own: list[list[Int64[np.ndarray, " _"]]], pairs: int | None, images: LabelledImages) -> int:
    """How many pairs of each kind a fold has; every fold must have as many."""
    sizes = [np.array([len(person) for person in fold]) for fold in own]
    alike = [int((fold * (fold - 1) // 2).sum()) for fold in sizes]
    apart = [int((fold.sum() ** 2 - (fold**2).sum()) // 2) for fold in sizes]
    most = min(*alike, *apart)
    wanted = min(_MOST // (2 * len(own)), most) if pairs is None else pairs // (2 * len(own))
    if 0 < wanted <= most:
        return wanted
    number = (alike + apart).index(most) % len(own)
    kind = "one person" if alike[number] == most else "two people"
    problem = f"the {len(own[number])} people of fold {number} have {most:,} pairs of {kind}, not {max(wanted, 1):,}"
    fewer = f"Ask for {2 * len(own) * most:,} pairs at most (--pairs), or bring" if most else "Bring"
    remedy = f"{fewer} more people: each of {len(own)} folds needs two of them, and one with two images"
    raise DataError(problem, file=images.path, remedy=remedy)


def _same(own: list[Int64[np.ndarray, " _"]], wanted: int, generator: np.random.Generator) -> Int64[np.ndarray, "P 2"]:
    """Pairs of one person: everybody's first pair, then everybody's second, and so on, until there are enough."""
    most = np.array([len(images) * (len(images) - 1) // 2 for images in own])
    found: list[tuple[int, int]] = []
    for images, count in zip(own, _shares(most, wanted, generator).tolist(), strict=True):
        first, second = np.triu_indices(len(images), k=1)
        picked = generator.choice(len(first), count, replace=False) if count else np.empty(0, np.int64)
        found += zip(images[first[picked]].tolist(), images[second[picked]].tolist(), strict=True)
    return generator.permutation(np.array(found, dtype=np.int64).reshape(-1, 2))


def _shares(most: Int64[np.ndarray, " C"], wanted: int, generator: np.random.Generator) -> Int64[np.ndarray, " C"]:
    """How many each gives, as equally as there are, until there are enough."""
    given = np.zeros_like(most)
    while wanted > 0 and (given < most).any():
        able = generator.permutation(np.flatnonzero(given < most))[:wanted]
        more = max(1, min(wanted // len(able), int((most[able] - given[able]).min())))
        given[able] += more
        wanted -= more * len(able)
    return given


def _different(
    own: list[Int64[np.ndarray, " _"]], wanted: int, generator: np.random.Generator
) -> Int64[np.ndarray, "P 2"]:
    """Pairs of two people, none twice."""
    sizes = np.array([len(images) for images in own])
    there_are = int((sizes.sum() ** 2 - (sizes**2).sum()) // 2) if len(own) > 1 else 0
    if there_are <= min(_ALL, 2 * wanted):
        whole = np.concatenate(own) if own else np.empty(0, np.int64)
        person = np.arange(len(own)).repeat(sizes)
        first, second = np.triu_indices(len(whole), k=1)
        other = np.flatnonzero(person[first] != person[second])
        picked = generator.permutation(other)[:wanted]
        return np.stack([whole[first[picked]], whole[second[picked]]], axis=1)
    seen: set[tuple[int, int]] = set()
    while len(seen) < min(wanted, there_are):
        one, two = generator.choice(len(own), 2, replace=False).tolist()
        pair = (int(generator.choice(own[one])), int(generator.choice(own[two])))
        seen.add((min(pair), max(pair)))
    return np.array(sorted(seen), dtype=np.int64)[generator.permutation(len(seen))]
