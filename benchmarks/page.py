"""Write docs/speed.md from the result files beside this script.

python benchmarks/page.py
"""

import sys
from pathlib import Path

from foveate.bench.page import page, read_results
from foveate.files import write_bytes

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    target = HERE.parent / "docs" / "speed.md"
    write_bytes(target, page(read_results(HERE / "results")).encode())
    sys.stdout.write(f"{target}\n")
