"""What is known of a prepared set, in a file beside it: what it holds, how its faces stand, how it was made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, final

from foveate.doctor.alignment import Alignment
from foveate.doctor.digests import NAME
from foveate.errors import DataError

FORMAT: Final = 1
"""Version of the layout of manifests."""

_REMEDY: Final = "Delete it, or prepare the set anew"


@final
@dataclass(frozen=True)
class Manifest:
    """The manifest of a set.

    Attributes:
        kind: what it holds: ``training``, ``verification``, ``identification``, several joined by ``+``, or ``images``.
        contents: its counts, and the SHA-256 of the class list (``LabelledImages.fingerprint``).
        colour: order of the colour channels as the images tell it (``foveate.doctor.colour``).
        alignment: where the eyes of the mean face stand, if there are faces.
        sha256: digest of each file, and of each folder of files (``foveate.doctor.digests``).
        made: the command that made it, its arguments, and name and manifest hash of its source.
        foveate: version that made it.
    """

    kind: str
    contents: Mapping[str, Any]
    colour: Mapping[str, Any] | None
    alignment: Alignment | None
    sha256: Mapping[str, str]
    made: Mapping[str, Any]
    foveate: str

    def as_json(self) -> dict[str, Any]:
        """Values for the file."""
        faces = self.alignment
        return {
            "format": FORMAT,
            "foveate": self.foveate,
            "kind": self.kind,
            "contents": dict(self.contents),
            "colour": None if self.colour is None else dict(self.colour),
            "alignment": None if faces is None else faces.as_json(),
            "made": dict(self.made),
            "sha256": dict(self.sha256),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The inverse of ``as_json``; raises KeyError, TypeError or ValueError where something is missing."""
        if value["format"] != FORMAT:
            raise ValueError(f"it is of format {value['format']}, not {FORMAT}")
        faces = value["alignment"]
        alignment = None if faces is None else Alignment.from_json(faces)
        kind, version = str(value["kind"]), str(value["foveate"])
        contents, colour, sha256, made = (value[key] for key in ("contents", "colour", "sha256", "made"))
        if not all(isinstance(part, dict) for part in (contents, sha256, made, colour or {})):
            raise TypeError("a part of it is no mapping")
        return cls(kind, contents, colour, alignment, sha256, made, version)


def manifest_file(path: Path) -> Path:
    """Where the manifest of a set is written: in its folder, or beside a .bin file as NAME.manifest.json."""
    if path.is_dir() or not path.suffix:
        return path / NAME
    return path.parent / NAME if path.suffix.lower() == ".rec" else path.with_name(f"{path.stem}.{NAME}")


def find_manifest(path: Path) -> Path | None:
    """The manifest that speaks of a set: its own, or that of the folder it was prepared with; None if there is none."""
    own, around = manifest_file(path), path.parent / NAME
    if own.is_file():
        return own
    return around if not path.is_dir() and around.is_file() and path.name in read_manifest(around).sha256 else None


def read_manifest(file: Path) -> Manifest:
    """Read a manifest.

    Raises:
        DataError: it cannot be read, or is no manifest of this format.
    """
    try:
        return Manifest.from_json(json.loads(file.read_bytes()))
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", file=file, remedy="Make it readable") from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        problem = f"it is no manifest that this version knows ({type(error).__name__}: {error})"
        raise DataError(problem, file=file, remedy=_REMEDY) from error


def manifest_hash(file: Path) -> str:
    """SHA-256 of a manifest, by which runs and other manifests name it."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def manifest_note(path: Path) -> dict[str, Any] | None:
    """What a run records of the set it is trained on: the manifest's hash, and how its faces are; None without one.

    Raises:
        DataError: as ``read_manifest``.
    """
    file = find_manifest(path)
    if file is None:
        return None
    known = read_manifest(file).as_json()
    return {"manifest_sha256": manifest_hash(file), **{key: known[key] for key in ("colour", "alignment")}}
