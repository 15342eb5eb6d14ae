"""A set in another layout, its images copied byte for byte."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from foveate.data.lfw_writer import write_lfw
from foveate.data.open import open_test_sets, open_training_set
from foveate.data.pairs import VerificationPairs
from foveate.data.verification_writer import write_verification_bin
from foveate.doctor.write_manifest import write_manifest
from foveate.errors import DataError
from foveate.evaluate.all_pairs import people_of
from foveate.prepare.staged import staged
from foveate.prepare.write import WRITERS, Layout, Tell, layout_of, silent, unchanged

Target = Layout | Literal["bin"]


def convert(source: Path, out: Path, to: Target, tell: Tell = silent) -> Path:
    """Write a set in another layout. Encoded images are copied and never encoded anew; classes keep their order.

    Args:
        source: training images, a .bin file, or a folder laid out as a public set of pairs is.
        out: the folder to make; for ``bin`` the file.
        to: ``folder``: identity folders, or LFW's layout for pairs; ``rec``: insightface's records; ``webdataset``:
            tar shards; ``bin``: pairs as insightface stores them.
        tell: is told how many images of how many are written.

    Returns:
        What was made.

    Raises:
        DataError: the source holds no such set, has this layout already, or the place is taken.
    """
    if to == "bin":
        return _write_bin(_pairs(source), source, out)
    if source.suffix.lower() != ".bin":
        images = open_training_set(source)
        if layout_of(images) == to:
            raise DataError(f"it has the layout {to!r} already", file=source, remedy="Copy it")
        plan = {"state": images.state()}
        return _fill(out, lambda folder: WRITERS[to](images, folder, unchanged, tell), to, source, plan)
    if to != "folder":
        problem, remedy = "records and shards hold identities to train on, and it holds pairs", "Choose --to folder"
        raise DataError(problem, file=source, remedy=remedy)
    pairs = _pairs(source)
    return _fill(out, lambda folder: write_lfw(folder, pairs, people_of(pairs)), to, source, {})


def _pairs(source: Path) -> VerificationPairs:
    """The pairs of a file, or of a folder that is laid out as a public set."""
    beside = {file.stem for file in source.glob("*.bin")} if source.is_dir() else set[str]()
    found = [each for each in open_test_sets(source) if isinstance(each, VerificationPairs) and each.name not in beside]
    if len(found) != 1:
        problem = f"it holds {len(found)} sets of verification pairs, not one"
        remedy = "Give a .bin file or a folder as docs/data.md lays it out, or draw pairs with 'foveate data pairs'"
        raise DataError(problem, file=source, remedy=remedy)
    return found[0]


def _write_bin(pairs: VerificationPairs, source: Path, out: Path) -> Path:
    out = out if out.suffix == ".bin" else out.with_name(f"{out.name}.bin")
    if source.suffix.lower() == ".bin" or out.exists():
        problem = "it exists already" if out.exists() else "it is a .bin file already"
        raise DataError(problem, file=out if out.exists() else source, remedy="Name another file, or another layout")
    write_verification_bin(out, pairs)
    write_manifest(out, command="convert", arguments={"to": "bin"}, source=source)
    return out


def _fill(out: Path, write: Callable[[Path], object], to: Layout, source: Path, plan: Mapping[str, Any]) -> Path:
    with staged(out, {"command": "convert", "to": to, "source": str(source.absolute()), **plan}) as folder:
        write(folder)
        write_manifest(folder, command="convert", arguments={"to": to}, source=source)
    return out
