"""F-KD: its formula as a naive loop."""

import pytest
import torch

from foveate.distill.fkd import FeatureKD
from foveate.distill.trace import Trace
from foveate.errors import RecipeError


def trace(seed, size=4):
    generator = torch.Generator().manual_seed(seed)
    return Trace(torch.randn(3, size, generator=generator, dtype=torch.float64), None, {})


def test_the_loss_is_the_mean_squared_difference_of_all_numbers():
    student, teacher = trace(0), trace(1)
    rows = zip(student.embedding.tolist(), teacher.embedding.tolist(), strict=True)
    gaps = [(a - b) ** 2 for ours, theirs in rows for a, b in zip(ours, theirs, strict=True)]
    assert FeatureKD()(student, teacher).item() == pytest.approx(sum(gaps) / 12)


def test_embeddings_of_different_sizes_are_refused():
    with pytest.raises(RecipeError, match="embeddings have 4 numbers, the teacher's 6"):
        FeatureKD()(trace(0), trace(1, size=6))
