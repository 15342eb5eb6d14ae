"""The three steps of attention: the values and the gradients of the plain expressions, channels kept last."""

import pytest
import torch

from foveate.attention.gating import pool_channels, pool_places, weigh


@pytest.fixture(params=[torch.channels_last, torch.contiguous_format], ids=["channels last", "channels first"])
def x(request):
    generator = torch.Generator().manual_seed(0)
    made = torch.randn(3, 5, 4, 6, generator=generator, dtype=torch.float64)
    return made.to(memory_format=request.param).requires_grad_()


def _same_gradients(plain, ours, *inputs):
    """Both answer alike and have the same gradients under the same random cotangents."""
    for want, got in zip(plain, ours, strict=True):
        assert torch.allclose(got, want, atol=1e-12)
    generator = torch.Generator().manual_seed(1)
    along = [torch.randn(want.shape, generator=generator, dtype=want.dtype) for want in plain]
    wanted, got = (torch.autograd.grad(answers, inputs, along, retain_graph=True) for answers in (plain, ours))
    for value, want in zip(got, wanted, strict=True):
        assert torch.allclose(value, want, atol=1e-12)


def test_pooling_over_places(x):
    _same_gradients((x, x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)), pool_places(x), x)


def test_pooling_over_channels(x):
    _same_gradients((x, x.mean(1, keepdim=True), x.amax(1, keepdim=True)), pool_channels(x), x)


@pytest.mark.parametrize("shape", [(3, 5, 1, 1), (3, 1, 4, 6)], ids=["channels", "places"])
def test_weighing(x, shape):
    gate = torch.rand(shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64).requires_grad_()
    _same_gradients((x * gate,), (weigh(x, gate),), x, gate)


@pytest.mark.parametrize("pool", [pool_places, pool_channels])
def test_without_gradients_plain_operators_give_the_same(x, pool):
    with torch.no_grad():
        plain = pool(x)
    for want, got in zip(plain, pool(x), strict=True):
        assert torch.allclose(got, want, atol=1e-12)
        assert want.grad_fn is None


def test_of_equal_maxima_one_gets_the_gradient():
    x = torch.ones(1, 3, 2, 2, requires_grad=True)
    for pool, count in ((pool_places, 3), (pool_channels, 4)):
        (gradient,) = torch.autograd.grad(pool(x)[2].sum(), x)
        assert gradient.sum() == count
        assert set(gradient.unique().tolist()) == {0.0, 1.0}


def test_no_gradient_on_the_way_back_has_its_channels_first():
    """Mixed layouts made the operations they met many times slower."""
    x = torch.randn(2, 8, 6, 6).to(memory_format=torch.channels_last).requires_grad_()
    gate = torch.rand(2, 1, 6, 6, requires_grad=True)
    for made in (pool_places(x), pool_channels(x), (weigh(x, gate),)):
        (gradient,) = torch.autograd.grad(made, x, [torch.ones_like(value) for value in made])
        assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_half_precision_is_added_up_exactly_enough():
    x = torch.full((1, 512, 40, 40), 1.0, dtype=torch.bfloat16).requires_grad_()
    for pool in (pool_places, pool_channels):
        assert (pool(x)[1] == 1).all()  # bfloat16 cannot count further than 256


@pytest.mark.parametrize("pool", [pool_places, pool_channels])
def test_a_gradient_in_an_unusual_layout_is_not_lost(pool):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 4, 5, generator=generator).requires_grad_()
    along = [torch.randn(value.shape, generator=generator) for value in pool(x)]
    turned = [along[0].transpose(2, 3).contiguous().transpose(2, 3), *along[1:]]
    (want,), (got,) = (torch.autograd.grad(pool(x), x, each) for each in (along, turned))
    assert torch.equal(got, want)


@pytest.mark.parametrize("shape", [(3, 1, 1, 1), (3, 1, 4, 6)], ids=["channels", "places"])
def test_weighing_one_channel(shape):
    x = torch.randn(3, 1, 4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    test_weighing(x, shape)
