"""One setting that a search varies: a range of numbers, or a choice of words."""

import math
import re
from dataclasses import dataclass
from typing import Self, final

from foveate.errors import RecipeError

Value = int | float | str


@final
@dataclass(frozen=True)
class Vary:
    """A flag of the recipe, and the values it may take.

    Attributes:
        name: of the flag, without its dashes in front.
        low, high: ends of the range, both possible; whole numbers are drawn where both are whole.
        log: draw evenly on a logarithmic scale.
        choices: in place of a range: the words to choose from.
    """

    name: str
    low: int | float = 0
    high: int | float = 0
    log: bool = False
    choices: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """What ``weight=0.5:50:log``, ``epochs=5:20`` or ``kinds=both,spatial`` says.

        Raises:
            RecipeError: it says something else.
        """
        name, sign, values = text.partition("=")
        name = name.removeprefix("--").replace("_", "-")
        if not sign or not re.fullmatch(r"[a-zA-Z][\w-]*", name):
            raise _wrong(text, "it has no name=values")
        if "," in values:
            return cls(name, choices=_choices(text, values))
        low, colon, rest = values.partition(":")
        high, _, scale = rest.partition(":")
        if not colon or scale not in ("", "log"):
            raise _wrong(text, "neither a range nor a choice")
        ends = [_number(text, low), _number(text, high)]
        least, most = ends if all(isinstance(end, int) for end in ends) else map(float, ends)
        if not least < most or (scale == "log" and least <= 0):
            raise _wrong(text, "a range goes from low to high, and above 0 where it is logarithmic")
        return cls(name, least, most, scale == "log")

    @property
    def ends(self) -> tuple[Value, ...]:
        """The ends of the range, or all choices."""
        return self.choices or (self.low, self.high)

    @property
    def text(self) -> str:
        """What ``read`` reads."""
        values = ",".join(self.choices) or f"{self.low}:{self.high}{':log' if self.log else ''}"
        return f"{self.name}={values}"


def _choices(text: str, values: str) -> tuple[str, ...]:
    words = tuple(values.split(","))
    if len({*words}) < len(words) or "" in words:
        raise _wrong(text, "every choice is one word, named once")
    return words


def _number(text: str, word: str) -> int | float:
    try:
        number = int(word) if re.fullmatch(r"[+-]?\d+", word) else float(word)
    except ValueError:
        raise _wrong(text, f"{word!r} is no number") from None
    if not math.isfinite(number):
        raise _wrong(text, f"{word!r} is not finite")
    return number


def _wrong(text: str, why: str) -> RecipeError:
    return RecipeError(
        f"--vary {text}: {why}",
        remedy="Write weight=0.5:50:log, margin=0.2:0.6, epochs=5:20 (whole numbers), or kinds=both,spatial.",
    )
