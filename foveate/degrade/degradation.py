"""A batch of faces in, the same size out, fewer details.

Legend: B faces, H x W pixels (faces are square, H = W; photos need not be).

Every degradation here is linear and separable: down-sampling, blur and up-sampling each act on rows and
on columns by themselves, so the whole of it is ``rows @ image @ columns.T`` with two square matrices.
That is exact, differentiable, needs no library's resize, and runs as one batched product on any device.
"""

from abc import ABC, abstractmethod
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor


class Degradation(ABC):
    """Subclasses are frozen dataclasses of numbers, so that a checkpoint can store them."""

    @abstractmethod
    def operators(
        self, size: int, chance: Float[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "#B H H"], Float[Tensor, "#B W W"]]:
        """The matrices for rows and for columns, float64, one for all faces or one a face.

        Args:
            size: side of the images in pixels; those that are not square ask for rows with their height, and for
                columns with their width.
            chance: a number in [0, 1) for each face, for what is drawn by chance; without it the middle of
                each range is taken.
        """

    @property
    @abstractmethod
    def title(self) -> str:
        """A short name for tables and messages, with preset and side: ``paper 14px``."""

    @property
    def choices_apart(self) -> tuple["Degradation", ...]:
        """The single degradations this one draws from, each to be judged by itself; most are their only one."""
        return (self,)

    def __call__(
        self, images: Float[Tensor, "B 3 H W"], chance: Float[Tensor, " B"] | None = None
    ) -> Float[Tensor, "B 3 H W"]:
        """Degrade a batch.

        Args:
            images: any linear value range; [-1, 1] in this package. Bicubic kernels may overshoot it a little.
            chance: see ``operators``.

        Returns:
            Images of the same shape, dtype and device.
        """
        height, width = images.shape[-2:]
        if chance is None:
            rows, columns = (_fixed(self, size, images.device, images.dtype) for size in (height, width))
        else:
            rows = [matrix.to(images) for matrix in self.operators(height, chance)]
            columns = rows if width == height else [matrix.to(images) for matrix in self.operators(width, chance)]
        with torch.autocast(images.device.type, enabled=False):
            return rows[0][:, None] @ images @ columns[1][:, None].mT


@lru_cache(maxsize=8)  # of photos as large as TinaFace sees them an entry has 10 MB
def _fixed(degradation: Degradation, size: int, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    # Kept beyond this call, so they must not become inference tensors, through which no gradient can flow later.
    with torch.inference_mode(False):
        rows, columns = degradation.operators(size)
        return rows.to(device, dtype), columns.to(device, dtype)
