"""One process or many: the ranks of torch.distributed, as torchrun starts them.

Legend: B rows of this rank, R rows of all ranks.

Without torchrun there is one rank, number 0 of 1, and nothing here talks to anyone.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from jaxtyping import Shaped
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from foveate.errors import FoveateError, TrainingError


def rank() -> int:
    """Number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes work together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_first() -> bool:
    """Whether this is the one rank that writes files and talks to people."""
    return rank() == 0


def local_device(device: torch.device) -> torch.device:
    """The device of this rank: of several on a machine each takes a GPU of its own, one alone the one it was given."""
    if device.type != "cuda" or size() == 1:
        return device
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


@contextmanager
def joined() -> Iterator[None]:
    """Work together with the other ranks inside this block, if torchrun started this process.

    Whatever goes wrong on one rank ends all of them, and one of them says why.

    Raises:
        FoveateError: what this rank could not do, if it is the first that failed.
        SystemExit: another rank has failed and says why.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or dist.is_initialized():
        yield
        return
    import torch._dynamo  # DDP imports it; imported inside a group, it keeps that group to the end of the process

    store, number, together = next(rendezvous("env://"))
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"  # each tensor's device has its own
    dist.init_process_group(backend, store=store, rank=number, world_size=together)
    try:
        yield
        dist.barrier()
    except FoveateError as error:
        if _others_failed(store):
            raise SystemExit(error.exit_code) from error
        raise
    except RuntimeError as error:
        if "onnection" not in str(error):  # closed by the other end, that is
            raise
        if _others_failed(store):
            raise SystemExit(1) from error
        remedy = "Look at the output of the others, and go on from the last checkpoint with --resume."
        raise TrainingError("another rank has gone away", remedy=remedy) from error
    finally:
        gc.collect()  # cycles that hold the group: threads of a group that outlives this block may abort the process
        dist.destroy_process_group()


def _others_failed(store: Any) -> bool:
    """Whether another rank has failed before and says why; from now on this one counts among them."""
    return store.add("foveate: failed ranks", 1) > 1


def barrier() -> None:
    """Wait for all ranks."""
    if size() > 1:
        dist.barrier()


def share(count: int) -> range:
    """This rank's part of ``range(count)``: contiguous, in the order of the ranks, sizes within one of each other."""
    least, more = divmod(count, size())
    start = rank() * least + min(rank(), more)
    return range(start, start + least + (rank() < more))


def summed(value: Tensor) -> Tensor:
    """The sum over all ranks, without gradient."""
    if size() == 1:
        return value
    total = value.detach().clone()
    dist.all_reduce(total)
    return total


def collected(value: Any) -> list[Any]:
    """A value of every rank, in their order: small things that are no tensors."""
    if size() == 1:
        return [value]
    found: list[Any] = [None] * size()
    dist.all_gather_object(found, value)
    return found


def gathered(rows: Shaped[Tensor, "B *rest"]) -> Shaped[Tensor, "R *rest"]:
    """The rows of all ranks, in their order, with a gradient; each rank may have another number of rows.

    The gradient of a rank's rows is the sum of what all ranks want of them. So a loss over all rows that every rank
    computes alike counts as often as there are ranks: divide it by ``size()``, or let DDP's mean over ranks do so.
    """
    return rows if size() == 1 else _Gather.apply(rows)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        counts = [torch.zeros(1, dtype=torch.int64, device=rows.device) for _ in range(size())]
        dist.all_gather(counts, torch.tensor([len(rows)], device=rows.device))
        ctx.counts = [int(count) for count in counts]
        padded = rows.new_zeros(max(ctx.counts), *rows.shape[1:])
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in range(size())]
        dist.all_gather(parts, padded)
        return torch.cat([part[:count] for part, count in zip(parts, ctx.counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        total = gradients[0].contiguous().clone()
        dist.all_reduce(total)
        return total.split(ctx.counts)[rank()]
