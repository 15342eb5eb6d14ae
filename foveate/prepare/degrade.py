"""A low-resolution copy of a set: what a student sees of it, as images.

Legend: H x W pixels.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, final

import torch
from PIL import Image

from foveate.chance import check_seed, uniform
from foveate.data.decode import decode
from foveate.data.exact_size import check_size
from foveate.data.pairs import sharp_pairs
from foveate.data.verification_writer import write_verification_bin
from foveate.degrade.degradation import Degradation
from foveate.degrade.preset import Preset, degradation
from foveate.doctor.pictures import Pictures
from foveate.doctor.write_manifest import contents_of, write_manifest
from foveate.errors import DataError
from foveate.prepare.staged import staged
from foveate.prepare.write import WRITERS, Tell, layout_of, silent

SIZE: Final = 112


@final
@dataclass(frozen=True)
class LowResolution:
    """How the copy is made.

    Attributes:
        preset: of the degradation.
        ratio: down-sampling ratios; of several one is drawn for each image.
        side: sides of the small face in pixels, in place of ratios.
        seed: of what is drawn.
    """

    preset: Preset = "paper"
    ratio: tuple[int, ...] = ()
    side: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        check_seed(self.seed)

    def degradation(self) -> Degradation:
        """Raises RecipeError if neither or both of ratio and side are given, or they do not fit."""
        return degradation(self.preset, ratio=self.ratio, side=self.side, size=SIZE)

    def as_json(self) -> dict[str, Any]:
        """Values for a manifest."""
        return {"preset": self.preset, "ratio": list(self.ratio), "side": list(self.side), "seed": self.seed}


def degrade(source: Path, out: Path, how: LowResolution, tell: Tell = silent) -> list[str]:
    """Write a copy of training images and verification pairs with fewer details, of the same size, as lossless PNG.

    Training images keep layout, names and classes; each verification set becomes a .bin file.

    Args:
        source: training images, verification sets, or a folder with both.
        out: the folder to make.
        how: the degradation.
        tell: is told how many images of how many are written.

    Returns:
        What the copy holds.

    Raises:
        DataError: nothing to copy, an image that is not of 112 x 112 pixels, or a folder that exists.
        RecipeError: as ``LowResolution.degradation``.
    """
    make = how.degradation()
    training, tests = contents_of(source)
    pairs = sharp_pairs(tests)
    if training is None and not pairs:
        remedy = "Give training images or pairs; faces that are small by nature are not degraded"
        raise DataError("there is nothing to degrade", file=source, remedy=remedy)
    twice = next((test.name for test in pairs if [each.name for each in pairs].count(test.name) > 1), None)
    if twice is not None:
        remedy = "Rename one of them, or degrade them one by one"
        raise DataError(
            f"two of its sets of pairs are called {twice}, and one would be lost", file=source, remedy=remedy
        )
    made = {"command": "degrade", "arguments": how.as_json()}
    total = (0 if training is None else len(training)) + sum(len(test.images) for test in pairs)
    state = None if training is None else training.state()
    done, held = 0, []
    with staged(out, {**made, "source": str(source.absolute()), "state": state}) as folder:
        if training is not None:
            change = _change(make, how.seed, Pictures.of_training(training))
            WRITERS[layout_of(training)](training, folder, change, lambda count, _: tell(count, total))
            done, held = len(training), ["training"]
        for test in pairs:
            change = _change(make, how.seed, Pictures.of_test(test, source))
            images = [change(test.images[number], number) for number in range(len(test.images))]
            write_verification_bin(folder / f"{test.name}.bin", replace(test, images=images))
            done += len(images)
            tell(done, total)
            held.append(test.name)
        write_manifest(folder, source=source, **made)
    return held


def _change(make: Degradation, seed: int, pictures: Pictures) -> Callable[[bytes, int], bytes]:
    """Encoded bytes and position -> the degraded image as PNG. What is drawn depends on seed and position."""

    def change(encoded: bytes, position: int) -> bytes:
        pixels = decode(encoded, file=pictures.path, record=pictures.record(position))
        check_size(pixels, SIZE, file=pictures.path, record=pictures.record(position))
        face = torch.from_numpy(pixels).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
        low = make(face, uniform("degrade", seed, 0, position))[0]
        levels = low.add_(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        content = io.BytesIO()
        Image.fromarray(levels.permute(1, 2, 0).numpy()).save(content, "PNG")
        return content.getvalue()

    return change
