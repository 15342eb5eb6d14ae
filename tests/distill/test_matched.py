"""Which map is compared with which: by place in equal networks, by stage in others."""

import pytest
import torch

from foveate.distill.askd import AttentionSimilarity
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

GLOB = "*.gate"


def trace(seed, blocks, channels, side, stages=2):
    """A channel and a spatial map in each of so many blocks a stage; a stage has twice the channels, half the side."""
    generator = torch.Generator().manual_seed(seed)
    calls = []
    for stage in range(stages):
        for block in range(blocks):
            wide, high = channels * 2**stage, side // 2**stage
            for kind, shape in (("channel", (3, wide, 1, 1)), ("spatial", (3, 1, high, high))):
                value = torch.rand(shape, generator=generator)
                calls.append(
                    Caught(f"stage{stage + 1}.{block}.{kind}.gate", value, value.sigmoid(), f"stage{stage + 1}")
                )
    return Trace(torch.zeros(3, 2), None, {GLOB: tuple(calls)})


def last_of(whole, stage, kind):
    return next(call for call in reversed(whole.caught[GLOB]) if call.stage == stage and f".{kind}." in call.name)


def test_by_stage_the_last_map_of_each_kind_is_compared():
    student, teacher = trace(0, 2, 4, 8), trace(1, 5, 4, 8)
    found = AttentionSimilarity(match="stage")(student, teacher).item()
    want = 0.0
    for stage in ("stage1", "stage2"):
        for kind in ("channel", "spatial"):
            a, b = (last_of(whole, stage, kind).output.flatten(1).double() for whole in (student, teacher))
            want += (1 - torch.nn.functional.cosine_similarity(a, b)).mean().item() / 2
    assert found == pytest.approx(want, rel=1e-5)


def test_equal_networks_by_block_and_by_stage_agree_where_a_stage_has_one_block():
    student, teacher = trace(0, 1, 4, 8), trace(1, 1, 4, 8)
    by_block, by_stage = (AttentionSimilarity(match=match)(student, teacher) for match in ("block", "stage"))
    assert torch.equal(by_block, by_stage)


def test_spatial_maps_of_another_size_are_resized():
    student, teacher = trace(0, 1, 4, 8), trace(1, 1, 4, 16)
    found = AttentionSimilarity("spatial", match="stage")(student, teacher).item()
    want = 0.0
    for stage in ("stage1", "stage2"):
        a, b = (last_of(whole, stage, "spatial").output for whole in (student, teacher))
        halved = b.unflatten(3, (-1, 2)).mean(4).unflatten(2, (-1, 2)).mean(3)  # bilinear by a factor of 2
        want += (1 - torch.nn.functional.cosine_similarity(a.flatten(1), halved.flatten(1))).mean().item()
    assert found == pytest.approx(want, rel=1e-4)


def test_channel_maps_of_another_width_are_refused_by_name():
    student, teacher = trace(0, 1, 4, 8), trace(1, 1, 8, 8)
    with pytest.raises(RecipeError, match=r"stage1\.0\.channel\.gate has shape \(4, 1, 1\), the teacher's \(8, 1, 1\)"):
        AttentionSimilarity(match="stage")(student, teacher)
    assert AttentionSimilarity("spatial", match="stage")(student, teacher) > 0


def test_other_numbers_of_maps_are_refused_by_block_and_other_stages_by_stage():
    with pytest.raises(RecipeError, match="--match stage"):
        AttentionSimilarity()(trace(0, 1, 4, 8), trace(1, 2, 4, 8))
    with pytest.raises(RecipeError, match=r"only one .* stage3 \(channel\), stage3 \(spatial\)"):
        AttentionSimilarity(match="stage")(trace(0, 1, 4, 8), trace(1, 1, 4, 8, stages=3))
