"""Faces, what the student sees of them, and where several networks look (Fig. 4 of the A-SKD paper).

Legend: N faces, H x W pixels, h x w positions of a map.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from foveate.evaluate.embed import pixel_batches
from foveate.files import write_bytes
from foveate.model_file import Model
from foveate.taps import Taps
from foveate.views import FaceViews


@torch.inference_mode()
def save_looks(path: Path, images: Sequence[bytes], models: Mapping[str, Model], *, low: FaceViews) -> None:
    """Write faces and first-block spatial attention maps of some models to an .npz file.

    Args:
        path: the file.
        images: encoded faces.
        models: by the names the figure is to show, in order. Each sees the faces as it was trained to.
        low: the degradation whose faces are shown beside the sharp ones.
    """
    pixels = torch.cat(list(pixel_batches(images, size=next(iter(models.values())).network.size, name="faces")))
    arrays: dict[str, np.ndarray] = {
        "high": pixels.numpy(),
        "low": _as_pixels(low, pixels),
        "models": np.array(list(models)),
        "sharp": np.array([model.views.degrade.title == "sharp" for model in models.values()]),
    }
    for number, model in enumerate(models.values()):
        if model.views.degrade.title not in ("sharp", low.degrade.title):
            arrays[f"faces_{number}"] = _as_pixels(model.views, pixels)
        _, caught = Taps(model.network, ["stage1.0.*spatial.gate"])(model.views.see(pixels))
        arrays[f"spatial_{number}"] = caught["stage1.0.*spatial.gate"][-1].output[:, 0].float().numpy()
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # pyright: ignore[reportArgumentType]
    write_bytes(path, buffer.getvalue())


def _as_pixels(views: FaceViews, pixels: Tensor) -> np.ndarray:
    seen = views.see(pixels)
    images = seen if views.colour == "rgb" else seen.flip(1)
    return ((images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
