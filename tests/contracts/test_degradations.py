"""Every degradation, by class and by preset name, keeps the promises of ``Degradation``.

A new file in ``foveate/degrade`` and a new preset are found and tested without a line here.
"""

import dataclasses
import json
from typing import get_args

import pytest
import torch

from foveate.blueprint import build, describe
from foveate.degrade.by_ratio import ByRatio
from foveate.degrade.degradation import Degradation
from foveate.degrade.mixed import Mixed
from foveate.degrade.preset import Preset, degradation
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink
from foveate.discover import classes

SIZE = 24
GIVEN = {"side": 6, "ratio": 4.0, "choices": (Shrink(6, (0.1, 2.0)), Sharp())}
"""Values of the fields that have no default, by their names."""


def example(kind):
    wanted = [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
    return kind(**{name: GIVEN[name] for name in wanted})


BY_CLASS = {name: example(kind) for name, kind in classes("degrade", Degradation).items()}
BY_PRESET = {name: degradation(name, side=(6,), size=SIZE) for name in get_args(Preset)}
MIXED = {f"{name} mixed": degradation(name, ratio=(1, 2, 4), size=SIZE) for name in get_args(Preset)}


@pytest.fixture(params=[*BY_CLASS.items(), *BY_PRESET.items(), *MIXED.items()], ids=lambda item: item[0])
def degrade(request):
    return request.param[1]


@pytest.fixture(params=[False, True], ids=["evaluation", "training"])
def chance(request):
    return torch.tensor([0.0, 0.3, 0.5, 0.99], dtype=torch.float64) if request.param else None


@pytest.fixture
def faces():
    return torch.rand(4, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 2 - 1


def some(chance, chosen):
    return None if chance is None else chance[chosen]


def test_it_is_a_final_frozen_value(degrade):
    assert type(degrade).__final__
    assert degrade == dataclasses.replace(degrade)
    assert hash(degrade) == hash(dataclasses.replace(degrade))


def test_a_checkpoint_can_store_it(degrade):
    assert build(json.loads(json.dumps(describe(degrade)))) == degrade


def test_its_title_is_short_and_its_own(degrade):
    assert 0 < len(degrade.title) < 80
    assert sum(other.title == degrade.title for other in BY_PRESET.values()) <= 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_shape_and_dtype_are_kept(degrade, chance, faces, dtype):
    answer = degrade(faces.to(dtype), chance)
    assert answer.shape == faces.shape
    assert answer.dtype == dtype
    assert answer.isfinite().all()


def test_faces_are_left_as_they_are(degrade, chance, faces):
    before = faces.clone()
    degrade(faces, chance)
    assert torch.equal(faces, before)


def test_each_face_is_degraded_as_if_it_were_alone(degrade, chance, faces):
    together = degrade(faces, chance)
    for chosen in ([0], [2, 1], [3, 2, 1, 0]):
        torch.testing.assert_close(degrade(faces[chosen], some(chance, chosen)), together[chosen])


def test_the_same_chance_gives_the_same_faces(degrade, chance, faces):
    assert torch.equal(degrade(faces, chance), degrade(faces, chance))


def test_it_is_linear(degrade, chance, faces):
    faces = faces.double()
    got = degrade(3 * faces - 2 * faces.flip(2), chance)
    torch.testing.assert_close(got, 3 * degrade(faces, chance) - 2 * degrade(faces.flip(2), chance))


def test_rows_and_columns_are_all_there_is_to_it(degrade, chance, faces):
    faces = faces.double()
    rows, columns = degrade.operators(SIZE, chance)
    assert rows.dtype == columns.dtype == torch.float64
    for face in range(4):
        row, column = (matrix[min(face, len(matrix) - 1)] for matrix in (rows, columns))
        torch.testing.assert_close(degrade(faces, chance)[face], row @ faces[face] @ column.T)


@pytest.mark.parametrize("value", [-1.0, 0.0, 0.5])
def test_a_constant_face_stays_constant(degrade, chance, value):
    faces = torch.full((4, 3, SIZE, SIZE), value)
    torch.testing.assert_close(degrade(faces, chance), faces, rtol=0, atol=1e-5)


def test_details_are_taken_away_and_none_are_added(degrade, chance, faces):
    assert (degrade(faces, chance).flatten(1).std(1) <= 1.001 * faces.flatten(1).std(1)).all()
    if not isinstance(degrade, Sharp | Mixed):
        assert not torch.allclose(degrade(faces, chance), faces, atol=0.1)


@pytest.mark.parametrize("size", [(SIZE, 2 * SIZE), (30, SIZE)])
def test_rows_know_the_height_and_columns_the_width(degrade, chance, size):
    photos = torch.rand(4, 3, *size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    (rows, _), (_, columns) = (degrade.operators(side, chance) for side in size)
    torch.testing.assert_close(degrade(photos, chance), rows[:, None] @ photos @ columns[:, None].mT)


def test_by_ratio_leaves_three_pixels_and_sharp_images_of_so_few():
    assert ByRatio(32.0).operators(60)[0].shape == (1, 60, 60)
    assert torch.equal(ByRatio(32.0)(torch.ones(1, 3, 60, 400)).round(), torch.ones(1, 3, 60, 400))
    assert ByRatio(4.0, "released").operators(2)[0].shape == (1, 2, 2)


def test_gradients_flow_through_it(degrade, chance, faces):
    faces.requires_grad_()
    degrade(faces, chance).square().sum().backward()
    assert faces.grad.isfinite().all()
    assert (faces.grad.flatten(1).abs().sum(1) > 0).all()
