"""Devices that are not there are refused in words, and bfloat16 is what autocast makes of a product."""

import pytest
import torch

from foveate.errors import RecipeError
from foveate.precision import autocast, choose_device, choose_precision


def test_auto_takes_a_gpu_if_there_is_one():
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_a_named_device_is_taken():
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(name):
    with pytest.raises(RecipeError, match="there is no device"):
        choose_device(name)


@pytest.mark.parametrize(
    ("has", "chosen"),
    [
        ({"avx2": True}, "float32"),
        ({"avx512_f": True}, "float32"),
        ({"avx512_bf16": True}, "float32"),
        ({"amx_bf16": True}, "bf16"),
    ],
)
def test_auto_takes_bfloat16_where_it_is_the_faster_one(monkeypatch, has, chosen):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has, raising=False)
    assert choose_precision("auto", torch.device("cpu")) == chosen
    assert choose_precision("bf16", torch.device("cpu")) == "bf16"
    assert choose_precision("float32", torch.device("cpu")) == "float32"


def test_older_releases_of_pytorch_tell_it_by_other_names(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    for tiles, chosen in ((False, "float32"), (True, "bf16")):
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda tiles=tiles: tiles, raising=False)
        assert choose_precision("auto", torch.device("cpu")) == chosen


def test_auto_takes_float32_on_devices_of_which_nothing_is_known():
    assert choose_precision("auto", torch.device("meta")) == "float32"


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("float32", torch.float32)])
def test_products_are_computed_in_the_named_precision(precision, dtype):
    with autocast(torch.device("cpu"), precision):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype
    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
