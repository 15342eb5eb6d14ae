"""A folder that appears under its name when all of it is there."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from foveate.errors import DataError
from foveate.files import sync_folder, write_json

_PLAN: Final = ".plan.json"


@contextmanager
def staged(out: Path, plan: Mapping[str, Any]) -> Iterator[Path]:
    """Write a folder under a hidden name beside it, and rename it once the block has ended without an error.

    What is interrupted stays under the hidden name; the same plan goes on in it. Where nothing was written yet, nothing
    stays, so that a mistake in the arguments can be mended.

    Args:
        out: the folder to make.
        plan: what makes it, as JSON values; unfinished work of another plan is not touched.

    Yields:
        The hidden folder, ``.NAME.partial``.

    Raises:
        DataError: the folder exists already, unfinished work of another plan lies in its place, or it is inside the
            plan's source.
    """
    out = out.resolve()  # behind a link, where there is room, and beside what it will be
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError("it exists already", file=out, remedy="Name another folder, or delete it")
    source = Path(str(plan.get("source", ""))).resolve()
    if "source" in plan and source.is_dir() and out.is_relative_to(source) and not (source / "train.rec").is_file():
        raise DataError("it would be among the images", file=out, remedy="Name a folder beside them")
    folder = out.with_name(f".{out.name}.partial")
    wanted = json.loads(json.dumps(dict(plan)))
    if folder.exists() and _plan(folder) != wanted:
        problem = "unfinished work of another command or of other arguments lies there"
        raise DataError(problem, file=folder, remedy="Finish it with the same command, or delete the folder")
    write_json(folder / _PLAN, wanted)
    for left in folder.rglob(".*.partial"):  # of a process that was killed, under names that none will take again
        left.unlink()
    try:
        yield folder
    except BaseException:
        if [each.name for each in folder.iterdir()] == [_PLAN]:
            shutil.rmtree(folder)
        raise
    if out.exists():
        out.rmdir()
    folder.replace(out)
    (out / _PLAN).unlink()  # until then a kill leaves what goes on
    sync_folder(out.parent)


def _plan(folder: Path) -> Any:
    try:
        return json.loads((folder / _PLAN).read_text())
    except (OSError, ValueError):
        return None
