"""Encoded images as files."""

from pathlib import Path


def write_image(file: Path, encoded: bytes) -> None:
    """Write one image; missing folders are made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encoded)
