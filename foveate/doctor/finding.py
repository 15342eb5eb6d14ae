"""What is wrong with a data set, in the words of somebody who has to mend it."""

from dataclasses import dataclass, field
from typing import Final, Literal, final

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
"""Gravest first. An error stops a run or makes its numbers false; a warning costs accuracy or needs a reason; a note
is worth knowing."""

EXAMPLES: Final = 5
"""How many examples a finding shows."""


@final
@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        kind: short name, the same for the same thing in every set (``duplicates``, ``colour``, ...).
        severity: how grave it is.
        found: what was found, with numbers.
        why: why it matters.
        remedy: what to do.
        examples: file and record of the first few.
    """

    kind: str
    severity: Severity
    found: str
    why: str
    remedy: str
    examples: tuple[str, ...] = field(default=())


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number with its noun: ``1 image``, ``12,345 images``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def gravest_first(findings: list[Finding]) -> list[Finding]:
    """The same findings, errors first; equals stay in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
