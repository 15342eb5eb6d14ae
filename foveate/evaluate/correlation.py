"""Do two networks look at the same places? Pearson correlation of attention maps in one pass (A-SKD, Fig. 5).

Legend: B images, P positions of a map (channels and pixels together).

The paper correlates all elements of all images. Part of that figure is no achievement of the student: maps that
share nothing but a fixed pattern (brighter in the middle, say) correlate by 0.93, and by 0.005 once the mean map
of each model is subtracted. So both are always reported, and the agreement within single images beside them.
"""

import copy
from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from foveate.errors import DataError


@dataclass(frozen=True)
class CorrelationResult:
    """Pearson correlations from -1 to 1; nan where a side is constant and there is nothing to correlate.

    Attributes:
        pooled: over all elements of all images, as in the paper.
        centred: the same after the mean map of each model over the images is subtracted: do both react alike to
            what distinguishes one image from another?
        per_image: mean over images of the correlation within one image; images with a constant map are left out.
        images: how many images were seen.
    """

    pooled: float
    centred: float
    per_image: float
    images: int


@final
class Correlation:
    """Running correlation of a teacher's and a student's maps, batch by batch, in float64.

    Kept for every position: the means, and the summed squares and products of deviations from them, merged
    batch by batch (Chan, Golub and LeVeque, American Statistician 1983). All values are taken relative to the first
    image, so that a constant position is constant to the last bit.
    """

    def __init__(self) -> None:
        self._shape: torch.Size | None = None
        self._images = 0
        self._agreement, self._judged = 0.0, 0

    def update(self, teacher_map: Float[Tensor, "B *map"], student_map: Float[Tensor, "B *map"]) -> None:
        """Take in the maps of B images.

        Args:
            teacher_map, student_map: maps of any one shape, the same in every call but for B.

        Raises:
            DataError: the shapes differ, or a value is not finite.
        """
        self._check(teacher_map, student_map)
        if len(teacher_map) == 0:
            return
        pair = torch.stack([maps.detach().double().flatten(1) for maps in _at_least_2d(teacher_map, student_map)])
        if self._images == 0:
            self._shape, self._first = teacher_map.shape[1:], pair[:, :1].clone()
            self._mean = torch.zeros_like(pair[:, 0])
            self._moments = _products(self._mean)
        shifted = pair - self._first
        batch, mean = shifted.shape[1], shifted.mean(1)
        total, step = self._images + batch, mean - self._mean
        self._moments += _products(shifted - mean[:, None]).sum(1) + _products(step) * (self._images * batch / total)
        self._mean += step * (batch / total)
        self._images = total
        within = _pearson(_products(_centred(pair)).sum(-1))
        self._agreement += within.nansum().item()
        self._judged += int(within.isfinite().sum())

    def cpu(self) -> "Correlation":
        """The same, on the CPU: what ranks hand to each other must not lie on a device that only one of them has."""
        made = copy.deepcopy(self)
        if self._images:
            made._first, made._mean, made._moments = (each.cpu() for each in (self._first, self._mean, self._moments))
        return made

    def merged(self, other: "Correlation") -> "Correlation":
        """The correlation of the images of both."""
        if not (self._images and other._images):
            return self if self._images else other
        made = copy.deepcopy(self)
        # Both sides are relative to their own first image.
        step = (other._first + other._mean[:, None] - self._first)[:, 0] - self._mean
        total = self._images + other._images
        made._moments = self._moments + other._moments + _products(step) * (self._images * other._images / total)
        made._mean = self._mean + step * (other._images / total)
        made._images = total
        made._agreement, made._judged = self._agreement + other._agreement, self._judged + other._judged
        return made

    def result(self) -> CorrelationResult:
        """The correlations of all images so far.

        Raises:
            DataError: there were no images.
        """
        if self._images == 0:
            raise DataError("no attention map was given", remedy="Call update with the maps of at least one image")
        around_mean_maps = self._moments.sum(-1)
        of_mean_maps = _products(_centred(self._first[:, 0] + self._mean)).sum(-1)
        return CorrelationResult(
            pooled=_pearson(around_mean_maps + self._images * of_mean_maps).item(),
            centred=_pearson(around_mean_maps).item(),
            per_image=self._agreement / self._judged if self._judged else float("nan"),
            images=self._images,
        )

    def _check(self, teacher_map: Tensor, student_map: Tensor) -> None:
        if teacher_map.shape != student_map.shape or teacher_map.ndim == 0:
            raise DataError(
                f"the teacher's map {tuple(teacher_map.shape)} and the student's {tuple(student_map.shape)} differ",
                remedy="Compare maps of the same stage, tapped for the same images",
            )
        if self._shape is not None and teacher_map.shape[1:] != self._shape:
            raise DataError(
                f"a map of shape {tuple(teacher_map.shape[1:])} follows maps of shape {tuple(self._shape)}",
                remedy="Use one Correlation for each tapped map",
            )
        if not (teacher_map.isfinite().all() and student_map.isfinite().all()):
            raise DataError(
                "an attention map holds a value that is not finite",
                record=f"images from number {self._images}",
                remedy="Look for a diverged network, or for overflow in half precision",
            )


def _at_least_2d(*tensors: Tensor) -> list[Tensor]:
    return [tensor[:, None] if tensor.ndim == 1 else tensor for tensor in tensors]


def _products(pair: Float64[Tensor, "2 *rest"]) -> Float64[Tensor, "3 *rest"]:
    """Teacher squared, student squared, teacher times student."""
    teacher, student = pair
    return torch.stack([teacher * teacher, student * student, teacher * student])


def _centred(values: Float64[Tensor, "*rest P"]) -> Float64[Tensor, "*rest P"]:
    """Deviations from the mean over positions: exactly zero where all are equal, whatever rounding does to the mean."""
    relative = values - values[..., :1]
    return relative - relative.mean(-1, keepdim=True)


def _pearson(moments: Float64[Tensor, "3 *rest"]) -> Float64[Tensor, "*rest"]:
    teacher, student, both = moments
    return (both / (teacher.sqrt() * student.sqrt())).clamp(-1, 1)
