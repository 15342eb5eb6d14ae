"""What all tests share. Shapes, dtypes and types in the package's signatures are checked in every test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import torch
from beartype import BeartypeConf, FrozenDict, beartype
from jaxtyping import install_import_hook

check = beartype(conf=BeartypeConf(hint_overrides=FrozenDict({Self: Any})))
"""Checks arguments and answers against a signature. ``Self`` is left alone: beartype knows it in whole classes only."""

install_import_hook("foveate", f"{__name__}.check")
"""From here on the signatures of every module of foveate are checked, so nothing of it may be imported above."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and golden numbers beside the repository; where it is absent, tests of it skip."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "golden").is_dir():
        pytest.skip("no folder 'shared' with golden numbers beside the repository")
    return folder


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    return shared / "golden"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums have one order: so this process and the processes it starts get the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
