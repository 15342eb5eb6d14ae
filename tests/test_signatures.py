"""The checks of shapes, dtypes and types that ``conftest.py`` switches on are really on."""

import pytest
import torch
from jaxtyping import TypeCheckError

from foveate.degrade.shrink import Shrink
from foveate.heads.arcface import ArcFace
from foveate.views import FaceViews


def test_a_wrong_number_of_channels_is_refused():
    with pytest.raises(TypeCheckError, match="images"):
        Shrink(8)(torch.zeros(2, 4, 16, 16))


def test_a_wrong_dtype_is_refused():
    with pytest.raises(TypeCheckError, match="images"):
        FaceViews().normalise(torch.zeros(2, 16, 16, 3))


def test_sizes_that_do_not_agree_are_refused():
    with pytest.raises(TypeCheckError, match="label"):
        ArcFace(8, 5)(torch.zeros(3, 8), torch.zeros(4, dtype=torch.long))


def test_the_fields_of_a_value_are_checked():
    with pytest.raises(TypeCheckError, match="flip"):
        FaceViews(flip="often")
