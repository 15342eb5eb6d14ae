"""Drawn faces: the same keys give the same picture, and people differ in fine parts.

Legend: B faces, H x W pixels.
"""

from dataclasses import fields

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from foveate.data.synthetic import camera
from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.data.synthetic.pose import Pose
from foveate.data.synthetic.shapes import circle, oval
from foveate.data.synthetic.traits import draw
from foveate.data.synthetic.variation import Variation
from foveate.errors import DataError


def canvas_of(size: int) -> Canvas:
    """An upright canvas with its origin in the middle, one pixel a unit."""
    place = (torch.arange(size) + 0.5 - size / 2)[None, None, None]
    x, y = place.expand(1, 1, size, size), place.mT.expand(1, 1, size, size)
    return Canvas(torch.zeros(1, 3, size, size), x, y, torch.ones(1, 1, 1, 1))


def coarse(grey: Tensor) -> Tensor:
    """What 14 x 14 pixels hold."""
    return F.avg_pool2d(grey, 8).flatten(1)


def fine(grey: Tensor) -> Tensor:
    """How strong, place by place in the middle of the face, the details are that 28 x 28 pixels cannot hold."""
    level = F.interpolate(F.avg_pool2d(grey, 4), scale_factor=4, mode="bilinear")
    detail = ((grey - level) / (level + 20)).abs()
    return F.avg_pool2d(detail, 4)[:, 0, 8:24, 6:22].flatten(1)


def told_apart(first: Tensor, second: Tensor) -> float:
    """How often two pictures of one person (the same row) are more alike than two of different people."""
    both = torch.cat([first, second])
    first, second = (F.normalize((part - both.mean(dim=0)) / both.std(dim=0)) for part in (first, second))
    alike = first @ second.T
    other = alike[~torch.eye(len(alike), dtype=torch.bool)]
    return (alike.diagonal()[:, None] > other).float().mean().item()


def test_pictures_are_uint8_rgb_of_the_asked_size() -> None:
    pictures = SyntheticFaces(seed=3, size=64).render(torch.arange(5), torch.arange(5))
    assert pictures.shape == (5, 64, 64, 3)
    assert pictures.dtype == torch.uint8
    assert pictures.min() < 40
    assert pictures.max() > 220


def test_the_same_keys_give_the_same_picture() -> None:
    identity, variation = torch.tensor([4, 4, 9]), torch.tensor([0, 1, 0])
    first = SyntheticFaces(seed=1).render(identity, variation)
    assert torch.equal(first, SyntheticFaces(seed=1).render(identity, variation))
    assert not torch.equal(first, SyntheticFaces(seed=2).render(identity, variation))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])


def test_a_picture_does_not_depend_on_the_batch_it_is_drawn_in() -> None:
    faces = SyntheticFaces()
    identity, variation = torch.arange(40) * 7, torch.arange(40) % 3
    together = faces.render(identity, variation)
    order = torch.arange(39, -1, -1)
    assert torch.equal(together[order], faces.render(identity[order], variation[order]))
    for batch in (1, 7):
        parts = zip(identity[:14].split(batch), variation[:14].split(batch), strict=True)
        assert torch.equal(together[:14], torch.cat([faces.render(*part) for part in parts]))


def test_drawing_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()
    numbers = torch.arange(70)
    try:
        drawn = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            drawn.append(SyntheticFaces().render(numbers, numbers))
            assert torch.get_num_threads() == threads
        assert torch.equal(*drawn)
    finally:
        torch.set_num_threads(before)


def test_an_empty_batch_gives_no_picture() -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    assert SyntheticFaces().render(nothing, nothing).shape == (0, 112, 112, 3)


def test_large_and_negative_numbers_name_people_too() -> None:
    pictures = SyntheticFaces(size=32).render(torch.tensor([-1, 1 << 40, (1 << 40) + 1]), torch.zeros(3).long())
    assert len({picture.numpy().tobytes() for picture in pictures}) == 3


def test_a_size_too_small_for_a_face_is_refused() -> None:
    one = torch.zeros(1, dtype=torch.int64)
    assert SyntheticFaces(size=8).render(one, one).shape == (1, 8, 8, 3)
    with pytest.raises(DataError, match="Ask for a size of 8 or more"):
        SyntheticFaces(size=7)


@pytest.mark.parametrize("size", [16, 28, 56, 97])
def test_other_sizes_show_the_same_faces(size: int) -> None:
    numbers = torch.arange(12)
    small = SyntheticFaces(size=size).render(numbers, numbers)
    full = SyntheticFaces().render(numbers, numbers).permute(0, 3, 1, 2).float()
    shrunk = F.interpolate(full, size=(size, size), mode="bilinear", antialias=True)
    distance = (shrunk[:, None] - small.permute(0, 3, 1, 2).float()[None]).abs().mean(dim=(2, 3, 4))
    assert torch.equal(distance.argmin(dim=1), numbers)
    assert distance.diagonal().max() < 16


def test_two_thousand_people_are_drawn_without_flaw(monkeypatch: pytest.MonkeyPatch) -> None:
    finite, take = [], camera.photograph

    def watch(canvas: Canvas, *rest: object) -> None:
        finite.append(bool(canvas.pixels.isfinite().all()))
        take(canvas, *rest)

    monkeypatch.setattr("foveate.data.synthetic.faces.photograph", watch)
    numbers = torch.arange(2000)
    middle = SyntheticFaces(size=28).render(numbers, numbers)[:, 8:22, 8:20].float()
    assert finite
    assert all(finite)
    assert middle.mean(dim=(1, 2, 3)).min() > 15
    assert middle.std(dim=(1, 2, 3)).min() > 4


def test_people_are_told_apart_by_fine_parts_better_than_by_coarse_ones() -> None:
    people = torch.arange(100)
    drawn = (SyntheticFaces().render(people, torch.full_like(people, number)) for number in (0, 1))
    first, second = (pictures.float().mean(dim=3)[:, None] for pictures in drawn)
    assert told_apart(fine(first), fine(second)) > 0.75 > told_apart(coarse(first), coarse(second)) > 0.5


def test_a_trait_depends_on_the_person_only_and_a_variation_on_both() -> None:
    people = torch.tensor([5, 5, 6])
    anatomy, shot = draw(Anatomy, 0, people), draw(Variation, 0, people, torch.tensor([0, 1, 0]))
    assert anatomy.eye_width[0] == anatomy.eye_width[1] != anatomy.eye_width[2]
    assert len(set(shot.yaw.flatten().tolist())) == 3


def test_traits_fill_their_ranges_independently() -> None:
    anatomy = draw(Anatomy, 0, torch.arange(4000))
    for trait in fields(Anatomy):
        low, high, value = trait.metadata["low"], trait.metadata["high"], getattr(anatomy, trait.name)
        assert low <= value.min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < value.max() <= high
    table = torch.stack([value.flatten() for value in vars(anatomy).values() if value.dim() == 4])
    assert (torch.corrcoef(table) - torch.eye(len(table))).abs().max() < 0.1


def test_edges_are_anti_aliased() -> None:
    canvas = canvas_of(16)
    area = [canvas.cover(circle(canvas.x - shift, canvas.y, 4.0)).sum() for shift in (0.0, 0.13, 0.31, 0.5, 0.77)]
    assert torch.stack(area).sub(torch.pi * 16).abs().max() < 0.5
    cover = canvas.cover(canvas.x - 0.3)
    assert cover[0, 0, 0, 7:10].tolist() == pytest.approx([1.0, 0.3, 0.0], abs=1e-6)


def test_a_shift_by_a_tenth_of_a_pixel_changes_a_shape_by_a_tenth_of_its_edge() -> None:
    canvas = canvas_of(16)
    still = canvas.cover(circle(canvas.x, canvas.y, 4.0))
    moved = canvas.cover(circle(canvas.x - 0.1, canvas.y, 4.0))
    assert 0 < (moved - still).abs().max() <= 0.1 + 1e-5


def test_a_thin_stroke_fades_with_its_width() -> None:
    canvas = canvas_of(16)
    wide, thin = (canvas.stroke(canvas.y - 0.5, width).sum() for width in (2.0, 0.2))
    assert wide.item() == pytest.approx(32, abs=1e-4)
    assert thin.item() == pytest.approx(3.2, abs=1e-4)


@pytest.mark.parametrize("squareness", [0.0, 0.5, 0.9])
def test_an_oval_has_no_second_branch_outside_its_box(squareness: float) -> None:
    canvas = canvas_of(64)
    inside = oval(canvas.x, canvas.y, 10.0, 6.0, squareness) < 0
    box = (canvas.x.abs() < 10) & (canvas.y.abs() < 6)
    assert inside.any()
    assert not (inside & ~box).any()


def test_a_pose_and_its_grid_are_inverse() -> None:
    numbers = torch.arange(6)
    pose = Pose.of(draw(Variation, 0, numbers, numbers))
    x, y = pose.to_image(*pose.grid(28))
    place = (torch.arange(28) + 0.5) * 4
    torch.testing.assert_close(x, place.expand_as(x), atol=1e-3, rtol=0)
    torch.testing.assert_close(y, place[:, None].expand_as(y), atol=1e-3, rtol=0)
