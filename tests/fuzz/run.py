"""Coverage-guided fuzzing of every reader of foreign files (Atheris, https://github.com/google/atheris).

    pip install -e '.[fuzz]'
    python tests/fuzz/run.py --inputs 1000000 [--target recordio ...] [--out results]

Each target starts from a small valid set and runs its share of the inputs in a process of its own. An input must be
read or refused with a typed error, within a second of processor time and 256 MiB of memory, and bring about nothing
else: no code, no process, no connection, no file outside of the target's folder. What does not is kept as
``crash-*`` beside the numbers, and the exit code is 1.
"""

import argparse
import importlib
import json
import re
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MARK = "what it did: "
ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> int:
    asked = _arguments()
    if asked.run:
        _fuzz(asked.target[0], Path(asked.out), asked.inputs, asked.seed)
        return 0
    from fuzz.formats import TARGETS

    names = asked.target or sorted(TARGETS)
    slow: dict[str, int] = {
        name: TARGETS[name].most for name in names if TARGETS[name].most * len(names) < asked.inputs
    }
    each: int = -(-(asked.inputs - sum(slow.values())) // max(1, len(names) - len(slow)))
    found, failed = {}, []
    for name in names:
        found[name] = _ask(name, slow.get(name, each), asked)
        print(f"{name}: {json.dumps(found[name])}", flush=True)
        failed += [name] if found[name]["failed"] else []
    total = sum(item["inputs"] for item in found.values())
    content = {"date": datetime.now(UTC).date().isoformat(), "inputs": total, "targets": found}
    (Path(asked.out) / "fuzz.json").write_text(json.dumps(content, indent=1) + "\n")
    print(f"{total:,} inputs; " + (f"FAILED: {', '.join(failed)}" if failed else "none did what it must not"))
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all")
    parser.add_argument("--target", nargs="+", help="by default all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=str(ROOT / "results"), help="folder of the numbers")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _ask(name: str, inputs: int, asked: argparse.Namespace) -> dict[str, Any]:
    """Fuzz a target in a process of its own, and read what it says in the end."""
    command = [sys.executable, __file__, "--run", "--target", name, "--inputs", str(inputs)]
    command += ["--seed", str(asked.seed), "--out", asked.out]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    done = re.search(r"Done (\d+) runs in (\d+) second", ended.stderr)
    covered = re.findall(r"ft: (\d+) corp: (\d+)", ended.stderr)
    answer: dict[str, Any] = {
        "inputs": int(done[1]) if done else 0,
        "seconds": int(done[2]) if done else None,
        "features": int(covered[-1][0]) if covered else 0,
        "corpus": int(covered[-1][1]) if covered else 0,
        "failed": ended.returncode != 0 or done is None,
    }
    if answer["failed"]:
        answer["said"] = ended.stderr.partition(MARK)[2][:1500] or ended.stderr[-1500:]
    return answer


def _fuzz(name: str, out: Path, inputs: int, seed: int) -> None:
    atheris: Any = importlib.import_module("atheris")  # may be absent
    with atheris.instrument_imports(include=["foveate"]):
        from fuzz.formats import TARGETS
        from fuzz.guard import Guard, limit_memory

    target = TARGETS[name]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:
        folder, corpus = Path(made) / "set", Path(made) / "corpus"
        folder.mkdir()
        corpus.mkdir()
        target.make(folder)
        file = folder / target.file
        (corpus / "valid").write_bytes(file.read_bytes())
        target.read(folder)
        guard = Guard(folder)

        def one(data: bytes) -> None:
            file.write_bytes(data)
            try:
                guard.refused(target.read, folder)
            except BaseException:
                sys.stderr.write(f"{MARK}{traceback.format_exc()[-1500:]}")
                raise

        flags = [
            f"-runs={inputs}",
            f"-seed={seed}",
            "-timeout=20",
            "-max_len=16384",
            "-len_control=0",
            "-rss_limit_mb=0",
        ]
        atheris.Setup([sys.argv[0], *flags, f"-artifact_prefix={out}/{name}-", str(corpus)], one)
        limit_memory()
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
