"""foveate data degrade PATH: a low-resolution copy of a set."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

from foveate.commands.terminal import Bar, answer


def shrink(
    path: tyro.conf.Positional[Path],
    /,
    *,
    out: Path,
    preset: Literal["paper", "released"] = "paper",
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    seed: int = 0,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Write a copy of a set as a student sees it: faces shrunk and enlarged again, of the same size, as lossless PNG.

    Training and evaluation need no such copy: they degrade each batch on the fly, from the sharp images. A copy is
    wanted for other tools, to look at, or to hand a fixed low-resolution test set on. It rounds to whole grey levels,
    which the fly does not, and a model judged on it must see it as it is (--ratio 1). Training images keep layout and
    names; verification sets become .bin files. What is interrupted goes on with the same command.

    Args:
        path: training images, verification sets, or a folder with both, of 112 x 112 pixels.
        out: folder to make.
        preset: of the degradation.
        ratio: down-sampling ratio; of several one is drawn for each image.
        side: side of the small face in pixels, in place of a ratio.
        seed: of what is drawn.
        as_json: print what the copy holds as JSON.
    """
    from foveate.prepare.degrade import LowResolution, degrade

    how = LowResolution(preset, ratio, side, seed)
    with Bar("degrade") as bar:
        held = degrade(path, out, how, lambda done, total: bar.step(done, total, None))
    found = {"path": str(out), "degradation": how.degradation().title, "sets": held}
    answer(found, as_json=as_json, text=f"{out}: {', '.join(held)} at {found['degradation']}")
