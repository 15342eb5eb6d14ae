"""Taps: catch what the modules of any network receive and answer, without touching the network.

Modules are chosen by a glob over their names (``*.gate``, ``stage[1-4]``), found once. Every attention
module of this package, and timm's CBAM and SE, apply their map through a submodule named ``gate``: what the gate
receives are the logits of the map, what it answers is the map.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, NamedTuple, final

from torch import Tensor, nn

from foveate.errors import RecipeError


class Caught(NamedTuple):
    """One call of one module."""

    name: str
    """Name of the module inside its network."""
    input: Tensor
    """First argument; for an attention gate the logits of the map."""
    output: Tensor
    """Answer; for an attention gate the map itself."""
    stage: str = ""
    """Where in its network it is: what the network's ``stage_of`` says of the name, or the name's first part."""


@final
class Taps:
    """Run a network and keep what the modules matching some globs received and answered.

    The hooks exist only during a call, so the network stays as it was for everyone else. During the call the tapped
    blocks of a transformer (``blocks.3.attn.attn_drop``) compute their attention step by step rather than fused.

    Args:
        network: any module.
        globs: shell-style patterns over the names in ``network.named_modules()``; ``*`` also crosses dots.

    Raises:
        RecipeError: a glob matches no module.
    """

    def __init__(self, network: nn.Module, globs: Iterable[str]) -> None:
        self._network = network
        modules = dict(network.named_modules())
        self.names: Mapping[str, tuple[str, ...]] = {
            glob: tuple(name for name in modules if fnmatchcase(name, glob)) for glob in globs
        }
        for glob, names in self.names.items():
            if not names:
                raise RecipeError(
                    f"no module of {type(network).__name__} matches the glob '{glob}'",
                    remedy="Choose a network with such modules (attention, for A-SKD) or another glob; "
                    f"its modules are named like {', '.join(list(modules)[1:4])}, ...",
                )
        self._chosen = tuple(dict.fromkeys(name for names in self.names.values() for name in names))
        self._stage_of: Callable[[str], str] = getattr(network, "stage_of", lambda name: name.partition(".")[0])
        # A fused attention never has its map in one place; timm's then passes by the modules that would see it.
        around = {name.rpartition(".")[0] for name in self._chosen}
        self._fused = [name for name in around if hasattr(modules[name], "fused_attn")]

    def __call__(self, *inputs: Tensor) -> tuple[Any, Mapping[str, tuple[Caught, ...]]]:
        """Run the network.

        Returns:
            Its answer, and for each glob what was caught, in the order of the modules' definition.

        Raises:
            RecipeError: a chosen module was not called, or twice.
        """
        caught: dict[str, Caught] = {}

        def keep(name: str, _module: nn.Module, received: tuple[Tensor, ...], answer: Tensor) -> None:
            if name in caught:
                raise RecipeError(
                    f"the module {name} was called twice while {type(self._network).__name__} ran",
                    remedy="Give each map a gate of its own, or choose another glob.",
                )
            caught[name] = Caught(name, received[0], answer, self._stage_of(name))

        with ExitStack() as hooks:
            for name in self._fused:
                module: Any = self._network.get_submodule(name)
                hooks.callback(setattr, module, "fused_attn", module.fused_attn)
                module.fused_attn = False
            for name in self._chosen:  # by name, since modules may be exchanged (SyncBatchNorm)
                hooks.enter_context(self._network.get_submodule(name).register_forward_hook(partial(keep, name)))
            answer = self._network(*inputs)
        for name in set(self._chosen) - caught.keys():
            raise RecipeError(
                f"the module {name} was not called while {type(self._network).__name__} ran",
                remedy="Choose a glob of modules that every call passes through.",
            )
        return answer, {glob: tuple(caught[name] for name in names) for glob, names in self.names.items()}
