"""Streaming correlations against two-pass computations and scipy."""

import inspect

import numpy as np
import pytest
import torch
from scipy import stats

from foveate.errors import DataError
from foveate.evaluate.correlation import Correlation

# Wrong shapes are met here as a user meets them, even when the tests run with annotations checked.
update = inspect.unwrap(Correlation.update)


def maps(images=23, shape=(2, 3, 4), seed=0, shared=0.6):
    generator = torch.Generator().manual_seed(seed)
    teacher, noise = (torch.randn(images, *shape, generator=generator, dtype=torch.float64) for _ in range(2))
    pattern = 2 * torch.randn(1, *shape, generator=generator, dtype=torch.float64)
    return teacher + pattern, shared * teacher + noise + pattern


def streamed(teacher, student, sizes=(5, 1, 10, 7)):
    correlation = Correlation()
    for one, two in zip(teacher.split(list(sizes)), student.split(list(sizes)), strict=True):
        correlation.update(one, two)
    return correlation.result()


def two_pass(teacher, student):
    teacher, student = teacher.double().numpy(), student.double().numpy()
    pooled = stats.pearsonr(teacher.ravel(), student.ravel()).statistic
    centred = stats.pearsonr((teacher - teacher.mean(0)).ravel(), (student - student.mean(0)).ravel()).statistic
    per_image = [stats.pearsonr(a.ravel(), b.ravel()).statistic for a, b in zip(teacher, student, strict=True)]
    return pooled, centred, np.mean(per_image)


def test_one_pass_equals_two_passes():
    teacher, student = maps()
    student += torch.arange(23)[:, None, None, None] / 10  # brighter and brighter images
    got = streamed(teacher, student)
    assert (got.pooled, got.centred, got.per_image) == pytest.approx(two_pass(teacher, student), abs=1e-13)
    assert got.images == 23
    assert len({round(value, 2) for value in (got.pooled, got.centred, got.per_image)}) == 3


def test_the_centred_correlation_is_the_loop_over_positions():
    teacher, student = (side.flatten(1).numpy() for side in maps())
    both, one, two = 0.0, 0.0, 0.0
    for position in range(teacher.shape[1]):
        a, b = teacher[:, position], student[:, position]
        both += np.sum((a - a.mean()) * (b - b.mean()))
        one += np.sum((a - a.mean()) ** 2)
        two += np.sum((b - b.mean()) ** 2)
    got = streamed(torch.tensor(teacher), torch.tensor(student))
    assert got.centred == pytest.approx(both / np.sqrt(one * two), abs=1e-13)


def test_a_shared_static_pattern_is_seen_by_the_pooled_figure_and_not_by_the_centred():
    generator = torch.Generator().manual_seed(0)
    pattern = 3.6 * torch.randn(1, 1, 14, 14, generator=generator)
    got = streamed(*(pattern + torch.randn(400, 1, 14, 14, generator=generator) for _ in range(2)), sizes=(100,) * 4)
    assert 0.9 < got.pooled < 0.95
    assert abs(got.centred) < 0.02


@pytest.mark.parametrize("shape", [(), (1,), (7,), (1, 5, 5)])
def test_maps_of_any_shape_and_any_split_give_the_same(shape):
    teacher, student = maps(shape=shape)
    one_by_one, at_once = streamed(teacher, student, (1,) * 23), streamed(teacher, student, (23,))
    assert one_by_one.pooled == pytest.approx(at_once.pooled, abs=1e-13)
    assert one_by_one.centred == pytest.approx(at_once.centred, abs=1e-13)
    assert at_once.pooled == pytest.approx(stats.pearsonr(teacher.ravel(), student.ravel()).statistic, abs=1e-13)


def test_a_large_offset_and_an_odd_first_image_cost_no_digits():
    teacher, student = maps()
    teacher, student = teacher + 1e6, student * 1e-3 - 1e4
    teacher[0] += 50
    student[0] -= 0.05
    got = streamed(teacher, student)
    assert (got.pooled, got.centred, got.per_image) == pytest.approx(two_pass(teacher, student), abs=1e-9)


def test_half_precision_maps_are_summed_in_double():
    teacher, student = (side.to(torch.bfloat16) for side in maps())
    got = streamed(teacher, student)
    assert (got.pooled, got.centred, got.per_image) == pytest.approx(two_pass(teacher, student), abs=1e-13)


def test_a_map_agrees_fully_with_itself_scaled_and_disagrees_with_its_negative():
    teacher, _ = maps()
    for factor in (1, 0.1, -3):
        got = streamed(teacher, factor * teacher + 2)
        want = np.sign(factor)
        assert (got.pooled, got.centred, got.per_image) == pytest.approx((want,) * 3, abs=1e-14)
        assert max(abs(got.pooled), abs(got.centred)) <= 1


def test_constant_maps_have_no_correlation():
    teacher, student = maps()
    flat = torch.full_like(student, 0.1)
    for sides in ((teacher, flat), (flat, student), (flat, flat)):
        got = streamed(*sides)
        assert np.isnan([got.pooled, got.centred, got.per_image]).all()


def test_maps_that_are_the_same_for_every_image_have_no_centred_correlation():
    teacher, student = maps()
    got = streamed(teacher[:1].expand_as(teacher), student)
    assert np.isnan(got.centred)
    assert np.isfinite([got.pooled, got.per_image]).all()


def test_images_with_a_constant_map_are_left_out_of_the_mean_over_images():
    teacher, student = maps()
    teacher[[3, 17]] = 0.7
    kept = [image for image in range(23) if image not in (3, 17)]
    want = two_pass(teacher[kept], student[kept])[2]
    assert streamed(teacher, student).per_image == pytest.approx(want, abs=1e-13)


def test_one_image_has_a_pooled_correlation_and_no_centred():
    teacher, student = maps(images=1)
    got = streamed(teacher, student, (1,))
    assert got.pooled == pytest.approx(got.per_image)
    assert np.isnan(got.centred)


def test_an_empty_batch_changes_nothing_and_the_maps_keep_their_values():
    teacher, student = maps()
    correlation = Correlation()
    correlation.update(teacher[:0], student[:0])
    copy = teacher.clone()
    correlation.update(teacher, student)
    before = correlation.result()
    correlation.update(teacher[:0], student[:0])
    assert correlation.result() == before == streamed(teacher, student, (23,))
    assert torch.equal(copy, teacher)


def test_maps_that_carry_a_gradient_are_taken_in_without_it():
    teacher, student = maps()
    student.requires_grad_()
    assert streamed(teacher, student) == streamed(teacher, student.detach())


def test_what_ranks_hand_over_is_a_copy_of_the_same_sums():
    one, other = Correlation(), Correlation()
    generator = torch.Generator().manual_seed(0)
    for each in (one, other):
        each.update(*torch.randn(2, 5, 3, 4, generator=generator))
    kept = one.cpu()
    assert kept.result() == one.result()
    assert kept.merged(other.cpu()).result() == one.merged(other).result()
    one.update(*torch.randn(2, 5, 3, 4, generator=generator))
    assert kept.result().images == 5
    assert Correlation().cpu().merged(kept) is kept


def test_bad_input_is_refused():
    teacher, student = maps()
    correlation = Correlation()
    with pytest.raises(DataError, match="no attention map"):
        correlation.result()
    with pytest.raises(DataError, match="differ"):
        update(correlation, teacher, student[:, :1])
    correlation.update(teacher, student)
    with pytest.raises(DataError, match="follows maps of shape"):
        correlation.update(teacher[..., :2], student[..., :2])
    student[2, 0, 0, 0] = torch.inf
    with pytest.raises(DataError, match=r"images from number 23: .* not finite"):
        correlation.update(teacher, student)
    assert correlation.result().images == 23
