"""What all tests share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photos and golden numbers beside the repository; tests that want it skip where it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "golden").is_dir():
        pytest.skip("no folder 'shared' with golden numbers beside the repository")
    return folder


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    return shared / "golden"
