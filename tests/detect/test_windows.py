"""Windows: counted from 1, the last pixel included."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F

from foveate.detect.windows import Windows


def windows(edges: list[list[float]], **parts) -> Windows:
    count = len(edges)
    made = Windows(
        torch.tensor(edges, dtype=torch.float32).reshape(-1, 4),
        torch.zeros(count, dtype=torch.long),
        torch.linspace(1, 0.5, count),
        torch.zeros(count, 4),
        torch.zeros(count, 0),
    )
    return dataclasses.replace(made, **parts)


def test_edges_move_by_shares_of_the_sides():
    moved = windows([[1, 1, 10, 20]], moves=torch.tensor([[0.1, 0.1, -0.2, 0.5]])).moved()
    assert moved.edges.tolist() == [[2.0, 3.0, 8.0, 30.0]]


def test_a_square_has_the_same_centre_and_the_longer_side():
    square = windows([[1, 1, 10, 20], [5, 2, 34, 21]]).squared()
    assert square.edges.tolist() == [[-4.0, 1.0, 15.0, 20.0], [5.0, -3.0, 34.0, 26.0]]
    assert square.sides.tolist() == [[20.0, 20.0], [30.0, 30.0]]


def test_the_less_sure_of_two_overlapping_windows_goes_but_not_that_of_another_photo():
    same = windows([[1, 1, 20, 20], [2, 1, 21, 20], [40, 40, 50, 50], [2, 1, 21, 20]], photo=torch.tensor([0, 0, 0, 1]))
    kept = same.surest(0.5)
    assert sorted(zip(kept.edges[:, 0].tolist(), kept.photo.tolist(), strict=True)) == [(1, 0), (2, 1), (40, 0)]


def test_windows_are_joined_in_their_order():
    joined = Windows.joined([windows([[1, 1, 2, 2]]), windows([]), windows([[3, 3, 4, 4], [5, 5, 6, 6]])])
    assert joined.edges[:, 0].tolist() == [1, 3, 5]
    assert len(joined) == 3


@pytest.mark.parametrize(
    ("edges", "inside"),
    [
        ([1, 1, 1, 1], True),
        ([-5, -5, 1, 1], True),
        ([-5, -5, 0.9, 9], False),
        ([10.9, 6, 20, 20], True),
        ([11, 6, 20, 20], False),
        ([1, 7.5, 20, 20], False),
        ([5, 5, 4, 4], False),
        ([5, 5, 3, 8], False),
    ],
)
def test_windows_that_show_no_pixel_are_left_out(edges, inside):
    """A photo of 6 x 10 pixels."""
    assert len(windows([edges]).inside(6, 10)) == inside


def test_what_a_window_shows_is_cut_off_at_the_edges_of_the_photo_and_averaged():
    images = torch.rand(2, 3, 6, 10)
    cut = windows([[3.7, 2.2, 8.9, 5.9], [-4, -4, 4.5, 3], [8, 5, 30, 30]], photo=torch.tensor([0, 1, 0])).cut(
        images, 2
    )
    shown = images[0, :, 1:5, 2:8], images[1, :, 0:3, 0:4], images[0, :, 4:6, 7:10]
    for found, part in zip(cut, shown, strict=True):
        assert torch.equal(found, F.interpolate(part[None], (2, 2), mode="area")[0])
    assert torch.allclose(cut[0, :, 0, 0], images[0, :, 1:3, 2:5].mean(dim=(1, 2)))


def test_no_window_gives_no_crop():
    assert windows([]).cut(torch.rand(1, 3, 6, 10), 24).shape == (0, 3, 24, 24)
