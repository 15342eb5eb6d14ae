"""Codes, overlaps, anchors, assignment, losses and decoding of the detector, against loops and cases worked by hand."""

import math

import pytest
import torch

from foveate.detect.anchors import RATIO, STRIDES, anchors, level_sides
from foveate.detect.assign import ENOUGH, NOBODY, assign
from foveate.detect.boxes import decode, distance_overlap, encode, overlap
from foveate.detect.decoding import Decoding
from foveate.detect.losses import Raw, detection_losses


def _boxes(seed, count, most=100.0):
    generator = torch.Generator().manual_seed(seed)
    corner, size = (torch.rand(count, 2, generator=generator) * most for _ in range(2))
    return torch.cat([corner, corner + size + 1], dim=1)


def _iou(a, b):
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - wide * high)


def _diou(a, b):
    apart = sum(((a[i] + a[i + 2]) / 2 - (b[i] + b[i + 2]) / 2) ** 2 for i in (0, 1))
    around = (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
    return _iou(a, b) - apart / around


def test_what_is_coded_comes_back():
    boxes, at = _boxes(0, 50), _boxes(1, 50)
    torch.testing.assert_close(decode(encode(boxes, at), at), boxes, rtol=1e-4, atol=1e-3)
    assert encode(at, at).abs().max() == 0


def test_a_code_by_hand():
    at = torch.tensor([[0.0, 0.0, 10.0, 20.0]])
    box = torch.tensor([[2.0, 5.0, 12.0, 45.0]])  # centre (7, 25) from (5, 10), as wide, twice as high
    want = [2 / 10 / 0.1, 15 / 20 / 0.1, 0.0, math.log(2) / 0.2]
    assert encode(box, at)[0].tolist() == pytest.approx(want, rel=1e-5)


def test_overlaps_are_those_of_a_plain_loop():
    one, two = _boxes(2, 60), _boxes(3, 60)
    pairs = list(zip(one.tolist(), two.tolist(), strict=True))
    assert overlap(one, two).tolist() == pytest.approx([_iou(*pair) for pair in pairs], abs=1e-6)
    assert distance_overlap(one, two).tolist() == pytest.approx([_diou(*pair) for pair in pairs], abs=1e-5)
    assert overlap(one, one).tolist() == pytest.approx([1.0] * 60)
    assert distance_overlap(one, one).tolist() == pytest.approx([1.0] * 60)


def test_anchors_have_the_sizes_and_places_of_the_released_settings():
    sides = level_sides(96, 160)
    assert sides == [(24, 40), (12, 20), (6, 10), (3, 5), (2, 3), (1, 2)]
    found = anchors(sides)
    assert len(found) == 3 * sum(rows * columns for rows, columns in sides)
    size = (found[:, 2:] - found[:, :2]).prod(1).sqrt()
    named = sorted({round(value, 1) for value in size.tolist()})
    want = [10.1, 12.7, 16.0, 20.2, 25.4, 32.0, 40.3, 50.8, 64.0, 80.6, 101.6, 128.0, 161.3, 203.2, 256.0, 322.5, 406.4]
    assert named == [*want, 512.0]
    ratio = (found[:, 3] - found[:, 1]) / (found[:, 2] - found[:, 0])
    assert ratio.tolist() == pytest.approx([RATIO] * len(found), rel=1e-4)
    place = 0
    for stride, (rows, columns) in zip(STRIDES, sides, strict=True):
        for row in range(rows):
            for column in range(columns):
                for _ in range(3):
                    left, top, right, bottom = found[place].tolist()
                    centre = ((left + right) / 2, (top + bottom) / 2)
                    assert centre == pytest.approx((column * stride, row * stride), abs=1e-3)
                    place += 1


def _plain_assign(at, faces):
    """RetinaNet's rule, anchor by anchor, then face by face."""
    table = [[_iou(face, anchor) for anchor in at] for face in faces]
    chosen = []
    for place in range(len(at)):
        shares = [row[place] for row in table]
        best = max(range(len(faces)), key=lambda number: (shares[number], -number)) if faces else None
        chosen.append(best if best is not None and shares[best] >= ENOUGH else NOBODY)
    for number, row in enumerate(table):
        for place, share in enumerate(row):
            if share == max(row) and share >= ENOUGH:
                chosen[place] = number
    return chosen


@pytest.mark.parametrize("seed", range(6))
def test_assignment_is_that_of_a_plain_loop(seed):
    at = anchors(level_sides(64, 64)).double()
    random = torch.Generator().manual_seed(seed)
    corner = (torch.rand(5, 2, generator=random, dtype=torch.float64) * 50).round()
    faces = torch.cat([corner, corner + torch.randint(6, 40, (5, 2), generator=random)], dim=1)
    found = assign(at, faces)
    want = _plain_assign(at.tolist(), faces.tolist())
    assert found.tolist() == want
    assert max(want) >= 0


def test_a_photo_without_faces_has_nothing_to_be_found():
    assert assign(_boxes(0, 7), torch.empty(0, 4)).tolist() == [NOBODY] * 7


def test_a_face_takes_all_anchors_that_overlap_it_alike():
    at = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0], [2.0, 0.0, 12.0, 10.0]])
    faces = torch.tensor([[2.0, 0.0, 12.0, 10.0], [0.0, 0.0, 10.0, 10.0]])
    assert assign(at, faces).tolist() == [1, 1, 0]


def _random_raw(seed, places):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    return Raw(draw(2, places), draw(2, places, 4) * 0.5, draw(2, places))


def test_the_losses_are_those_of_a_plain_loop():
    at = anchors(level_sides(32, 32))
    raw = Raw(*(each.float() for each in _random_raw(0, len(at))))
    faces = [torch.tensor([[4.0, 3.0, 18.0, 22.0], [20.0, 20.0, 30.0, 32.0]]), torch.empty(0, 4)]
    found = detection_losses(raw, at, faces)
    chosen = [_plain_assign(at.double().tolist(), each.double().tolist()) for each in faces]
    count = sum(number >= 0 for each in chosen for number in each)
    assert count > 2
    focal = box = fit = 0.0
    for photo, own in enumerate(chosen):
        for place, number in enumerate(own):
            p = 1 / (1 + math.exp(-raw.face[photo, place].item()))
            focal += -0.25 * (1 - p) ** 2 * math.log(p) if number >= 0 else -0.75 * p**2 * math.log(1 - p)
            if number < 0:
                continue
            answer = [
                value * part for value, part in zip(raw.box[photo, place].tolist(), (0.1, 0.1, 0.2, 0.2), strict=True)
            ]
            left, top, right, bottom = at[place].tolist()
            wide, high = right - left, bottom - top
            centre = ((left + right) / 2 + answer[0] * wide, (top + bottom) / 2 + answer[1] * high)
            half = (wide * math.exp(answer[2]) / 2, high * math.exp(answer[3]) / 2)
            made = [centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]]
            face = faces[photo][number].tolist()
            box += 1 - _diou(made, face)
            share, q = _iou(made, face), 1 / (1 + math.exp(-raw.fit[photo, place].item()))
            fit += -(share * math.log(q) + (1 - share) * math.log(1 - q))
    want = [focal / count, box / count, fit / count]
    assert [value.item() for value in found] == pytest.approx(want, rel=1e-4)


def test_without_faces_only_the_focal_loss_is_left_and_gradients_are_finite():
    at = anchors(level_sides(32, 32))
    raw = Raw(*(each.float().requires_grad_() for each in _random_raw(1, len(at))))
    found = detection_losses(raw, at, [torch.empty(0, 4), torch.empty(0, 4)])
    assert found.face > 0
    assert found.box == found.fit == 0
    sum(found).backward()
    assert raw.face.grad is not None
    assert raw.face.grad.isfinite().all()


def test_the_fit_does_not_move_the_boxes():
    at = anchors(level_sides(32, 32))
    raw = Raw(*(each.float().requires_grad_() for each in _random_raw(2, len(at))))
    face = torch.tensor([[4.0, 3.0, 18.0, 22.0]])
    detection_losses(raw, at, [face, face]).fit.backward()
    assert raw.box.grad is None or not raw.box.grad.any()


def test_decoding_by_hand():
    at = torch.tensor([[0.0, 0.0, 20.0, 26.0], [1.0, 0.0, 21.0, 26.0], [40.0, 0.0, 60.0, 26.0], [80.0, 0.0, 86.0, 8.0]])
    face = torch.tensor([[2.0, 1.0, 0.0, 3.0]])
    raw = Raw(face, torch.zeros(1, 4, 4), torch.full((1, 4), 0.5))
    ((boxes, scores),) = Decoding()(raw, at)
    # The second overlaps the first by 0.9, the last is less than nine pixels high.
    assert boxes.tolist() == [at[0].tolist(), at[2].tolist()]
    fit = torch.tensor(0.5).sigmoid() ** 1.2
    assert scores.tolist() == pytest.approx([(face[0, place].sigmoid() ** 0.8 * fit).item() for place in (0, 2)])
    ((boxes, _),) = Decoding()(raw, at, zoom=(0.5, 0.5))  # in the original photo all is twice as large
    assert boxes.tolist() == [(2 * at[place]).tolist() for place in (3, 0, 2)]
    ((boxes, _),) = Decoding(threshold=0.7)(raw, at)
    assert len(boxes) == 0


def test_only_the_surest_boxes_are_compared_where_few_faces_are_expected():
    at = torch.tensor(
        [[0.0, 0.0, 20.0, 26.0], [1.0, 0.0, 21.0, 26.0], [40.0, 0.0, 60.0, 26.0], [80.0, 0.0, 100.0, 26.0]]
    )
    raw = Raw(torch.tensor([[0.0, 3.0, 1.0, 2.0]]), torch.zeros(1, 4, 4), torch.zeros(1, 4))
    for most, left in ((None, [1, 3, 2]), (4, [1, 3, 2]), (3, [1, 3, 2]), (2, [1, 3]), (1, [1])):
        ((boxes, scores),) = Decoding(most=most)(raw, at)
        assert boxes.tolist() == at[left].tolist()
        assert scores.tolist() == sorted(scores.tolist(), reverse=True)


def test_boxes_are_cut_at_the_border_of_the_photo_before_they_are_judged_too_small():
    at = torch.tensor([[-10.0, -8.0, 20.0, 26.0], [30.0, 35.0, 60.0, 70.0]])
    raw = Raw(torch.zeros(1, 2), torch.zeros(1, 2, 4), torch.zeros(1, 2))
    ((boxes, _),) = Decoding()(raw, at, size=(50.0, 40.0))
    assert boxes.tolist() == [[0, 0, 20, 26]]  # five pixels of the other are left
