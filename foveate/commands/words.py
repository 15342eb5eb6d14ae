"""Words of a command line that are meant for other commands."""

import shlex
from collections.abc import Sequence


def at_dashes(arguments: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """A command's own words, and those behind ``--``, which go to every run."""
    words = list(arguments)
    cut = words.index("--") if "--" in words else len(words)
    return words[:cut], tuple(words[cut + 1 :])


def words_of(text: str, flag: str) -> tuple[str, ...]:
    """The flags that are the value of a flag, as a shell reads them.

    Raises:
        RecipeError: a quotation mark is not closed.
    """
    from foveate.errors import RecipeError

    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise RecipeError(f"{flag} cannot be read: {text} ({error})", remedy="Close the quotation mark.") from error
