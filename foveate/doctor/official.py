"""How large the public test sets are, so that a set under such a name can be told from a part of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from foveate.data.open import TestSet
from foveate.data.pairs import VerificationPairs

_SIX_THOUSAND: Final = {"pairs": 6000, "same": 3000, "folds": 10}
_SEVEN_THOUSAND: Final = {"pairs": 7000, "same": 3500, "folds": 10}

OFFICIAL: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {
        "lfw": _SIX_THOUSAND,  # Huang et al., technical report 07-49, view 2
        "agedb_30": _SIX_THOUSAND,  # Moschoglou et al., CVPR workshops 2017, the protocol of 30 years
        "calfw": _SIX_THOUSAND,  # Zheng, Deng and Hu, 2017
        "cplfw": _SIX_THOUSAND,  # Zheng and Deng, technical report 18-01
        "cfp_fp": _SEVEN_THOUSAND,  # Sengupta et al., WACV 2016
        "cfp_ff": _SEVEN_THOUSAND,
        "tinyface": {"probes": 3728, "gallery": 157_871, "distractors": 153_428},  # Cheng, Zhu and Gong, ACCV 2018
    }
)
"""Counts by the name of the set, in lower case with underscores."""


def counts(test: TestSet) -> dict[str, int]:
    """The same counts of a set at hand."""
    if isinstance(test, VerificationPairs):
        folds = len(set(test.fold.tolist()))
        return {"pairs": len(test), "same": int(test.same.sum()), "folds": folds}
    return {"probes": len(test), "gallery": len(test.gallery), "distractors": test.distractors}


def misses(test: TestSet) -> dict[str, tuple[int, int]]:
    """Counts that are not the official ones: what is, and what should be; none for a set of an unknown name."""
    expected, found = OFFICIAL.get(test.name.lower().replace("-", "_"), {}), counts(test)
    return {key: (found[key], value) for key, value in expected.items() if key in found and found[key] != value}
