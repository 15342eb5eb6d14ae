"""A training set in two parts that share nobody."""

from pathlib import Path
from typing import Final

from foveate.data.open import open_training_set
from foveate.data.split import divide
from foveate.doctor.write_manifest import write_manifest
from foveate.prepare.staged import staged
from foveate.prepare.write import WRITERS, Tell, layout_of, silent, unchanged

PARTS: Final = ("train", "held")


def split(source: Path, out: Path, *, share: float, seed: int = 0, tell: Tell = silent) -> tuple[int, int]:
    """Write ``out/train`` and ``out/held`` in the layout of the source, each with a manifest.

    The identities of ``held`` are those that ``foveate train --hold-out`` keeps out with the same share and seed 0.

    Args:
        source: training images.
        out: the folder to make.
        share: of the identities that go into ``held``.
        seed: decides which.
        tell: is told how many images of how many are written.

    Returns:
        How many identities each part has.

    Raises:
        DataError: a part would have fewer than two identities, or the folder exists.
    """
    images = open_training_set(source)
    kept, held = divide(images, share=share, seed=seed)
    made = {"command": "split", "arguments": {"share": share, "seed": seed}}
    layout, written = layout_of(images), 0
    with staged(out, {**made, "source": str(source.absolute()), "state": images.state()}) as folder:
        for name, part in zip(PARTS, (kept, held), strict=True):
            WRITERS[layout](part, folder / name, unchanged, _onward(tell, written, len(images)))
            written += len(part)
            arguments = {**made["arguments"], "part": name}
            write_manifest(folder / name, command="split", arguments=arguments, source=source)
    return len(kept.classes), len(held.classes)


def _onward(tell: Tell, before: int, total: int) -> Tell:
    """Tells of a part as of a piece of the whole."""
    return lambda done, _: tell(before + done, total)
