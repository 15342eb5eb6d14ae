"""Relational knowledge distillation: the authors' numbers, and the equations one pair and one triple at a time."""

import math

import numpy as np
import pytest
import torch

from foveate.distill.rkd import RelationalKD, angles, distances
from foveate.distill.trace import Trace

FACES = 5


def trace(embedding):
    return Trace(embedding, None, {})


def draw(seed, size=3):
    return torch.randn(FACES, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def naive_distances(rows):
    found = [[math.dist(a, b) for b in rows] for a in rows]
    mean = sum(map(sum, found)) / sum(value > 0 for row in found for value in row)
    return [value / mean for row in found for value in row]


def naive_angles(rows):
    """At a, between b and c; all triples."""

    def towards(a, b):
        length = math.dist(a, b)
        return [(y - x) / length if length else 0.0 for x, y in zip(a, b, strict=True)]

    return [
        sum(x * y for x, y in zip(towards(a, b), towards(a, c), strict=True)) for a in rows for b in rows for c in rows
    ]


def huber(ours, theirs):
    gaps = [abs(a - b) for a, b in zip(ours, theirs, strict=True)]
    return sum(gap**2 / 2 if gap < 1 else gap - 0.5 for gap in gaps) / len(gaps)


@pytest.mark.parametrize(("name", "weights"), [("distance", (1.0, 0.0)), ("angle", (0.0, 1.0))])
def test_loss_and_gradient_match_the_authors_code(golden, name, weights):
    with np.load(golden / "rkd.npz") as file:
        arrays = {name: torch.from_numpy(file[name]).double() for name in file.files}
    student = arrays["student"].requires_grad_()
    loss = RelationalKD(*weights)(trace(student), trace(arrays["teacher"]))
    loss.backward()
    assert loss.item() == pytest.approx(arrays[name].item(), rel=2e-5)
    want = arrays[f"grad_{name}"]
    assert torch.linalg.vector_norm(student.grad - want) <= 2e-5 * torch.linalg.vector_norm(want)


def test_distances_are_relative_to_their_mean():
    rows = draw(0)
    assert distances(rows).flatten().tolist() == pytest.approx(naive_distances(rows.tolist()))


def test_angles_are_those_of_all_triples():
    rows = draw(0)
    assert angles(rows).flatten().tolist() == pytest.approx(naive_angles(rows.tolist()))


def test_the_loss_weighs_distances_and_angles_1_to_2():
    student, teacher = 4 * draw(0), draw(1, size=7)  # far enough apart for both arms of Huber's loss
    pairs = huber(naive_distances(student.tolist()), naive_distances(teacher.tolist()))
    triples = huber(naive_angles(student.tolist()), naive_angles(teacher.tolist()))
    assert RelationalKD()(trace(student), trace(teacher)).item() == pytest.approx(pairs + 2 * triples)


def test_faces_that_are_moved_turned_and_enlarged_together_keep_their_relations():
    turn, _ = torch.linalg.qr(draw(2)[:3])
    moved = 5 * draw(0) @ turn + 7
    assert RelationalKD()(trace(moved), trace(draw(0))).item() == pytest.approx(0, abs=1e-12)


def test_one_face_twice_does_no_harm():
    rows = draw(0)
    rows[1] = rows[0]
    rows.requires_grad_()
    RelationalKD()(trace(rows), trace(draw(1))).backward()
    assert rows.grad.isfinite().all()
