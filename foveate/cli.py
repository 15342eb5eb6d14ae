"""The command line: one file a command in ``foveate/commands``, its flags made from its signature."""

import importlib
import io
import json
import sys
from collections.abc import Sequence
from typing import Final

from foveate import __version__

COMMANDS: Final = {
    "demo": "teacher, base and A-SKD student on faces drawn by the package (or yours), ending in one HTML page",
    "train": "run one recipe: foveate train RECIPE --data PATH",
    "cache": "keep what a teacher says of every face, so that students train without it",
    "evaluate": "judge trained models on verification sets",
    "looks": "draw where models look, over the same faces",
    "sweep": "judge models at many sizes of the face: how small may it be?",
    "report": "make one HTML page from runs",
    "detect": "find faces in photos: boxes, drawn and as numbers",
    "align": "cut the faces out of raw photos: find, turn, crop to 112 x 112",
    "data": "look at a data set, check it, convert, split or degrade it, draw pairs or faces",
    "import": "make a model file of weights that another project trained",
    "bench": "measure this machine and how much of it a recipe reaches",
    "study": "many recipes and seeds in one go: the paper's tables with intervals and paired tests",
    "search": "settings of a recipe by random search on people held out, the best trained on all",
    "plan": "predict time, memory and cost of a full-scale run",
    "list": "recipes, distillers, heads, attention modules and backbones there are",
}

NAMED_OTHERWISE: Final = {"list": ("list", "list_methods"), "import": ("import_weights", "import_weights")}
"""File and function of the commands that are called as something in Python is."""

GOES_ON: Final = {
    "align": "; the same command goes on where it stopped",
    "train": "; the same command with --resume goes on",
    "demo": "; the same command goes on where it stopped",
    "study": "; the same command goes on where it stopped",
    "search": "; the same command goes on where it stopped",
    "data": "; nothing half-written is left, and the same command goes on",
}
"""How interrupted work goes on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Errors a user can mend are printed in one line; the exit code is 0, 1 or 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may hold what no encoding has
    if not given or given[0] in ("-h", "--help"):
        sys.stdout.write(_help())
        return 0
    if given[0] == "--version":
        sys.stdout.write(f"foveate {__version__}\n")
        return 0
    name, *rest = given
    if name not in COMMANDS:
        return _fail("foveate", f"there is no command {name!r}. Choose from: {', '.join(COMMANDS)}.", "NoCommand", rest)
    file, function = NAMED_OTHERWISE.get(name, (name, name))
    module = importlib.import_module(f"foveate.commands.{file}")
    from foveate.errors import FoveateError

    try:
        code = getattr(module, function)(rest)
    except FoveateError as error:
        _fail(f"foveate {name}", str(error), type(error).__name__, rest)
        return error.exit_code
    except OSError as error:
        _fail(f"foveate {name}", f"{error}. Check that the path can be read or written.", type(error).__name__, rest)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"\nfoveate {name}: interrupted{GOES_ON.get(name, '')}.\n")
        return 130
    except SystemExit as ended:  # flags that are wrong were explained on standard error
        if ended.code and "--json" in rest:
            wrong = {"error": "the flags are wrong; standard error says how", "kind": "Usage"}
            sys.stdout.write(json.dumps(wrong) + "\n")
        raise
    except Exception as error:  # a fault of ours: scripts hear of it too, and the traceback follows
        if "--json" in rest:
            sys.stdout.write(json.dumps({"error": str(error), "kind": type(error).__name__}) + "\n")
        raise
    return code or 0


def _fail(who: str, problem: str, kind: str, arguments: Sequence[str]) -> int:
    """Say what went wrong on standard error, and as JSON on standard output if that is wanted."""
    if "--json" in arguments:
        sys.stdout.write(json.dumps({"error": problem, "kind": kind}) + "\n")
    sys.stderr.write(f"{who}: {problem}\n")
    return 2


def _help() -> str:
    lines = [
        "usage: foveate COMMAND ...",
        "",
        "Face recognition on tiny, blurred faces: a teacher that sees sharply shows a student where to look.",
        "",
        *(f"  {name:<10}{text}" for name, text in COMMANDS.items()),
        "",
        "'foveate COMMAND --help' explains a command. Start with: foveate demo",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
