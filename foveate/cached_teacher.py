"""A teacher that was asked before: its answers are read from a cache (``foveate.cache`` makes them).

Legend: B faces, N images, R = 2 N rows (each image, and its mirror image), M numbers a row.

The teacher sees sharp faces only, so with no other change than mirror images its answers are a function of the image.
A cache is a folder: ``maps.f16``, R x M numbers in float16, memory-mapped, and ``card.json``, which says of which
teacher, data and distillers they are. It is used only if all of that still holds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import final

import numpy as np
import torch
from torch import Tensor

from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.heads.head import Head
from foveate.taps import Caught
from foveate.teacher import Teacher
from foveate.views import Views


@dataclass(frozen=True)
class Kept:
    """One tensor of a row: of which glob, module and stage, which side of its call, and its shape for one face."""

    glob: str
    name: str
    side: str
    shape: tuple[int, ...]
    stage: str = ""


@final
class CachedTeacher(Teacher):
    """A teacher that was asked before.

    Args:
        folder: with a complete cache.
        head: the teacher's, for distillers that compare logits: they depend on the label's margin, and are made anew.
    """

    def __init__(self, folder: Path, head: Head | None) -> None:
        super().__init__()
        self.folder, self.head = folder, head
        card = json.loads((folder / "card.json").read_text())
        self._kept = tuple(Kept(**{**item, "shape": tuple(item["shape"])}) for item in card["kept"])
        self._sizes = [*(prod(item.shape) for item in self._kept), card["embedding"]]
        self._rows = np.memmap(folder / "maps.f16", np.float16, "r", shape=(card["rows"], sum(self._sizes)))
        self.fingerprint: str = card["key"]["teacher"]
        self.requires_grad_(False)
        self.train(False)

    @torch.no_grad()
    def forward(self, views: Views, progress: float = 1.0) -> Trace:
        if views.seen is None:
            raise RecipeError("these views are more than a cache can hold", remedy="Train without --cache.")
        rows = torch.from_numpy(self._rows[views.seen.numpy()]).to(views.high.device, non_blocking=True).float()
        *parts, embedding = rows.split(self._sizes, dim=1)
        caught: dict[str, dict[tuple[str, str], dict[str, Tensor]]] = {}
        for item, part in zip(self._kept, parts, strict=True):
            caught.setdefault(item.glob, {}).setdefault((item.name, item.stage), {})[item.side] = part.view(
                -1, *item.shape
            )
        logits = None if self.head is None else self.head(embedding, views.target, progress).logits
        return Trace(embedding, logits, {glob: _calls(modules) for glob, modules in caught.items()}, views.target)


def _calls(modules: Mapping[tuple[str, str], Mapping[str, Tensor]]) -> tuple[Caught, ...]:
    """Calls of which one side may not have been kept: a tensor without content, with which nothing can be computed."""

    def side(found: Mapping[str, Tensor], name: str) -> Tensor:
        return found[name] if name in found else next(iter(found.values())).to("meta")

    return tuple(
        Caught(name, side(found, "input"), side(found, "output"), stage) for (name, stage), found in modules.items()
    )
