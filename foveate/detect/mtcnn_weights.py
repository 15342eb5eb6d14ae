"""The weights of MTCNN: three files inside the package facenet-pytorch (MIT licence), or in a folder that is named."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, final

import torch
from torch import nn

from foveate.detect.mtcnn_networks import OutputNetwork, ProposalNetwork, RefinementNetwork
from foveate.errors import CheckpointError, RecipeError

FILES: Final = ("pnet.pt", "rnet.pt", "onet.pt")
_INSTALL: Final = "pip install --no-deps facenet-pytorch"
_REMEDY: Final = f"Install the weights with: {_INSTALL} (--no-deps, as it asks for an old PyTorch); or name a folder"


@final
@dataclass(frozen=True)
class MtcnnWeights:
    """The three networks, ready to be asked.

    Attributes:
        proposal, refinement, output: P-Net, R-Net and O-Net.
        sha256: of the three files together, in hexadecimal.
    """

    proposal: ProposalNetwork
    refinement: RefinementNetwork
    output: OutputNetwork
    sha256: str


def mtcnn_weights(folder: Path | None = None) -> MtcnnWeights:
    """Read the three files.

    The package is looked for but never imported, and the files are read as tensors only.

    Args:
        folder: with pnet.pt, rnet.pt and onet.pt; by default the one of the package facenet-pytorch.

    Raises:
        RecipeError: the package is not installed.
        CheckpointError: a file is missing, damaged or of other networks.
    """
    folder = _installed() if folder is None else folder
    networks = ProposalNetwork(), RefinementNetwork(), OutputNetwork()
    digest = hashlib.sha256()
    for name, network in zip(FILES, networks, strict=True):
        digest.update(_fill(network, folder / name))
    return MtcnnWeights(*networks, digest.hexdigest())


def _installed() -> Path:
    found = find_spec("facenet_pytorch")
    if found is None or not found.submodule_search_locations:
        raise RecipeError("the weights of MTCNN are not installed", remedy=_REMEDY)
    return Path(next(iter(found.submodule_search_locations))) / "data"


def _fill(network: nn.Module, file: Path) -> bytes:
    """Give a network the weights of a file; returns its bytes."""
    try:
        content = file.read_bytes()
        network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    except OSError as error:
        raise CheckpointError(f"cannot be read ({error.strerror})", file=file, remedy=_REMEDY) from error
    except Exception as error:  # reading fails in as many ways as there are damaged files
        problem = f"holds no weights of this network ({type(error).__name__})"
        raise CheckpointError(problem, file=file, remedy=_REMEDY) from error
    network.eval().requires_grad_(False)
    return content
