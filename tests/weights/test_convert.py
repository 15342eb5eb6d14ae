"""Networks of other projects answer the same once they are ours."""

from pathlib import Path

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.attention.se import SE
from foveate.errors import CheckpointError
from foveate.weights.convert import convert, recognise

FILE = Path("weights")
KINDS = ("released", "arcface_torch", "adaface", "adaface_se")


def _kind(name):
    return name.removesuffix("_se")


def _converted(state, kind=None):
    return convert(state, kind or recognise(state, file=FILE), file=FILE)


def _near(got, want):
    return torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


@pytest.fixture
def state(foreign):
    return foreign("arcface_torch").state_dict()


@pytest.mark.parametrize(
    ("kind", "depth"), [*((kind, 18) for kind in KINDS), ("released", 50), ("adaface_se", 50), ("arcface_torch", 100)]
)
def test_the_embeddings_are_those_of_the_foreign_network(foreign, faces, kind, depth):
    theirs = foreign(kind, depth)
    state = theirs.state_dict()
    assert recognise(state, file=FILE) == _kind(kind)
    ours = _converted(state)
    with torch.no_grad():
        want, got = theirs(faces), ours(faces)
        assert want.std() > 0.1
        assert _near(got, want)
        exact = ours.double()(faces[:1].double()), theirs.double()(faces[:1].double())
    torch.testing.assert_close(*exact, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("kind", "attention"), [("released", CBAM), ("adaface_se", SE), ("adaface", None)])
def test_the_network_says_what_it_is(foreign, kind, attention):
    ours = _converted(foreign(kind, 34, embedding=6).state_dict())
    arguments = ours.arguments
    assert (arguments["depth"], arguments["width"], arguments["embedding"], arguments["size"]) == (34, 16, 6, 112)
    assert getattr(arguments["attention"], "func", None) is attention
    assert not ours.training


def test_every_number_of_the_file_is_used(foreign, faces):
    """A weight that was left where it was drawn would show."""
    for kind in KINDS:
        theirs = foreign(kind)
        ours = _converted(theirs.state_dict())
        numbers = sum(value.numel() for value in theirs.state_dict().values())
        bare = 2 * ours.embedding if kind.startswith("adaface") else 0
        assert sum(value.numel() for value in ours.state_dict().values()) == numbers + bare


@pytest.mark.parametrize("prefix", ["module.", "model.", "model.net.", "backbone."])
def test_what_stands_before_the_names_is_found(foreign, faces, prefix):
    theirs = foreign("adaface")
    state = {f"{prefix}{name}": value for name, value in theirs.state_dict().items()}
    state |= {"head.kernel": torch.zeros(8, 5), "head.t": torch.zeros(1)}
    with torch.no_grad():
        assert _near(_converted(state)(faces), theirs(faces))


def test_half_precision_becomes_single(foreign):
    state = {
        name: value.half() if value.is_floating_point() else value
        for name, value in foreign("adaface").state_dict().items()
    }
    ours = _converted(state)
    assert {parameter.dtype for parameter in ours.parameters()} == {torch.float32}
    assert torch.equal(ours.get_parameter("project.weight"), state["output_layer.3.weight"].float())


def test_a_counter_that_is_absent_counts_for_nothing(state, faces):
    without = {name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}
    with torch.no_grad():
        assert torch.equal(_converted(without)(faces), _converted(state)(faces))


def test_the_random_generator_is_left_alone(state):
    torch.manual_seed(3)
    want = torch.rand(2)
    torch.manual_seed(3)
    _converted(state)
    assert torch.equal(torch.rand(2), want)


def test_missing_weights_are_named(state):
    for name in ("layer2.1.bn3.running_var", "prelu.weight", "bn2.bias"):
        with pytest.raises(CheckpointError, match=f"weights: its weights are .*1 missing: {name.replace('.', '[.]')}"):
            _converted({key: value for key, value in state.items() if key != name})


def test_unknown_weights_are_named(state):
    more = {"layer1.0.bn4.weight": torch.ones(3), "extra": torch.ones(1)}
    with pytest.raises(CheckpointError, match=r"2 unknown: layer1\.0\.bn4\.weight, extra\)"):
        _converted({**state, **more})
    prefixed = {f"module.{name}": value for name, value in state.items()}
    with pytest.raises(CheckpointError, match="1 unknown: extra"):
        _converted({**prefixed, "extra": torch.ones(1)})


def test_weights_of_another_shape_are_named_with_both_shapes(state):
    for name, shape, belongs in (("fc.weight", (8, 100), "8 x 6272"), ("layer3.0.prelu.weight", (1,), "64")):
        shown = " x ".join(map(str, shape))
        with pytest.raises(CheckpointError, match=rf"1 of another shape: {name} \({shown} where {belongs} belong\)"):
            _converted({**state, name: torch.zeros(shape)})


def test_many_wrong_names_are_counted(state):
    few = {name: value for name, value in state.items() if ".bn1." not in name}
    with pytest.raises(CheckpointError, match=r"missing: [^;]* and \d+ more.*; 8 unknown: x0, x1, x2, x3 and 4 more"):
        _converted({**few, **{f"x{number}": torch.ones(1) for number in range(8)}})


def test_numbers_that_are_not_finite_are_refused(state):
    state["fc.bias"][2] = float("nan")
    with pytest.raises(CheckpointError, match=r"1 not finite: fc\.bias"):
        _converted(state)


def test_a_depth_that_does_not_exist_is_refused(state):
    with pytest.raises(CheckpointError, match="it has 9 blocks, and IResNets have 8, 16, 24, 49, 50"):
        _converted({**state, "layer4.2.conv1.weight": torch.ones(1)})


def test_a_shape_out_of_all_proportion_takes_no_memory(state):
    with pytest.raises(CheckpointError, match=r"bn1\.weight \(16 where 200000 belong\)"):
        _converted({**state, "conv1.weight": torch.zeros(200_000, 1)})


def test_a_network_without_a_stem_is_refused(state):
    with pytest.raises(CheckpointError, match=r"it lacks the weights conv1\.weight"):
        _converted({name: value for name, value in state.items() if name != "conv1.weight"})


def test_unknown_networks_and_several_networks_are_refused(state, foreign):
    with pytest.raises(CheckpointError, match=r"its tensors \(weight\) are named as in no known network"):
        recognise({"weight": torch.zeros(3, 8)}, file=FILE)
    other = foreign("adaface").state_dict()
    with pytest.raises(CheckpointError, match="are named as in arcface_torch and in adaface"):
        recognise({**state, **other}, file=FILE)
    twice = {f"{prefix}.{name}": value for prefix in ("teacher", "student") for name, value in state.items()}
    with pytest.raises(CheckpointError, match="it holds 2 networks of the kind arcface_torch"):
        _converted(twice)
    with pytest.raises(CheckpointError, match="it holds 0 networks of the kind released"):
        _converted(state, "released")
