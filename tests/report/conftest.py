"""Runs as training leaves them, made up and tiny."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


def _verified(accuracy: float | None, pairs: int, degradation: str) -> dict:
    half = 0.02
    bounds = {
        "accuracy": accuracy,
        "low": None if accuracy is None else accuracy - half,
        "high": None if accuracy is None else accuracy + half,
    }
    return {
        "set": "lfw",
        "pairs": pairs,
        "images": 2 * pairs,
        "degradation": degradation,
        "authors": bounds,
        "insightface": {**bounds, "accuracy": None if accuracy is None else accuracy - 0.01},
        "auc": 0.8123,
        "equal_error_rate": 0.25,
        "true_accept_rate_at_false_accept_rate": {"0.1": 0.6, "0.01": 0.3456, "0.001": None},
    }


def _identified(first: float) -> dict:
    """As ``foveate.evaluate.identify_faces`` answers."""
    ranks = {rank: first + number / 100 for number, rank in enumerate(("1", "5", "10", "20", "50"))}
    known = {rank: {"mean": value, "low": value - 0.03, "high": value + 0.03} for rank, value in ranks.items()}
    counts = {"set": "tinyface", "probes": 400, "gallery": 3600, "distractors": 3000}
    return {**counts, "found_at_rank": known, "mean_average_precision": {"mean": 0.25, "low": 0.2, "high": 0.3}}


def _agreement(centred: float) -> dict:
    block = {"pooled": 0.93, "centred": centred, "per_image": None, "images": 600}
    stages = {f"stage{number}": {"last": block, "first": block, "mean": block, "images": 600} for number in range(1, 5)}
    return {"channel": stages, "spatial": stages}


def _write_run(out: Path, recipe: str, seed: int = 0, *, finished: bool = True, **facts) -> Path:
    """Write the folder of a run."""
    out.mkdir(parents=True)
    degradation = facts.get("degradation", "sharp" if recipe == "teacher" else "paper 14px")
    arguments = {"data": "my data/faces", "test": [], "scale": {"epochs": 12}, **facts.get("arguments", {})}
    card = {
        "version": "0.1.0",
        "recipe": recipe,
        "arguments": arguments,
        "seed": seed,
        "precision": "float32",
        "network": {"call": "foveate.backbones.iresnet:IResNet", "arguments": {"size": 112}},
        "degradation": degradation,
        "classes": {"number": 7, "sha256": "c0ffee" * 10},
        "steps": 100,
        "environment": {"torch": "2.6", "threads": 2, "device": "cpu"},
    }
    (out / "run.json").write_text(json.dumps(card))
    losses = {"arcface": 9.0, **({"askd": 0.5} if recipe == "askd" else {})}
    lines = [{"step": step, "progress": step / 100, "loss": 9.0, "losses": losses} for step in (20, 40)]
    (out / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if finished:
        evaluations = {"lfw": _verified(facts.get("accuracy", 0.7), facts.get("pairs", 600), degradation)}
        if "first" in facts:
            evaluations["tinyface"] = _identified(facts["first"])
        if "centred" in facts:
            evaluations["attention on lfw"] = _agreement(facts["centred"])
        cost = {"seconds": 600.0, "steps": 100, "images_per_second": 250.0}
        results = {"recipe": recipe, "seed": seed, "evaluations": evaluations, "cost": cost}
        (out / "results.json").write_text(json.dumps(results))
    return out


def _write_looks(file: Path) -> Path:
    draw = np.random.default_rng(0)
    faces = draw.integers(0, 256, (2, 2, 16, 16, 3)).astype(np.uint8)
    maps = {f"spatial_{place}": draw.random((2, 4, 4), dtype=np.float32) for place in range(2)}
    np.savez(file, high=faces[0], low=faces[1], models=np.array(["teacher", "askd"]), **maps)
    return file


@pytest.fixture(scope="session")
def write_run() -> Callable[..., Path]:
    return _write_run


@pytest.fixture(scope="session")
def write_looks() -> Callable[[Path], Path]:
    return _write_looks


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """Write a run into a folder of its own; every run is finished unless ``finished=False``."""

    def make(recipe: str, seed: int = 0, *, folder: str | None = None, **facts) -> Path:
        return _write_run(tmp_path / (folder or f"run-{len(list(tmp_path.iterdir()))}"), recipe, seed, **facts)

    return make


@pytest.fixture
def looks(tmp_path: Path) -> Path:
    return _write_looks(tmp_path / "looks.npz")
