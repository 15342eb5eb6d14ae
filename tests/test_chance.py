"""Randomness as a function: SplitMix64 in plain integers, even spread, and draws that depend on their keys alone."""

import zlib

import pytest
import torch

from foveate.chance import integer, uniform

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    """The finaliser of SplitMix64, in Python's own integers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def naive(stream, *keys):
    state = zlib.crc32(stream.encode())
    for key in keys:
        state = mix((state + key * GOLDEN) & MASK)
    return (mix((state + GOLDEN) & MASK) >> 11) / 2**53


def test_the_plain_mixer_is_splitmix64():
    seed, answers = 1234567, []
    for _ in range(3):
        seed = (seed + GOLDEN) & MASK
        answers.append(mix(seed))
    assert answers == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("keys", [(), (0,), (1, 2, 3), (-5, 7), (2**62, -(2**63)), (123456789, 0, 2**40)])
def test_draws_equal_the_plain_integers(keys):
    assert uniform("flip", *keys).tolist() == [naive("flip", *keys)]


def test_a_tensor_of_keys_draws_as_its_numbers_one_by_one():
    index = torch.tensor([0, 1, 17, 490_622, 2**40])
    want = [naive("crop rows", 3, 8, number) for number in index.tolist()]
    assert uniform("crop rows", 3, 8, index).tolist() == want
    assert torch.cat([uniform("crop rows", 3, 8, part) for part in index.split(2)]).tolist() == want
    assert uniform("crop rows", 3, 8, index.flip(0)).flip(0).tolist() == want


def test_tensors_of_keys_broadcast():
    rows, columns = torch.arange(3)[:, None], torch.arange(4)
    drawn = uniform("grid", rows.expand(3, 4).reshape(-1), columns.repeat(3)).reshape(3, 4)
    assert drawn[2, 3].item() == naive("grid", 2, 3)


def test_draws_are_spread_evenly_over_0_to_1():
    drawn = uniform("flip", 0, 0, torch.arange(100_000))
    assert drawn.dtype == torch.float64
    assert drawn.min() >= 0
    assert drawn.max() < 1
    # 100 cells of 1,000 +- 31: the chi-square statistic has mean 99 and standard deviation 14.
    counts = torch.histc(drawn, 100, 0, 1)
    assert ((counts - 1000) ** 2 / 1000).sum() < 99 + 5 * 14


@pytest.mark.parametrize("other", [("crop", 0, 0), ("flip", 1, 0), ("flip", 0, 1)])
def test_streams_seeds_and_epochs_are_independent(other):
    index = torch.arange(100_000)
    one, two = uniform("flip", 0, 0, index), uniform(*other, index)
    correlation = torch.corrcoef(torch.stack([one, two]))[0, 1]
    assert abs(correlation) < 5 / 100_000**0.5
    assert not torch.isin(one, two).any()


def test_neighbours_are_independent():
    drawn = uniform("flip", 0, 0, torch.arange(100_000))
    assert abs(torch.corrcoef(torch.stack([drawn[:-1], drawn[1:]]))[0, 1]) < 5 / 100_000**0.5


def test_the_order_of_keys_matters():
    assert uniform("flip", 1, 2) != uniform("flip", 2, 1)


def test_a_draw_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    uniform("flip", 1, torch.arange(10))
    integer("order", 1)
    drawn = torch.rand(1)
    torch.manual_seed(0)
    assert torch.rand(1) == drawn


def test_an_integer_is_the_same_draw_below_2_to_the_53():
    assert integer("order", 3, 4) == int(naive("order", 3, 4) * 2**53)
    assert len({integer("order", 0, epoch) for epoch in range(100)}) == 100
    torch.Generator().manual_seed(integer("order", 3, 4))
