"""A verification protocol of one's own, as a .bin file."""

from pathlib import Path

from foveate.data.draw_pairs import draw_pairs
from foveate.data.open import open_training_set
from foveate.data.pairs import VerificationPairs
from foveate.data.verification_writer import READ_FOLDS, write_verification_bin
from foveate.doctor.write_manifest import write_manifest
from foveate.errors import DataError


def make_protocol(source: Path, out: Path, *, pairs: int | None, folds: int, seed: int = 0) -> VerificationPairs:
    """Draw pairs from labelled images, and write them with a manifest.

    Args:
        source: images of people whom training must not know.
        out: the .bin file to write.
        pairs, folds, seed: as ``foveate.data.draw_pairs``.

    Returns:
        The pairs.

    Raises:
        DataError: the file exists, the folds would be lost, or as ``draw_pairs``.
    """
    if out.suffix != ".bin" or out.exists():
        problem = "it exists already" if out.exists() else "the name does not end in .bin"
        raise DataError(problem, file=out, remedy="Name another file, such as held.bin")
    if folds % READ_FOLDS:
        problem = f"a .bin file keeps no folds and is read in {READ_FOLDS}, so that {folds} would not share nobody"
        raise DataError(problem, file=out, remedy=f"Ask for {READ_FOLDS} folds")
    drawn = draw_pairs(open_training_set(source), name=out.stem, pairs=pairs, folds=folds, seed=seed)
    write_verification_bin(out, drawn)
    arguments = {"pairs": len(drawn), "folds": folds, "seed": seed}
    write_manifest(out, command="pairs", arguments=arguments, source=source)
    return drawn
