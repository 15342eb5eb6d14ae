"""foveate data pairs PATH: a verification protocol of one's own."""

from pathlib import Path
from typing import Annotated

import tyro

from foveate.commands.terminal import answer


def draw_protocol(
    path: tyro.conf.Positional[Path],
    /,
    *,
    out: Path,
    folds: int = 10,
    pairs: int | None = None,
    seed: int = 0,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Draw verification pairs into a .bin file: half of one person, none twice, in folds that share nobody.

    Draw them from people whom training does not know: 'foveate data split' keeps some apart.

    Args:
        path: labelled images: a folder with train.rec, or identity folders.
        out: the .bin file to write.
        folds: of equal size, each of its own people; 10, as every reader of such files takes it.
        pairs: in all; a multiple of twice the folds. By default as many as there are, up to 6,000.
        seed: decides which.
        as_json: print the counts as JSON.
    """
    from foveate.prepare.pairs import make_protocol

    drawn = make_protocol(path, out, pairs=pairs, folds=folds, seed=seed)
    images = len({*drawn.left.tolist(), *drawn.right.tolist()})
    found = {"path": str(out), "pairs": len(drawn), "same": int(drawn.same.sum()), "folds": folds, "images": images}
    text = f"{out}: {len(drawn):,} pairs ({found['same']:,} of one person) of {images:,} images in {folds} folds"
    answer(found, as_json=as_json, text=text)
