"""The machines a run is planned for."""

from dataclasses import asdict, dataclass
from typing import Any, Final, final

from foveate.errors import RecipeError

UTILISATION: Final = 0.37
"""Share of a GPU's two limits that a training step reaches. Source: insightface's published rate of 4,385 images/s on 8
V100 (IResNet-50, fp16, batch 128 a GPU, 4 million identities of which a tenth is sampled; README of
recognition/arcface_torch, March 2021) over the time that this page's formula gives at the limits of the data sheet,
125 TFLOP/s and 900 GB/s. Four other rates of the same table give 0.31 to 0.43."""


@final
@dataclass(frozen=True)
class Cluster:
    """GPUs of one kind; the defaults are one NVIDIA A100 with 80 GB (SXM) by its data sheet.

    Attributes:
        gpus: how many; the defaults below are those of an NVIDIA A100 with 80 GB.
        peak_tflops: bf16 matrix products of one GPU, in 10^12 operations a second, without sparsity.
        bandwidth: of one GPU's memory in 10^9 bytes a second.
        memory_gb: of one GPU in 10^9 bytes.
        utilisation: share of both limits that a step reaches; the default comes from published rates.
        price: of one GPU for an hour; the default is a round number, not an offer.
    """

    gpus: int = 1
    peak_tflops: float = 312.0
    bandwidth: float = 2039.0
    memory_gb: float = 80.0
    utilisation: float = UTILISATION
    price: float = 2.0

    def __post_init__(self) -> None:
        good = self.gpus >= 1 and min(self.peak_tflops, self.bandwidth, self.memory_gb) > 0 and self.price >= 0
        if not good or not 0 < self.utilisation <= 1:
            raise RecipeError(
                f"{flags(self)} make no cluster", remedy="Give positive numbers, and a utilisation of at most 1."
            )


def flags(values: Any) -> str:
    """A dataclass in the words of the command line."""
    return " ".join(f"--{name.replace('_', '-')} {value}" for name, value in asdict(values).items())
