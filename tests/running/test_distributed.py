"""Two processes of torch.distributed do what one does, and end together when one of them fails."""

import json
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from foveate import distributed
from foveate.data.exact_size import ExactSize
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.loader import batches
from foveate.evaluate.correlation import Correlation
from foveate.model_file import load_model
from foveate.trainee import parts_of

SCRIPT = """
import dataclasses, os, signal, sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from foveate import distributed
from foveate.data.loader import batches
from foveate.face_task import FaceTask
from foveate.heads.adaface import AdaFace
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective
from foveate.recipes.askd import askd
from foveate.recipes.askd_kd import askd_kd
from foveate.run import Run, Silent
from foveate.scale import Scale
from foveate.teaching import Lessons
from foveate.train import train
from foveate.trainee import Trainee
from foveate.student import TaughtStudent
from foveate.views import Batch, Views

what, faces, teacher, out, cache, sample = sys.argv[1:]
torch.set_num_threads(1)
scale = Scale(depth=18, width=4, stem_stride=2, embedding=8, reduction=4, batch=8, epochs=2, dropout=0.0,
              learning_rate=1e-3, clip=1.0, schedule="cosine")
cpu = torch.device("cpu")


def made():
    torch.manual_seed(0)
    sizes = dataclasses.replace(scale, sample=float(sample), clip=None, learning_rate=1e-2) if sample else scale
    experiment = (askd if sample else askd_kd)(FaceTask(Path(faces), scale=sizes), TaughtStudent(teacher=Path(teacher)))
    for module in experiment.objective.network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval().train = lambda mode=True, module=module: module  # statistics of whole batches differ
    return experiment


class Stop(Silent):
    def step(self, step, total, record):
        if what == "stop" and step == 5:
            os._exit(0)
        if what == "kill" and step == 5 and distributed.rank() == 1:
            os.kill(os.getpid(), signal.SIGKILL)


run = Run(Path(out), recipe="askd_kd", precision="float32", checkpoint_every=2, log_every=1, resume=True,
          cache=Path(cache) if cache else None, watcher=Stop())


def main():
    if what in ("gradient", "exact gradient"):
        exact = torch.float64 if what == "exact gradient" else torch.float32
        experiment = made()
        trainee, lessons = Trainee(experiment, run, cpu), Lessons([(experiment, run)], cpu)
        experiment.objective.to(exact)
        experiment.teacher.to(exact)
        trainee.begin(0)
        *_, (step, raw) = enumerate(batches(experiment.images, batch=8, framing=experiment.framing, seed=0, epoch=0))
        views = trainee.views(Batch(*raw), 0)
        views = views._replace(high=views.high.to(exact), low=views.low.to(exact))
        trainee.step(views, lessons.trace(0, views, step / 8), step)
        centres = {"centres": trainee.objective.head.whole()} if sample else {}
        if distributed.is_first():
            found = trainee.objective.named_parameters()
            save_file({**centres, **{name: value.grad.contiguous() for name, value in found}}, out + "/gradients")
    elif what == "head":
        torch.manual_seed(0)
        head, faces = PartialFC(8, 7).double(), torch.randn(5, 8, dtype=torch.float64)
        part = distributed.share(5)  # three faces and two
        mine = nn.Linear(8, 8, dtype=torch.float64)
        model = nn.parallel.DistributedDataParallel(mine) if distributed.size() > 1 else mine
        for label in torch.tensor([[0, 1, 6, 3, 3], [2, 2, 4, 5, 6]]):
            model.zero_grad()
            loss = head(model(faces[part.start : part.stop]), label[part.start : part.stop]).loss
            (loss * len(part) * distributed.size() / 5).backward()
            head.update(rate=0.5, momentum=0.9, decay=0.1)
        whole = {"centres": head.whole(), "gradient": mine.weight.grad}
        if distributed.is_first():
            os.makedirs(out)
            save_file(whole, out + "/head")
    elif what == "lengths":
        torch.manual_seed(0)
        head, faces = AdaFace(8, 7, momentum=0.5).double(), 9 * torch.randn(5, 8, dtype=torch.float64)
        part, label = distributed.share(5), torch.tensor([0, 1, 6, 3, 3])
        mine = nn.Linear(8, 8, dtype=torch.float64)
        whole = Objective(mine, head)
        model = nn.parallel.DistributedDataParallel(whole) if distributed.size() > 1 else whole
        for _ in range(2):
            model.zero_grad()
            rows = slice(part.start, part.stop)
            total = model(Views(faces[rows], faces[rows], label[rows])).total
            (total * len(part) * distributed.size() / 5).backward()
        found = {"mean": head.mean, "std": head.std, "gradient": mine.weight.grad, "centres": head.weight.grad}
        os.makedirs(f"{out}/{distributed.rank()}")
        save_file(found, f"{out}/{distributed.rank()}/found")
    else:
        train(made(), run)


with distributed.joined():
    main()
if (threads := Path("/proc/self/task")).exists():
    alive = [name.read_text() for name in threads.glob("*/comm")]
    assert not any("gloo" in name for name in alive), alive  # one that outlives the interpreter may abort it
"""


def _torchrun(environment, ranks, *arguments):
    """Run a script or module on some ranks."""
    command = [sys.executable, *arguments]
    if ranks > 1:
        launch = ["-m", "torch.distributed.run", "--nproc-per-node", str(ranks), "--rdzv-backend", "c10d"]
        command = [sys.executable, *launch, "--rdzv-endpoint", "localhost:0", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture
def ranks(faces, teacher, environment, tmp_path):
    """Runs the script above on some ranks; answers with the folder of its run."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    def ranks(number, what, name, *, cache="", sample="", fails=False):
        out = tmp_path / name
        arguments = [script, what, faces, teacher / "model.safetensors", out, cache, sample]
        ended = _torchrun(environment, number, *map(str, arguments))
        assert (ended.returncode != 0) == fails, ended.stderr
        return out

    return ranks


def _nearly_equal(one, other, tolerance=1e-6):
    ours, theirs = load_file(one), load_file(other)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        difference = (value.double() - theirs[name].double()).abs().max().item() if value.numel() else 0
        assert difference <= tolerance * max(1, value.double().abs().max().item()), name


def test_gradients_of_two_ranks_are_those_of_one(ranks):
    """Of the last batch of an epoch, too: it is smaller than the others."""
    one, two = ranks(1, "gradient", "one"), ranks(2, "gradient", "two")
    _nearly_equal(one / "gradients", two / "gradients")
    assert load_file(one / "gradients")["network.stem.0.weight"].abs().sum() > 0


def test_class_centres_spread_over_two_ranks_have_the_gradients_of_one(ranks):
    """Seven classes, so the ranks have four and three; a smaller last batch, as above."""
    one, two = (ranks(number, "exact gradient", str(number), sample="1.0") for number in (1, 2))
    _nearly_equal(one / "gradients", two / "gradients", 1e-9)
    assert load_file(one / "gradients")["centres"].shape == (7, 8)
    one, two = ranks(1, "head", "one head"), ranks(2, "head", "two heads")
    _nearly_equal(one / "head", two / "head", 1e-14)


def test_two_ranks_measure_quality_against_the_faces_of_both(ranks):
    """AdaFace, with three faces on one rank and two on the other."""
    one, two = ranks(1, "lengths", "one"), ranks(2, "lengths", "two")
    for rank in "01":
        _nearly_equal(one / "0/found", two / rank / "found", 1e-12)


def test_spread_centres_resume_on_another_number_of_ranks_and_end_as_one_matrix(ranks):
    one = ranks(1, "train", "one", sample="1.0")
    both = ranks(2, "stop", "both", sample="1.0")
    shards = both / "checkpoints/step-00000004/shards"
    assert [path.name for path in sorted(shards.iterdir())] == [f"centres-0000{rank}.safetensors" for rank in range(2)]
    ranks(1, "train", "both", sample="1.0")
    model, again = (load_model(out / "model.safetensors") for out in (one, both))
    assert type(model.head).__name__ == "ArcFace"
    assert model.head.weight.shape == (7, 8)
    assert torch.allclose(model.head.weight, again.head.weight, atol=1e-4)


def test_two_ranks_train_as_one_and_one_goes_on_where_two_stopped(ranks):
    one, two = ranks(1, "train", "one"), ranks(2, "train", "two")
    _nearly_equal(one / "model.safetensors", two / "model.safetensors")
    ranks(2, "stop", "both")
    assert sorted(path.name for path in (two.parent / "both/checkpoints").iterdir()) == [
        "step-00000002",
        "step-00000004",
    ]
    both = ranks(1, "train", "both")
    _nearly_equal(one / "model.safetensors", both / "model.safetensors")
    results = [json.loads((out / "results.json").read_text())["evaluations"] for out in (one, two, both)]
    for found in results[1:]:
        assert found.keys() == results[0].keys() == {"held", "attention on held"}
        assert found["held"]["auc"] == pytest.approx(results[0]["held"]["auc"], abs=0.02)
        ours, want = (answer["attention on held"]["channel"]["stage1"]["last"] for answer in (found, results[0]))
        assert ours == pytest.approx(want, abs=1e-4, nan_ok=True)
    lines = [(out / "log.jsonl").read_text().splitlines() for out in (one, two)]
    for ours, theirs in zip(*([json.loads(line) for line in log if '"loss"' in line] for log in lines), strict=True):
        assert ours["losses"] == pytest.approx(theirs["losses"], rel=1e-4)
    assert json.loads((two / "run.json").read_text())["environment"]["ranks"] == 2


def test_two_ranks_make_the_cache_that_one_makes(ranks, tmp_path):
    ranks(1, "train", "one", cache=str(tmp_path / "one cache"))
    ranks(2, "train", "two", cache=str(tmp_path / "two cache"))
    (one,), (two,) = (list((tmp_path / name).rglob("maps.f16")) for name in ("one cache", "two cache"))
    assert one.stat().st_size == two.stat().st_size
    values = [torch.frombuffer(bytearray(file.read_bytes()), dtype=torch.float16).float() for file in (one, two)]
    assert torch.allclose(*values, rtol=2e-3, atol=2e-3)


def test_what_one_rank_cannot_read_ends_both_with_one_error(faces, noise, tiny, environment, tmp_path):
    order = next(batches(InsightFaceRecords(faces), batch=8, framing=ExactSize(112), seed=0, epoch=0))[2]
    place = order[-1].item()  # in the second rank's half of the first batch
    images = [(image if number != place else image[:100], number // 4) for number, image in enumerate(noise)]
    write_insightface(tmp_path / "bad", images, classes=7)
    flags = ["--data", tmp_path / "bad", "--out", tmp_path / "run", *tiny, "--hold-out", "0"]
    ended = _torchrun(environment, 2, "-m", "foveate", "train", "base", *map(str, flags))
    assert ended.returncode != 0
    told = [line for line in ended.stderr.splitlines() if line.startswith("foveate train:")]
    assert len(told) == 1, ended.stderr
    assert f"record {place + 1}:" in told[0]
    assert not (tmp_path / "run/run.json").exists()


def test_a_rank_that_is_killed_ends_the_other_and_leaves_the_checkpoints(ranks):
    out = ranks(2, "kill", "killed", fails=True)
    assert not (out / "results.json").exists()
    load_model(out / "checkpoints/step-00000004/model.safetensors")


def test_one_process_alone_talks_to_nobody():
    assert (distributed.rank(), distributed.size(), distributed.is_first()) == (0, 1, True)
    rows = torch.arange(6.0).view(3, 2).requires_grad_()
    assert distributed.gathered(rows) is rows
    assert distributed.summed(rows) is rows
    assert distributed.collected("x") == ["x"]
    assert distributed.share(7) == range(7)


@pytest.mark.parametrize(("count", "size"), [(7, 3), (2, 3), (0, 2), (9, 3)])
def test_shares_cover_all_once_in_order(count, size, monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: size)
    shares = []
    for number in range(size):
        monkeypatch.setattr(distributed, "rank", lambda number=number: number)
        shares.append(distributed.share(count))
    assert [number for share in shares for number in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize(("batch", "wanted"), [(8, 4), (7, 2), (15, 8), (4, 3), (1, 2), (9, 1)])
def test_every_rank_works_through_its_share_in_as_many_parts(batch, wanted, monkeypatch):
    monkeypatch.setattr(distributed, "size", lambda: 2)
    parts = parts_of(batch, wanted)
    assert 1 <= parts <= wanted
    assert parts == 1 or batch // 2 // parts >= 2
    assert parts == wanted or batch // 2 // (parts + 1) < 2


def test_correlations_of_parts_are_merged_into_that_of_all():
    generator = torch.Generator().manual_seed(0)
    teacher, student = (torch.randn(20, 1, 5, 5, generator=generator) + 3 for _ in range(2))
    whole, parts = Correlation(), [Correlation() for _ in range(3)]
    whole.update(teacher, student)
    for part, place in zip(parts, (slice(0, 7), slice(7, 7), slice(7, 20)), strict=True):
        part.update(teacher[place], student[place])
    merged = parts[0].merged(parts[1]).merged(parts[2]).result()
    want = whole.result()
    assert (merged.pooled, merged.centred, merged.per_image) == pytest.approx(
        (want.pooled, want.centred, want.per_image), abs=1e-12
    )
    assert merged.images == 20
