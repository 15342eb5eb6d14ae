"""How another project calls the parts of an IResNet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, final

from foveate.backbones.iresnet import BLOCKS

Colour = Literal["rgb", "bgr"]

_BLOCK: Final = re.compile(r"stage(\d)\.(\d+)\.(.+)\.(\w+)")


@final
@dataclass(frozen=True)
class Layout:
    """Attributes:
    title: of the project.
    source: where its network is described.
    colour: order of the channels its networks see.
    ends: our names of the modules outside the blocks -> theirs.
    inside: our names of the modules in a block -> theirs.
    flat: whether its blocks are counted through all stages (``body.7``) or in each stage (``layer2.3``).
    aside: what names of other things beside the network begin with, which are left out.
    """

    title: str
    source: str
    colour: Colour
    ends: Mapping[str, str]
    inside: Mapping[str, str]
    flat: bool = False
    aside: tuple[str, ...] = ()

    def theirs(self, name: str, depth: int) -> str:
        """Their name of one of our tensors, in a network of a depth of ``BLOCKS``."""
        block = _BLOCK.fullmatch(name)
        if block is None:
            module, _, tensor = name.rpartition(".")
            return f"{self.ends[module]}.{tensor}"
        stage, number, module, tensor = int(block[1]), int(block[2]), block[3], block[4]
        place = f"body.{sum(BLOCKS[depth][: stage - 1]) + number}" if self.flat else f"layer{stage}.{number}"
        return f"{place}.{self.inside[module]}.{tensor}"
