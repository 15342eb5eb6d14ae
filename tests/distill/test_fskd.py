"""F-SKD: both terms as naive loops, and whom it takes for a second photo of a person."""

import math

import pytest
import torch

from foveate.distill.fskd import FeatureSimilarity, partners
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

LABEL = torch.tensor([0, 1, 0, 2, 1])
SHAPES = ((2, 4, 4), (3, 3, 3), (4, 3, 3), (5, 2, 2))


def draw(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def trace(seed, *, embedding=None, label=LABEL):
    calls = [
        Caught(f"stage{i}", value, value) for i, shape in enumerate(SHAPES) for value in [draw(seed + i, 5, *shape)]
    ]
    caught = {"stage[1-3]": tuple(calls[:3]), "stage4": tuple(calls[3:])}
    return Trace(draw(seed, 5, 3) if embedding is None else embedding, None, caught, label)


def without_adapters(**more):
    """Adapters that change nothing."""
    made = FeatureSimilarity(**more)
    made.prepare(trace(0))
    for adapter in made.double().eval().adapters:
        torch.nn.init.dirac_(adapter[0].weight)
        adapter[1].eps = 0.0
    return made


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def places(face):
    """The features (C, H, W) of one face as a list of places, each a list of channels."""
    return face.flatten(1).T.tolist()


def affinity(ours, theirs):
    """The products at all pairs of places."""
    return [sum(x * y for x, y in zip(a, b, strict=True)) for a in places(ours) for b in places(theirs)]


def alone(student, teacher):
    stages = [call.output for glob in student.caught for call in student.caught[glob]]
    hints = [call.output for glob in teacher.caught for call in teacher.caught[glob]]
    found = [
        sum(1 - cosine(a.flatten().tolist(), b.flatten().tolist()) for a, b in zip(ours, theirs, strict=True)) / 5
        for ours, theirs in zip(stages, hints, strict=True)
    ]
    return sum(found) / 4


def across(student, teacher, pairs):
    low, high = (side.caught["stage4"][0].output for side in (student, teacher))
    total = 0.0
    for i, j in pairs:
        want = affinity(high[i], high[j])
        total += (1 - cosine(want, affinity(high[i], low[j]))) / 2
        total += (1 - cosine(want, affinity(low[i], high[j]))) / 2
        total += 1 - cosine(want, affinity(low[i], low[j]))
    return total / len(pairs)


def alike(*groups):
    """Embeddings of five faces: those of a group are alike, but not the same."""
    rows = torch.eye(5, dtype=torch.float64)
    for group in groups:
        rows[group] += 1.5 * torch.eye(5, dtype=torch.float64)[group].sum(0)
    return rows


def test_the_first_term_is_the_cosine_distance_of_features_mean_over_stages():
    student, teacher = trace(0), trace(10)
    assert without_adapters(cross=0.0)(student, teacher).item() == pytest.approx(alone(student, teacher))


@pytest.mark.parametrize(
    ("groups", "pairs"),
    [([[0, 2], [1, 4]], [(0, 2), (2, 0), (1, 4), (4, 1)]), ([[0, 2, 3]], [(0, 2), (2, 0)])],
)
def test_the_second_compares_how_the_places_of_two_photos_go_together(groups, pairs):
    student, teacher = trace(0), trace(10, embedding=alike(*groups))
    want = alone(student, teacher) + 0.2 * across(student, teacher, pairs)
    assert without_adapters()(student, teacher).item() == pytest.approx(want)


def test_where_nobody_is_there_twice_the_second_is_0_and_can_be_differentiated():
    student, teacher = trace(0, label=torch.arange(5)), trace(10, embedding=alike([0, 1, 2, 3, 4]))
    last = student.caught["stage4"][0].output.requires_grad_()
    made = without_adapters()
    loss = made(student, teacher)
    assert loss.item() == pytest.approx(alone(student, teacher))
    loss.backward()
    assert last.grad.isfinite().all()
    assert all(value.grad is not None for value in made.parameters())


def test_a_second_photo_is_of_the_same_person_alike_and_not_the_same():
    label = torch.tensor([0, 0, 0, 0, 1])
    faces = torch.tensor([[1.0, 0.0], [1.0, 0.01], [1.0, 1.0], [-1.0, 0.1], [1.0, 1.0]])
    other, found = partners(faces, label)
    assert found.tolist() == [True, True, True, False, False]
    assert other[:3].tolist() == [2, 2, 1]  # the nearest of the others that is not the same photo


def test_adapters_stand_between_the_student_and_both_terms():
    student, teacher = trace(0), trace(10, embedding=alike([0, 2], [1, 4]))
    made = FeatureSimilarity()
    made.prepare(student)
    made.double()(student, teacher).backward()
    assert len(made.adapters) == 4
    assert all(value.grad.abs().sum() > 0 for value in made.adapters[3].parameters())
    first = [value.grad.clone() for value in made.adapters[3].parameters()]
    made.zero_grad()
    made.cross = 2.0
    made(student, teacher).backward()
    assert not torch.equal(made.adapters[3][0].weight.grad, first[0])


def test_a_trace_without_labels_is_refused():
    with pytest.raises(RecipeError, match="cannot be found without labels"):
        without_adapters()(trace(0, label=None), trace(10))


def test_only_the_second_term_compares_faces_with_each_other():
    assert FeatureSimilarity().relational
    assert not FeatureSimilarity(cross=0.0).relational
