"""foveate data split PATH: a training set in two parts that share nobody."""

from pathlib import Path
from typing import Annotated

import tyro

from foveate.commands.terminal import Bar, answer
from foveate.commands.tests_of import tell_of_tests_beside


def keep_apart(
    path: tyro.conf.Positional[Path],
    /,
    *,
    out: Path,
    share: float = 0.2,
    seed: int = 0,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Split training images by identity into OUT/train and OUT/held, in the layout they are in.

    With seed 0 the people held out are those that 'foveate train --hold-out SHARE' keeps out of training.

    Args:
        path: training images.
        out: folder to make.
        share: of the identities that go into OUT/held.
        seed: decides which.
        as_json: print the number of identities of each part as JSON.
    """
    from foveate.prepare.split import split

    with Bar("split") as bar:
        kept, held = split(path, out, share=share, seed=seed, tell=lambda done, total: bar.step(done, total, None))
    tell_of_tests_beside(path)
    found = {"path": str(out), "train": kept, "held": held}
    answer(found, as_json=as_json, text=f"{out}: {kept:,} identities in train, {held:,} in held")
