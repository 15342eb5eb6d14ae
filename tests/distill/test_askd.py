"""A-SKD: the released numbers, the equations as a naive loop, and what each switch does."""

import numpy as np
import pytest
import torch

from foveate.distill.askd import AttentionSimilarity
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught


def trace(maps, *, logits=None):
    caught = tuple(Caught(f"m{i}", (logits or maps)[i], value) for i, value in enumerate(maps))
    return Trace(torch.zeros(len(maps[0]), 2), None, {"*.gate": caught})


def random_maps(seed, blocks=3, faces=4):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    return [item for _ in range(blocks) for item in (draw(faces, 8, 1, 1), draw(faces, 1, 5, 5))]


def naive(student, teacher):
    """Equation 8, one face and one element at a time."""
    total = 0.0
    for s, t in zip(student, teacher, strict=True):
        rho = 0.0
        for face in range(len(s)):
            a, b = s[face].flatten().tolist(), t[face].flatten().tolist()
            dot = sum(x * y for x, y in zip(a, b, strict=True))
            rho += 1 - dot / (sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5)
        total += rho / len(s) / 2
    return total


def test_the_released_loss_and_gradients_match_the_authors_code(golden):
    with np.load(golden / "released_distill.npz") as file:
        arrays = {name: torch.from_numpy(file[name]).double() for name in file.files}
    student = [arrays[f"student_{i}"].requires_grad_() for i in range(4)]
    teacher = [arrays[f"teacher_{i}"] for i in range(4)]
    distiller = AttentionSimilarity.released()
    loss = arrays["weight"] * distiller(trace(student), trace(teacher))
    loss.backward()
    assert loss.item() == pytest.approx(arrays["loss"].item(), rel=1e-5)
    for i, value in enumerate(student):
        want = arrays[f"grad_{i}"]
        assert torch.linalg.vector_norm(value.grad - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_loss_is_equation_8():
    student, teacher = random_maps(0), random_maps(1)
    assert AttentionSimilarity()(trace(student), trace(teacher)).item() == pytest.approx(naive(student, teacher))


def test_maps_that_differ_only_in_scale_agree_perfectly():
    student = random_maps(0)
    loss = AttentionSimilarity()(trace(student), trace([3 * value for value in student]))
    assert loss.item() == pytest.approx(0, abs=1e-12)


def test_the_mean_over_blocks_is_the_sum_over_their_number():
    student, teacher = trace(random_maps(0)), trace(random_maps(1))
    mean, total = AttentionSimilarity(reduction="mean"), AttentionSimilarity(reduction="sum")
    assert 3 * mean(student, teacher).item() == pytest.approx(total(student, teacher).item())


def test_channel_and_spatial_add_up_to_both():
    student, teacher = trace(random_maps(0)), trace(random_maps(1))
    kinds = {kind: AttentionSimilarity(kind, halve=False)(student, teacher) for kind in ("both", "channel", "spatial")}
    assert kinds["channel"].item() + kinds["spatial"].item() == pytest.approx(kinds["both"].item())
    assert kinds["channel"].item() != pytest.approx(kinds["spatial"].item())


def test_one_kind_alone_counts_in_full():
    student, teacher = trace(random_maps(0)), trace(random_maps(1))
    halved, full = AttentionSimilarity("spatial"), AttentionSimilarity("spatial", halve=False)
    assert halved(student, teacher).item() == full(student, teacher).item()


def test_the_level_decides_whether_maps_or_their_logits_are_compared():
    maps, other = random_maps(0), random_maps(1)
    student, teacher = trace(maps, logits=other), trace(maps, logits=random_maps(2))
    assert AttentionSimilarity(level="map")(student, teacher).item() == pytest.approx(0, abs=1e-12)
    assert AttentionSimilarity(level="logits")(student, teacher).item() > 0.1


def test_maps_of_different_shape_are_refused_by_name():
    student, teacher = random_maps(0, blocks=1), random_maps(0, blocks=1)
    teacher[1] = teacher[1][..., :3, :3]
    with pytest.raises(RecipeError, match="m1 has shape"):
        AttentionSimilarity()(trace(student), trace(teacher))


def test_a_network_without_the_wanted_kind_is_refused():
    maps = random_maps(0, blocks=1)[:1]
    with pytest.raises(RecipeError, match="no spatial attention maps"):
        AttentionSimilarity("spatial")(trace(maps), trace(maps))


def test_centred_maps_are_compared_by_what_is_left_of_them():
    student, teacher = random_maps(0), random_maps(1)

    def left(maps, centre):
        flat = [value.flatten(1) for value in maps]
        return [
            (value - value.mean(1 if centre == "map" else 0, keepdim=True)).view_as(like)
            for value, like in zip(flat, maps, strict=True)
        ]

    for centre in ("map", "batch"):
        loss = AttentionSimilarity(centre=centre)(trace(student), trace(teacher))
        assert loss.item() == pytest.approx(naive(left(student, centre), left(teacher, centre)))
        assert loss > 2 * AttentionSimilarity()(trace(student), trace(teacher))  # what they share no longer helps


def test_a_pattern_that_all_faces_share_is_worth_nothing_once_the_mean_map_is_taken_off():
    student, teacher, shared = random_maps(0), random_maps(1), random_maps(2, faces=1)
    patterned = [
        trace([value + 50 * each for value, each in zip(maps, shared, strict=True)]) for maps in (student, teacher)
    ]
    assert AttentionSimilarity()(*patterned) < 1e-2
    centred = AttentionSimilarity(centre="batch")
    assert centred(*patterned).item() == pytest.approx(centred(trace(student), trace(teacher)).item())
    assert centred.relational
    assert not AttentionSimilarity(centre="map").relational


@pytest.mark.parametrize("centre", ["map", "batch"])
def test_maps_that_rounding_made_flat_pull_at_nothing(centre):
    """The direction of what is left of them is chance; a cosine without bounds would pull 1e6 times as hard."""
    flat = [torch.full((4, 1, 5, 5), 0.5, requires_grad=True)]
    AttentionSimilarity(centre=centre, kinds="spatial")(trace(flat), trace(random_maps(0)[1:2])).backward()
    assert flat[0].grad.norm() < 100
