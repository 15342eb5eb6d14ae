"""What the tests of running things share: faces of noise, a tiny network, and a command line called in this process."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.cli import main
from foveate.data.encode import encode
from foveate.data.insightface_writer import write_insightface
from foveate.data.pairs import VerificationPairs
from foveate.data.verification_writer import write_verification_bin

SIZES = {"depth": 18, "width": 4, "stem-stride": 2, "embedding": 8, "batch": 8, "epochs": 2}
TINY = ["--scale", "small", *(f"--{name}={value}" for name, value in SIZES.items())]
"""Flags of a tiny network; with the 28 faces below it trains for 8 steps, 4 an epoch."""


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def tiny() -> list[str]:
    return list(TINY)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Of processes that a test starts: they find this package, and compute on one thread."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": root, "CUDA_VISIBLE_DEVICES": ""}


@pytest.fixture(scope="session")
def noise() -> list[bytes]:
    """28 JPEG images of noise, 112 x 112 pixels."""
    random = np.random.default_rng(0)
    return [encode(random.integers(0, 256, (112, 112, 3), dtype=np.uint8)) for _ in range(28)]


@pytest.fixture(scope="session")
def pairs(noise: list[bytes]) -> VerificationPairs:
    """20 pairs in ten folds: one of the same noise image twice, and one of two, in each."""
    left = np.repeat(np.arange(10), 2)
    same = np.arange(20) % 2 == 0
    return VerificationPairs("held", noise[:20], left, np.where(same, left, left + 10), same, np.arange(20) // 2)


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory, noise: list[bytes], pairs: VerificationPairs) -> Path:
    """An insightface folder: 7 identities with 4 images each, and the pairs beside them."""
    folder = tmp_path_factory.mktemp("faces")
    write_insightface(folder, [(image, number // 4) for number, image in enumerate(noise)], classes=7)
    write_verification_bin(folder / "held.bin", pairs)
    return folder


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory, faces: Path) -> Path:
    """The folder of a finished run of the recipe ``teacher``. Tests only read it."""
    out = tmp_path_factory.mktemp("runs") / "teacher"
    slow = ["--learning-rate", "0.01"]  # at the usual rate whole maps vanish, embeddings grow to thousands
    assert main(["train", "teacher", "--data", str(faces), "--out", str(out), *TINY, *slow]) == 0
    return out


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Calls the command line in this process."""

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # how tyro says that it has printed the help, or that flags are wrong
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run
