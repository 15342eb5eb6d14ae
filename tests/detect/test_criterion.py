"""The detector's loss is the weighted sum of its parts, and knows padding from faces."""

import pytest
import torch

from foveate.detect.anchors import anchors, level_sides
from foveate.detect.criterion import Detection
from foveate.detect.losses import Raw, detection_losses

SIDE = 64
AT = anchors(level_sides(SIDE, SIDE))
FACES = torch.tensor([[[4.0, 6.0, 20.0, 27.0], [30.0, 20.0, 44.0, 40.0]], [[10.0, 8.0, 40.0, 50.0], [torch.nan] * 4]])


def _answers():
    return torch.randn(2, len(AT), 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("box", "fit"), [(2.0, 1.0), (0.5, 3.0)])
def test_the_loss_is_the_weighted_sum_over_faces_without_padding(box, fit):
    scored = Detection(SIDE, box=box, fit=fit)(_answers(), FACES)
    parts = detection_losses(Raw.of(_answers()), AT, [FACES[0], FACES[1, :1]])
    torch.testing.assert_close(scored.loss, parts.face + box * parts.box + fit * parts.fit)
    assert scored.terms.keys() == {"face", "box", "fit"}
    torch.testing.assert_close(scored.terms["box"], parts.box)


def test_photos_without_faces_have_the_loss_of_false_alarms_only():
    scored = Detection(SIDE)(_answers(), torch.full((2, 1, 4), torch.nan))
    assert scored.loss == scored.terms["face"] > 0
    assert scored.terms["box"] == scored.terms["fit"] == 0


def test_it_is_computed_in_float32_under_autocast():
    with torch.autocast("cpu", torch.bfloat16):
        half = Detection(SIDE)(_answers(), FACES).loss
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, Detection(SIDE)(_answers(), FACES).loss)
