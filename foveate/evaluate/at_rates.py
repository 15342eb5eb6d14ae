"""Shares at several error rates, in a few words for a terminal."""

from collections.abc import Mapping


def at_rates(name: str, shares: Mapping[str, float], limit: str) -> str:
    """``TAR 61.3 / 40 % at FAR 10 / 1 %``.

    Args:
        name: of the shares.
        shares: 0 to 1, by the rate (0 to 1) they are had at, as JSON answers have them.
        limit: name of the rate.
    """
    rates, found = (" / ".join(f"{100 * float(each):.4g}" for each in part) for part in (shares, shares.values()))
    return f"{name} {found} % at {limit} {rates} %"
