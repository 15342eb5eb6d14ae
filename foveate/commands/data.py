"""foveate data: look at a data set, check it, and prepare others from it. Each subcommand is a file beside this one."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import tyro

from foveate.commands.data_check import check
from foveate.commands.data_convert import change_layout
from foveate.commands.data_degrade import shrink
from foveate.commands.data_pairs import draw_protocol
from foveate.commands.data_show import show
from foveate.commands.data_split import keep_apart
from foveate.commands.data_synthesise import draw

SUBCOMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "show": show,
    "check": check,
    "synthesise": draw,
    "convert": change_layout,
    "split": keep_apart,
    "degrade": shrink,
    "pairs": draw_protocol,
}


def data(arguments: Sequence[str]) -> int | None:
    """Run the command with these arguments; ``check`` answers with an exit code."""
    return tyro.extras.subcommand_cli_from_dict(SUBCOMMANDS, prog="foveate data", args=list(arguments))
