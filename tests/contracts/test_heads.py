"""Every classification head keeps the promises of ``Head``.

A new file in ``foveate/heads`` is found and tested without a line here.
"""

import copy
import inspect
import json

import pytest
import torch

from foveate.blueprint import build, describe
from foveate.discover import classes
from foveate.heads.head import Head

FACES, SIZE, CLASSES = 6, 8, 5
KINDS = classes("heads", Head)


@pytest.fixture(params=KINDS, ids=str)
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def head(kind):
    torch.manual_seed(0)
    return kind(SIZE, CLASSES)


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return 5 * torch.randn(FACES, SIZE, generator=generator), torch.tensor([0, 1, 2, 3, 4, 2])


def score(head, embedding, label, progress=1.0):
    """What a fresh copy of the head says: some keep statistics of the batches they saw."""
    return copy.deepcopy(head)(embedding, label, progress)


def test_it_is_final_and_documented(kind):
    assert kind.__final__
    assert inspect.getdoc(kind)
    assert inspect.getdoc(inspect.getmodule(kind))


def test_there_is_a_weight_vector_for_each_class(head):
    assert head.weight.shape == (CLASSES, SIZE)
    assert head.weight.requires_grad


def test_a_checkpoint_can_build_it_again(head, batch):
    again = build(json.loads(json.dumps(describe(head))))
    again.load_state_dict(head.state_dict())
    assert torch.equal(score(again, *batch).logits, score(head, *batch).logits)


@pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
def test_the_loss_is_a_scalar_and_there_is_a_logit_for_each_class(head, batch, progress):
    scored = score(head, *batch, progress)
    assert scored.loss.shape == ()
    assert scored.logits.shape == (FACES, CLASSES)
    assert scored.loss.isfinite()
    assert scored.logits.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["angle 0", "angle pi"])
@pytest.mark.parametrize("length", [1e-3, 1.0, 1e3])
def test_loss_and_gradients_are_finite_along_the_class_centres(head, dtype, sign, length):
    direction = torch.nn.functional.normalize(head.weight.detach())
    embedding = (sign * length * direction).to(dtype).requires_grad_()
    scored = head(embedding, torch.arange(CLASSES))
    scored.loss.backward()
    assert scored.loss.isfinite()
    assert embedding.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in head.parameters())


def test_an_embedding_of_nothing_gives_no_nan(head):
    embedding = torch.zeros(FACES, SIZE, requires_grad=True)
    scored = head(embedding, torch.arange(FACES) % CLASSES)
    scored.loss.backward()
    assert scored.loss.isfinite()
    assert all(parameter.grad.isfinite().all() for parameter in head.parameters())


def test_logits_are_computed_in_the_weights_precision_under_autocast(head, batch):
    embedding, label = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scored = score(head, embedding, label)
    assert scored.logits.dtype == scored.loss.dtype == torch.float32
    assert torch.equal(scored.logits, score(head, embedding, label).logits)


def test_double_precision_is_near(head, batch):
    embedding, label = batch
    exact = copy.deepcopy(head).double()(embedding.double(), label)
    assert exact.logits.dtype == torch.float64
    torch.testing.assert_close(exact.loss.float(), score(head, embedding, label).loss, rtol=1e-4, atol=1e-5)


def test_the_order_of_the_faces_does_not_matter(head, batch):
    embedding, label = batch
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    plain, mixed = score(head, embedding, label), score(head, embedding[order], label[order])
    torch.testing.assert_close(mixed.loss, plain.loss)
    torch.testing.assert_close(mixed.logits, plain.logits[order])


def test_the_numbers_of_the_classes_do_not_matter(head, batch):
    embedding, label = batch
    order = torch.tensor([2, 0, 4, 1, 3])
    other = copy.deepcopy(head)
    other.weight.data = head.weight.data[order]
    plain, mixed = score(head, embedding, label), score(other, embedding, order.argsort()[label])
    torch.testing.assert_close(mixed.loss, plain.loss)
    torch.testing.assert_close(mixed.logits, plain.logits[:, order])


def test_only_the_own_class_is_held_back(head, batch):
    """A margin never raises the own logit and never changes another's: with another label they are as before."""
    embedding, label = batch
    one, two = score(head, embedding, label).logits, score(head, embedding, (label + 1) % CLASSES).logits
    rows = torch.arange(FACES)
    untouched = torch.ones(FACES, CLASSES, dtype=torch.bool)
    untouched[rows, label] = untouched[rows, (label + 1) % CLASSES] = False
    torch.testing.assert_close(one[untouched], two[untouched])


def test_a_face_at_its_own_centre_costs_less_than_one_on_the_far_side(head):
    centres, label = head.weight.detach(), torch.arange(CLASSES)
    assert score(head, centres, label).loss < score(head, -centres, label).loss


def test_gradients_reach_embedding_and_weights(head, batch):
    embedding, label = batch
    embedding.requires_grad_()
    head(embedding, label).loss.backward()
    for value in (embedding, *head.parameters()):
        assert value.grad.abs().sum() > 0


def test_inputs_are_left_as_they_are(head, batch):
    before = [value.clone() for value in batch]
    head(*batch)
    assert all(torch.equal(value, old) for value, old in zip(batch, before, strict=True))
