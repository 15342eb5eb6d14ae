"""Two processes have the gradients and the loss of one with every distiller, also where it compares all faces.

A new file in ``foveate/distill`` is found and tested without a line here.
"""

import runpy
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from foveate.discover import classes
from foveate.distill.distiller import Distiller

KINDS = [*classes("distill", Distiller), "askd, less the mean map of the batch"]

SCRIPT = """
import fnmatch
import sys
from functools import partial

import torch
from safetensors.torch import save_file
from torch.nn.parallel import DistributedDataParallel

from foveate import distributed
from foveate.backbones.iresnet import IResNet
from foveate.backbones.timm import TimmNetwork
from foveate.discover import classes
from foveate.distill.distiller import Distiller
from foveate.distill.fskd import partners
from foveate.heads.arcface import ArcFace
from foveate.objective import Objective, Weighted
from foveate.teacher import LiveTeacher
from foveate.views import Views

FACES = 7  # four and three
LABEL = torch.tensor([0, 1, 2, 3, 0, 1, 0])  # nobody is twice on one rank, but for one on the second


def network(seed, kind):
    torch.manual_seed(seed)
    made = IResNet(18, width=4, embedding=8, dropout=0.0, size=32)
    if not all(fnmatch.filter(dict(made.named_modules()), glob) for glob in kind().globs):
        made = TimmNetwork("test_vit", embedding=8, size=32)  # what looks with self-attention
    return made.double()


def views(part):
    generator = torch.Generator().manual_seed(0)
    people, high, low = (torch.randn(FACES, 3, 32, 32, generator=generator, dtype=torch.float64) for _ in range(3))
    high = people[LABEL] + 0.5 * high
    part = slice(part.start, part.stop)
    return Views(high[part], (high + 0.5 * low)[part], LABEL[part])


def gradients(kind):
    torch.manual_seed(5)
    objective = Objective(network(0, kind), ArcFace(8, 4), distillers={"method": Weighted(kind(), 1.0)}).double().eval()
    teacher = LiveTeacher(network(1, kind), head=ArcFace(8, 4).double(), globs=objective.globs)
    trained = DistributedDataParallel(objective) if distributed.size() > 1 else objective
    mine = views(distributed.share(FACES))
    losses = trained(mine, teacher=teacher(mine))
    share = len(mine.target) / FACES
    (losses.total * (share * distributed.size())).backward()
    found = {name: value.grad.clone() for name, value in objective.named_parameters()}
    return {**found, "loss": distributed.summed(share * losses.terms["method"])}


torch.set_num_threads(1)
with distributed.joined():
    kinds = classes("distill", Distiller)
    kinds["askd, less the mean map of the batch"] = partial(kinds["askd"], centre="batch")
    found = {f"{name} {key}": value for name, kind in kinds.items() for key, value in gradients(kind).items()}
    if distributed.is_first():
        everyone = views(range(FACES))
        found["partners"] = partners(LiveTeacher(network(1, kinds["askd"]))(everyone).embedding, everyone.target)[1]
        save_file(found, sys.argv[1])
"""


@pytest.fixture(scope="module")
def gradients(tmp_path_factory, environment):
    """Of every distiller, on one rank (this process) and on two."""
    folder = tmp_path_factory.mktemp("gradients")
    script = folder / "script.py"
    script.write_text(SCRIPT)
    launch = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    command = [sys.executable, *launch, "--rdzv-endpoint", "localhost:0", str(script), str(folder / "two")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(script), str(folder / "one")])
        runpy.run_path(str(script))
    return [load_file(folder / name) for name in ("one", "two")]


@pytest.mark.parametrize("name", KINDS)
def test_gradients_and_loss_of_two_ranks_are_those_of_one(gradients, name):
    one, two = ({key: value for key, value in side.items() if key.startswith(f"{name} ")} for side in gradients)
    assert one.keys() == two.keys()
    first = next(key for key in sorted(one) if " network." in key and one[key].ndim == 4)
    assert one[first].abs().sum() > 0
    for key, want in one.items():
        assert torch.linalg.vector_norm(two[key] - want) <= 1e-9 * (1 + torch.linalg.vector_norm(want)), key


def test_the_example_has_people_on_both_ranks_and_someone_alone(gradients):
    assert gradients[0]["partners"].tolist() == [True, True, False, False, True, True, True]
