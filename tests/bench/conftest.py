"""What the tests of measuring share: a tiny scale, a recipe built on it, and limits nobody measured."""

import dataclasses

import pytest
import torch

from foveate.bench.limits import Limits
from foveate.bench.trial import Trial, experiment
from foveate.scale import SMALL


@pytest.fixture(scope="session")
def trial() -> Trial:
    """IResNet-18 with four channels, eight identities, as the released code sees them."""
    scale = dataclasses.replace(SMALL, width=4, embedding=8, dropout=0.0)
    return Trial(scale, "released", classes=8, drawn=4)


@pytest.fixture
def made(trial, tmp_path):
    """The experiments of the recipes base and askd."""
    torch.manual_seed(0)
    return {name: experiment(name, trial, tmp_path / name) for name in ("base", "askd")}


@pytest.fixture(scope="session")
def limits() -> Limits:
    """Round numbers."""
    shape = (8, 8, 8)
    return Limits("cpu", 1, 1e11, 4e11, {"float32": shape, "bf16": shape}, 2e10, 4e10, 1.0, 1e4)
