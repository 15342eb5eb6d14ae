"""Counted work: floating-point operations, bytes moved and bytes needed of a network, without running it.

Legend: B faces, N classes, D embedding size.

The computation runs once on tensors that have shapes and no content (PyTorch's fake tensors), so a network of any size
costs a second and no memory. Operations are counted where PyTorch dispatches them, forwards and backwards, after
autocast has chosen their arithmetic: what is counted is what would run, operation by operation.
"""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from typing import Any, Final, final

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from foveate.heads.head import Head
from foveate.objective import Losses, Objective
from foveate.precision import Precision, autocast
from foveate.teacher import LiveTeacher
from foveate.views import Views

BYTES_A_PARAMETER: Final = 4
"""Parameters, their gradients and their momentum are float32."""

SGD_PASSES: Final = 5
"""SGD with momentum reads weight, gradient and momentum, and writes weight and momentum."""


@final
@dataclass(frozen=True)
class Work:
    """What a computation asks of a machine.

    Attributes:
        flops: floating-point operations of matrix products and convolutions, a multiply-add counting as two.
        moved: bytes that all other operations read and write, each by itself, as if no cache helped.
        kept: bytes that the forward pass keeps for the backward pass. Parameters and inputs are not counted.
        peak: most bytes alive at one moment of both passes, gradients among them; parameters and inputs are not
            counted, nor is what a convolution's kernel takes for itself while it runs.
    """

    flops: int = 0
    moved: int = 0
    kept: int = 0
    peak: int = 0

    def __add__(self, other: "Work") -> "Work":
        """Both, with all memory of both alive at once."""
        return Work(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    def seconds(self, flops: float, bandwidth: float) -> float:
        """The time at the machine's limits: its products at ``flops`` a second, then all else at ``bandwidth`` bytes
        a second (a roofline in two pieces, nothing overlapping)."""
        return self.flops / flops + self.moved / bandwidth


def training_work(
    objective: Objective, teacher: LiveTeacher | None = None, *, size: int, batch: int, precision: Precision = "bf16"
) -> Work:
    """A training step: student forwards and backwards, teacher forwards, head, distillers, SGD with momentum.

    Args:
        objective, teacher: on any device, also on ``meta``; they stay as they are.
        size: side of the faces in pixels.
        batch: B.
        precision: what autocast is to do.
    """

    def inputs() -> tuple[Any, ...]:
        faces = torch.empty(batch, 3, size, size)
        return (Views(faces, faces, torch.zeros(batch, dtype=torch.long)),)

    counted = count(
        _Step(objective, teacher), inputs, backward=True, precision=precision, answer=lambda losses: losses.total
    )
    return counted + Work(moved=SGD_PASSES * parameter_bytes(objective))


class _Step(nn.Module):
    """Teacher and student over one batch."""

    def __init__(self, objective: Objective, teacher: LiveTeacher | None) -> None:
        super().__init__()
        self._objective, self._teacher = objective, teacher

    def forward(self, views: Views) -> Losses:
        return self._objective(views, teacher=None if self._teacher is None else self._teacher(views))


def network_work(network: nn.Module, *, size: int, batch: int, backward: bool, precision: Precision = "bf16") -> Work:
    """A network alone, forwards (nothing is kept) or forwards and backwards."""
    return count(network, lambda: (torch.empty(batch, 3, size, size),), backward=backward, precision=precision)


def head_work(head: Head, *, batch: int, precision: Precision = "bf16") -> Work:
    """A head forwards and backwards, from embeddings whose gradient is wanted; the optimiser is not counted."""
    width = head.weight.shape[1]

    def inputs() -> tuple[Any, ...]:
        return torch.empty(batch, width, requires_grad=True), torch.zeros(batch, dtype=torch.long)

    return count(head, inputs, backward=True, precision=precision, answer=lambda scored: scored.loss)


def parameter_bytes(module: nn.Module) -> int:
    """Bytes of the parameters that are trained."""
    return BYTES_A_PARAMETER * sum(value.numel() for value in module.parameters() if value.requires_grad)


def count(
    module: nn.Module,
    inputs: Callable[[], tuple[Any, ...]],
    *,
    backward: bool,
    precision: Precision = "bf16",
    answer: Callable[[Any], Tensor] = lambda value: value,
) -> Work:
    """Count one call of a module.

    Args:
        module: on any device; it stays as it is.
        inputs: makes what the module is called with.
        backward: whether its gradient is counted too; without it nothing is kept.
        precision: what autocast is to do.
        answer: what of the module's answer is differentiated.
    """
    with FakeTensorMode(), torch.set_grad_enabled(backward):
        state = {name: _empty(value) for name, value in [*module.named_parameters(), *module.named_buffers()]}
        given = inputs()
        there = [*state.values(), *(value for value in tree_leaves(given) if isinstance(value, Tensor))]
        kept, counter = _Kept(there), _Counter(there)
        with counter:
            with autocast(torch.device("cpu"), precision), torch.autograd.graph.saved_tensors_hooks(kept, _same):
                found = answer(torch.func.functional_call(module, state, given))
            if backward:
                found.sum().backward()
        return Work(counter.flops, counter.moved, kept.bytes if backward else 0, counter.peak)


def _empty(value: Tensor) -> Tensor:
    """A tensor of the same shape on the CPU, whose content does not exist."""
    made = torch.empty(value.shape, dtype=value.dtype, device="cpu")
    return made.requires_grad_(value.requires_grad)


def _same(value: Tensor) -> Tensor:
    return value


class _Kept:
    """Adds up the memory behind what the forward pass keeps, each block once.

    Args:
        there: tensors that were there before; their memory is not counted.
    """

    def __init__(self, there: Iterable[Tensor]) -> None:
        self._there = {value.untyped_storage()._cdata for value in there}
        self._blocks: dict[int, int] = {}

    def __call__(self, value: Tensor) -> Tensor:
        block = value.untyped_storage()
        if block._cdata not in self._there:
            self._blocks[block._cdata] = block.nbytes()
        return value

    @property
    def bytes(self) -> int:
        return sum(self._blocks.values())


class _Counter(TorchDispatchMode):
    """Adds up operations and bytes of all that is dispatched, and watches how much memory is alive.

    Args:
        there: tensors that were there before; their memory is not counted.
    """

    def __init__(self, there: Iterable[Tensor]) -> None:
        super().__init__()
        self.flops, self.moved, self.peak = 0, 0, 0
        self._alive = {value.untyped_storage()._cdata: 0 for value in there}
        self._now = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        answer = func(*args, **kwargs)
        self._watch(answer)
        flops = _flops(func._overloadpacket, args, kwargs, answer)
        self.flops += flops
        if not flops and _touches_memory(func):
            read = () if _only_writes(func) else (args, kwargs)
            values = [value for value in tree_leaves((read, answer)) if isinstance(value, Tensor)]
            self.moved += sum(min(value.nbytes, value.untyped_storage().nbytes()) for value in values)
        return answer

    def _watch(self, answer: Any) -> None:
        for value in tree_leaves(answer):
            block = value.untyped_storage() if isinstance(value, Tensor) else None
            if block is not None and block._cdata not in self._alive:
                self._alive[block._cdata] = block.nbytes()
                self._now += block.nbytes()
                weakref.finalize(block, self._forget, block._cdata)
        self.peak = max(self.peak, self._now)

    def _forget(self, block: int) -> None:
        self._now -= self._alive.pop(block)


def _flops(operator: Any, args: Any, kwargs: Any, answer: Any) -> int:
    """0 for all but products and convolutions, and for a product with a single row: that is a sum in disguise."""
    if str(operator) == "torchvision.deform_conv2d":  # a product with what was gathered, (input, weight, ...)
        return 2 * answer.numel() * args[1][0].numel()
    if str(operator) == "torchvision._deform_conv2d_backward":  # (gradient, input, weight, ...)
        return 4 * args[0].numel() * args[2][0].numel()
    if operator not in flop_registry:
        return 0
    if operator is torch.ops.aten.mm and 1 in (args[0].shape[0], args[1].shape[1]):
        return 0
    return flop_registry[operator](*args, **kwargs, out_val=answer)


def _touches_memory(func: Any) -> bool:
    """Not a view, not a question for a property, and not an allocation."""
    returns = func._schema.returns
    views = any(item.alias_info is not None and not item.alias_info.is_write for item in returns)
    return func.namespace == "aten" and not views and "empty" not in str(func._overloadpacket)


def _only_writes(func: Any) -> bool:
    """Of the tensor it is given it wants nothing but the shape: ``ones_like`` and ``new_ones``."""
    name = func._schema.name.removeprefix("aten::")
    return name.startswith("new_") or name.endswith("_like")
