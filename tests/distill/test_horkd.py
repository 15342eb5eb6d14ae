"""HORKD's reconstruction: its formula one face, one pair and one triple at a time, and where its assistant begins."""

import math

import pytest
import torch

from foveate.distill.horkd import HybridOrderKD
from foveate.distill.trace import Trace
from foveate.errors import RecipeError

FACES, SIZE = 4, 3


def trace(seed, size=SIZE):
    generator = torch.Generator().manual_seed(seed)
    return Trace(torch.randn(FACES, size, generator=generator, dtype=torch.float64), None, {})


def prepared(*weights):
    made = HybridOrderKD(*weights)
    made.prepare(trace(0))
    return made.double()


def singles(rows):
    return [value for row in rows for value in row]


def pairs(rows):
    found = [math.dist(a, b) for a in rows for b in rows]
    mean = sum(found) / sum(value > 0 for value in found)
    return [value / mean for value in found]


def triples(rows):
    found = []
    for at in range(FACES):
        for one in range(FACES):
            for other in range(FACES):
                a, b = ([x - y for x, y in zip(rows[end], rows[at], strict=True)] for end in (one, other))
                lengths = math.hypot(*a) * math.hypot(*b)
                found.append(sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0)
    return found


def mean(ours, theirs, loss):
    return sum(loss(abs(a - b)) for a, b in zip(ours, theirs, strict=True)) / len(ours)


def huber(gap):
    return gap**2 / 2 if gap < 1 else gap - 0.5


def gap(ours, theirs, weights):
    found = [mean(singles(ours), singles(theirs), float)]
    found += [mean(order(ours), order(theirs), huber) for order in (pairs, triples)]
    return sum(weight * value for weight, value in zip(weights, found, strict=True))


def rows(trace):
    return trace.embedding.tolist()


def test_the_loss_goes_from_the_student_over_the_assistant_to_the_teacher():
    student, teacher, made, weights = trace(0), trace(1), prepared(3.0, 5.0, 7.0), (3.0, 5.0, 7.0)
    made.assistant.weight.data += torch.tensor([[0.0, 0.5, 0.2], [0.1, 0.3, -0.4], [0.7, 0.0, 0.0]])
    made.assistant.bias.data += 0.2
    weight, bias = made.assistant.weight.tolist(), made.assistant.bias.tolist()
    assistant = [
        [sum(w * x for w, x in zip(line, face, strict=True)) + b for line, b in zip(weight, bias, strict=True)]
        for face in rows(teacher)
    ]
    want = gap(rows(student), assistant, weights) + gap(assistant, rows(teacher), weights)
    assert made(student, teacher).item() == pytest.approx(want)


def test_the_assistant_begins_as_the_teacher():
    student, teacher = trace(0), trace(1)
    assert prepared()(student, teacher).item() == pytest.approx(gap(rows(student), rows(teacher), (1.0, 25.0, 50.0)))


def test_the_assistant_goes_to_meet_the_student():
    student, teacher, made = trace(0), trace(1), prepared()
    before = made(student, teacher)
    for _ in range(8):
        made.zero_grad()
        made(student, teacher).backward()
        for value in made.parameters():
            value.data -= 0.01 * value.grad
    assert made(student, teacher) < 0.9 * before
    assert not torch.allclose(made.assistant(teacher.embedding), teacher.embedding, atol=1e-2)


def test_embeddings_of_different_sizes_are_refused():
    with pytest.raises(RecipeError, match="embeddings have 3 numbers, the teacher's 5"):
        prepared()(trace(0), trace(1, size=5))
