"""A study: a grid of recipes and seeds whose runs make one table or figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

Kind = Literal["verification", "correlation", "sweep", "looks", "classification", "detection"]


@final
@dataclass(frozen=True)
class Entry:
    """One row: a recipe with its flags, at one resolution.

    Attributes:
        group: the resolution, such as "8x"; the rows of a group are compared with its row ``base``.
        name: of the row in file names, unique in its group.
        label: of the row in tables.
        recipe: that is run.
        flags: of ``foveate train``, beside those of the whole study.
        seeds: how many.
        published: the paper's numbers, by column, in its own unit.
    """

    group: str
    name: str
    label: str
    recipe: str
    flags: tuple[str, ...] = ()
    seeds: int = 5
    published: Mapping[str, float] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Study:
    """What a file in ``foveate/studies`` returns.

    Attributes:
        title: a line.
        kind: what its table holds.
        entries: the rows, in their order.
        published_teacher: the paper's numbers for the teacher on sharp images.
        teacher: the recipe of the teachers.
        lead: the row that is compared with all others, not with Base alone.
        held_out_beside: whether every run is judged on what its training held out beside the test sets, so that the
            headroom needs no runs of its own.
    """

    title: str
    kind: Kind
    entries: tuple[Entry, ...]
    published_teacher: Mapping[str, float] = field(default_factory=dict)
    teacher: str = "teacher"
    lead: str = "askd"
    held_out_beside: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """The resolutions, in their order."""
        return tuple(dict.fromkeys(entry.group for entry in self.entries))
