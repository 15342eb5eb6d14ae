"""The order in which several images of an identity stand together."""

from collections import Counter

import pytest
import torch

from foveate.data.balanced import balanced_order


def label_of(*counts):
    """Labels of identities with so many images each, mixed."""
    label = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    return label[torch.randperm(len(label), generator=torch.Generator().manual_seed(9))]


def order_of(label, together, seed=0):
    return balanced_order(label, together, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("together", [2, 3, 4])
@pytest.mark.parametrize("counts", [(12, 24, 12), (5, 1, 9, 2, 3), (1, 1, 1), (7,), (0, 4, 0, 5)])
def test_groups_are_of_one_identity_but_the_last_may_be_smaller(counts, together):
    label = label_of(*counts)
    order = order_of(label, together)
    assert len(order) == len(label)
    sizes = []
    for group in order.split(together):
        assert len(set(label[group].tolist())) == 1
        sizes.append(len(group))
    assert set(sizes[:-1]) <= {together}


def test_an_epoch_is_every_image_once_where_groups_divide_all_identities():
    order = order_of(label_of(4, 8, 12), 4)
    assert sorted(order.tolist()) == list(range(24))


@pytest.mark.parametrize("together", [2, 3, 4])
def test_where_they_do_not_only_what_is_left_over_is_left_out_and_only_its_companions_come_twice(together):
    counts = (5, 6, 7, 11, 9)
    label = label_of(*counts)
    times = Counter(order_of(label, together).tolist())
    assert max(times.values()) <= 2
    for identity, count in enumerate(counts):
        mine = [times[position] for position in (label == identity).nonzero().flatten().tolist()]
        left = count % together
        assert sum(value == 0 for value in mine) <= max(left, together - 1)  # the last group of all may be cut short
        assert sum(value == 2 for value in mine) <= (together - left) % together


def test_an_identity_with_too_few_images_shows_them_again():
    label = label_of(1, 3)
    orders = [order_of(label, 2, seed) for seed in range(20)]
    (single,) = (label == 0).nonzero().flatten().tolist()
    assert {order.tolist().count(single) for order in orders} == {0, 2}


def test_over_the_epochs_every_image_gets_its_turn():
    label = label_of(5, 3, 1)
    seen = Counter(position for epoch in range(60) for position in order_of(label, 2, epoch).tolist())
    assert min(seen[position] for position in range(9)) >= 30


def test_all_is_shuffled_and_a_function_of_the_generator():
    label = label_of(20, 20, 20)
    one, again, other = (order_of(label, 2, seed).tolist() for seed in (0, 0, 1))
    assert one == again
    assert one != other
    assert {frozenset(pair) for pair in zip(one[::2], one[1::2], strict=True)} != {
        frozenset(pair) for pair in zip(other[::2], other[1::2], strict=True)
    }
    assert label[one[:20]].unique().numel() > 1
