"""What the tests of detectors share: MTCNN's networks, with the weights of a package and with made-up ones."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from foveate.detect.mtcnn_networks import OutputNetwork, ProposalNetwork, RefinementNetwork
from foveate.detect.mtcnn_weights import FILES, MtcnnWeights, mtcnn_weights


@pytest.fixture(scope="session")
def weights() -> MtcnnWeights:
    if find_spec("facenet_pytorch") is None:
        pytest.skip("the weights of MTCNN are not installed (pip install --no-deps facenet-pytorch)")
    return mtcnn_weights()


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with networks of weight 0, to which every window is a face with its points in its middle."""
    folder = tmp_path_factory.mktemp("weights")
    for name, network in zip(FILES, (ProposalNetwork(), RefinementNetwork(), OutputNetwork()), strict=True):
        parts = {key: torch.zeros_like(value) for key, value in network.state_dict().items()}
        score = {"pnet.pt": "conv4_1.bias", "rnet.pt": "dense5_1.bias", "onet.pt": "dense6_1.bias"}[name]
        parts[score][1] = 3.0
        if name == "onet.pt":
            parts["dense6_3.bias"][:] = 0.5
        torch.save(parts, folder / name)
    return folder
