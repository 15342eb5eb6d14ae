"""The limits of this machine, by which everything else is judged: matrix product, memory, JPEG decoding."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

import torch

from foveate.bench.timing import wait
from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.memory import keep_freed_memory
from foveate.precision import Precision

CPU_SHAPES: Final = ((1024, 1024, 1024), (2048, 2048, 2048), (512, 4608, 8192), (8192, 1152, 128))
"""Rows, depth, columns of the products tried on a CPU: square, and as a convolution's matrices are."""

PATIENCE: Final = 5.0
"""Seconds after which nothing is tried again: where bfloat16 is emulated, a product takes that long."""

CUDA_SHAPES: Final = ((4096, 4096, 4096), (8192, 8192, 8192), (2048, 4608, 16384))

LEAST_ARRAY: Final = 2**28
"""Bytes of an array of the bandwidth's measurement at the least: 268 MB."""

CACHES: Final = 8
"""An array is at least this many last-level caches large."""


@final
@dataclass(frozen=True)
class Limits:
    """What the machine reached at best.

    Attributes:
        device: the matrix product and the memory are this device's; images are decoded on the CPU.
        threads: of the matrix product and the copies; decoding uses one.
        float32, bf16: floating-point operations a second of a matrix product, a multiply-add counting as two.
        shapes: rows, depth and columns of the fastest product, by dtype.
        copy, triad: bytes a second read and written by ``b = a`` and ``c = a + 3 b``, as STREAM counts them (McCalpin,
            1995): a line that a store loads first is not counted.
        array_mb: size of each of those arrays, in 10^6 bytes.
        jpeg: faces of 112 x 112 pixels decoded a second, by one thread.
    """

    device: str
    threads: int
    float32: float
    bf16: float
    shapes: dict[str, tuple[int, int, int]]
    copy: float
    triad: float
    array_mb: float
    jpeg: float

    @property
    def bandwidth(self) -> float:
        """The larger of both rates, in bytes a second."""
        return max(self.copy, self.triad)

    def matrix(self, precision: Precision) -> float:
        """Operations a second of a matrix product in this precision."""
        return self.bf16 if precision == "bf16" else self.float32

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def measure_limits(device: torch.device | None = None, *, quick: bool = False) -> Limits:
    """Measure the limits, each as the best of several tries, freed memory kept as in training.

    Args:
        device: the CPU if absent.
        quick: fewer tries, of one product and of arrays that may fit into a cache: the matrix rate comes out lower, the
            bandwidth higher.
    """
    keep_freed_memory()
    device = device or torch.device("cpu")
    tries = 2 if quick else 8
    products = {
        name: _fastest_product(device, dtype, quick=quick, tries=tries)
        for name, dtype in (("float32", torch.float32), ("bf16", torch.bfloat16))
    }
    size = 2**24 if quick else _array_bytes(device)
    copy, triad = _bandwidth(device, size, tries)
    return Limits(
        device=str(device),
        threads=torch.get_num_threads(),
        float32=products["float32"][0],
        bf16=products["bf16"][0],
        shapes={name: shape for name, (_, shape) in products.items()},
        copy=copy,
        triad=triad,
        array_mb=size / 1e6,
        jpeg=_decoded_a_second(8 if quick else 64, tries),
    )


def _fastest_product(
    device: torch.device, dtype: torch.dtype, *, quick: bool, tries: int
) -> tuple[float, tuple[int, int, int]]:
    full = CUDA_SHAPES if device.type == "cuda" else CPU_SHAPES
    found = []
    for rows, depth, columns in full[:1] if quick else full:
        a = torch.randn(rows, depth, device=device).to(dtype)
        b = torch.randn(depth, columns, device=device).to(dtype)
        out = torch.empty(rows, columns, device=device, dtype=dtype)
        seconds = _best(lambda a=a, b=b, out=out: torch.mm(a, b, out=out), device, tries)
        found.append((2 * rows * depth * columns / seconds, (rows, depth, columns)))
    return max(found)


def _bandwidth(device: torch.device, size: int, tries: int) -> tuple[float, float]:
    a, b, c = (torch.ones(size // 4, device=device) for _ in range(3))
    copied = 2 * size / _best(lambda: b.copy_(a), device, tries)
    added = 3 * size / _best(lambda: torch.add(a, b, alpha=3.0, out=c), device, tries)
    return copied, added


def _array_bytes(device: torch.device) -> int:
    """Bytes of an array well above the last-level cache."""
    return LEAST_ARRAY * 4 if device.type == "cuda" else max(LEAST_ARRAY, CACHES * _last_cache())


def _last_cache(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int:
    """Bytes of the largest cache the system tells of; 0 where it tells of none."""
    sizes = [file.read_text().strip() for file in folder.glob("index*/size")]
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    return max((int(size[:-1]) * units[size[-1]] for size in sizes if size[-1:] in units), default=0)


def _decoded_a_second(faces: int, tries: int) -> float:
    numbers = torch.arange(faces)
    encoded = [encode(picture.numpy()) for picture in SyntheticFaces().render(numbers, numbers)]

    def decode_all() -> None:
        for record, image in enumerate(encoded):
            decode(image, file="drawn faces", record=record)

    return faces / _best(decode_all, torch.device("cpu"), tries)


def _best(call: Callable[[], object], device: torch.device, tries: int) -> float:
    """Seconds of the fastest call, after one that is not timed."""
    taken = []
    while len(taken) <= tries and (len(taken) < 2 or sum(taken) < PATIENCE):
        wait(device)
        start = time.perf_counter()
        call()
        wait(device)
        taken.append(time.perf_counter() - start)
    return min(taken[1:])
