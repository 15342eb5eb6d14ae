"""Self-attention similarity against a plain loop over images, heads and tokens."""

import pytest
import torch

from foveate.distill.self_attention import SelfAttentionSimilarity
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

GLOB = "*.attn.attn_drop"


def trace(seed, blocks=3, heads=2, tokens=6):
    generator = torch.Generator().manual_seed(seed)
    drawn = [torch.randn(4, heads, tokens, tokens, generator=generator, dtype=torch.float64) for _ in range(blocks)]
    maps = [each.softmax(3) for each in drawn]
    stages = [f"stage{1 + 4 * number // blocks}" for number in range(blocks)]
    calls = (Caught(f"b{i}", each, each, stage) for i, (each, stage) in enumerate(zip(maps, stages, strict=True)))
    return Trace(torch.zeros(4, 2), None, {GLOB: tuple(calls)})


def cosine(a, b):
    return (a @ b / (a.norm() * b.norm())).item()


def naive(student, teacher, *, rows, start, mean_heads=False):
    """Mean over blocks, images, heads and the tokens that ask."""
    per_block = []
    for ours, theirs in zip(student.caught[GLOB], teacher.caught[GLOB], strict=True):
        a, b = ours.input, theirs.input
        if mean_heads:
            a, b = a.mean(1, keepdim=True), b.mean(1, keepdim=True)
        found = []
        for image in range(len(a)):
            for head in range(a.shape[1]):
                found += [1 - cosine(a[image, head, row, start:], b[image, head, row, start:]) for row in rows]
        per_block.append(sum(found) / len(found))
    return sum(per_block) / len(per_block)


@pytest.mark.parametrize("mean", [False, True])
def test_it_is_the_cosine_distance_of_rows(mean):
    student, teacher = trace(0), trace(1)
    heads = "mean" if mean else "each"
    first = SelfAttentionSimilarity("class", heads=heads)(student, teacher).item()
    assert first == pytest.approx(naive(student, teacher, rows=[0], start=1, mean_heads=mean))
    rest = SelfAttentionSimilarity("patch", heads=heads)(student, teacher).item()
    assert rest == pytest.approx(naive(student, teacher, rows=range(1, 6), start=1, mean_heads=mean))
    assert SelfAttentionSimilarity("both", heads=heads)(student, teacher).item() == pytest.approx((first + rest) / 2)


def test_networks_without_a_class_token_are_compared_patch_by_patch():
    student, teacher = trace(0), trace(1)
    found = SelfAttentionSimilarity("patch", prefix=0)(student, teacher).item()
    assert found == pytest.approx(naive(student, teacher, rows=range(6), start=0))
    with pytest.raises(RecipeError, match="no class token"):
        SelfAttentionSimilarity("both", prefix=0)
    with pytest.raises(RecipeError, match="no class token"):
        SelfAttentionSimilarity("class", prefix=1, has_class=False)  # a register


def test_equal_attention_costs_nothing():
    assert SelfAttentionSimilarity()(trace(0), trace(0)).item() == pytest.approx(0, abs=1e-12)


def test_another_depth_needs_stages_and_other_heads_their_mean():
    deep, wide = trace(1, blocks=8), trace(1, heads=4)
    with pytest.raises(RecipeError, match="--match stage"):
        SelfAttentionSimilarity()(trace(0, blocks=4), deep)
    by_stage = SelfAttentionSimilarity(match="stage")(trace(0, blocks=4), deep).item()
    chosen = Trace(deep.embedding, None, {GLOB: deep.caught[GLOB][1::2]})
    assert by_stage == pytest.approx(SelfAttentionSimilarity()(trace(0, blocks=4), chosen).item())
    with pytest.raises(RecipeError, match="--heads mean"):
        SelfAttentionSimilarity()(trace(0), wide)
    assert SelfAttentionSimilarity(heads="mean")(trace(0), wide) > 0


def test_what_is_no_self_attention_is_refused():
    value = torch.rand(4, 2, 6, 5)
    wrong = Trace(torch.zeros(4, 2), None, {GLOB: (Caught("b0", value, value),)})
    with pytest.raises(RecipeError, match="no self-attention"):
        SelfAttentionSimilarity()(wrong, wrong)
