"""foveate align PHOTOS --out FOLDER: raw photos become crops of faces."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from foveate.commands.terminal import Bar, answer


@dataclass(frozen=True)
class Flags:
    """Find the faces of photos and cut them out: 112 x 112 pixels, as all else in this package takes them.

    Folders below PHOTOS are kept, so identity/photo.jpg becomes identity/photo.png. What was interrupted goes on with
    the same command. OUT/align.json says of every photo what was found, or why it was dropped; OUT/align.html shows
    crops and dropped photos. It shows faces: mind whose they are before you pass it on.

    Attributes:
        photos: a folder of JPEG, PNG, BMP or WebP files, at any depth.
        out: folder of the crops; a new one, or one that this command began.
        crop: "similarity" turns, shifts and scales the photo so that eyes, nose and mouth lie where recognition
            networks expect them; "box" stretches the box of the face, as the A-SKD paper did.
        size: side of the crops in pixels; for "similarity" a multiple of 112 or 128.
        choice: of several faces: "central", the one nearest to the middle of the photo (distances count in sizes of
            the face), as photos of a data set are made around the person they are filed under; "largest"; or "all".
        boxes: a text file that says which faces are meant, in place of a choice: lines of photo, left, top, right and
            bottom edge in pixels. With --crop box they are cut out as they are, without a detector.
        undetected: where no face is found: "drop" the photo; "resize" all of it (or of its box); or "centre", resize
            the largest square in its middle.
        detector: "mtcnn", "yunet" (needs 'foveate[align]' and --weights), or "tinaface", a detector that 'foveate train
            widerface_...' made; it knows no eyes, so faces are taken to be upright, and not turned.
        weights: YuNet's ONNX file, TinaFace's model.safetensors, or a folder with MTCNN's pnet.pt, rnet.pt and onet.pt
            in place of the installed.
        upsample: enlarge photos so many times before they are searched, for tiny faces.
        border: surround photos by so much of their longer side before they are searched, for photos cut to the face.
        min_face: side of the smallest face MTCNN looks for, in pixels of the enlarged photo; larger is faster.
        min_score: how sure the detector must be, from 0 to 1; by default 0.7 for MTCNN, 0.9 for YuNet, 0.4
            for TinaFace.
        antialias: average over pixels where a photo shrinks; off, as in insightface. For photos of large faces.
        format: "png" loses nothing; "jpeg" (quality 95, 4:4:4) takes about a third of the space.
        batch: photos searched together, at most.
        workers: threads that decode and write.
        device: auto, cpu, cuda, ...
        json: print the summary as JSON.
    """

    photos: tyro.conf.Positional[Path]
    out: Path
    crop: Literal["similarity", "box"] = "similarity"
    size: int = 112
    choice: Literal["central", "largest", "all"] = "central"
    boxes: Path | None = None
    undetected: Literal["drop", "resize", "centre"] = "drop"
    detector: Literal["mtcnn", "yunet", "tinaface"] = "mtcnn"
    weights: Path | None = None
    upsample: float = 1.0
    border: float = 0.0
    min_face: float = 20.0
    min_score: float | None = None
    antialias: bool = False
    format: Literal["png", "jpeg"] = "png"
    batch: int = 16
    workers: int = os.cpu_count() or 1
    device: str = "auto"
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def align(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    flags = tyro.cli(Flags, prog="foveate align", args=list(arguments))
    from foveate.align.job import Work
    from foveate.align.ledger import Ledger
    from foveate.align.summary import summarise
    from foveate.precision import choose_device

    device = choose_device(flags.device)
    work = Work(flags.batch, flags.workers, device)
    job = _job(flags, device)
    settings = _settings(flags, job)
    with Ledger(flags.out, settings) as ledger:
        with Bar("align") as bar:
            job.run(ledger, flags.out, work, tell=lambda done, total: bar.step(done, total, None))
        ledger.forget({*job.photos.names})
        summary = summarise(ledger.records.values(), job.photos.others, {*job.photos.names})
        files = [str(file) for file in _report(flags, ledger, summary, settings)]
    from foveate.report.align import align_words

    _check(summary, flags, ledger)
    files.append(_manifest(flags, settings))
    answer({**summary, "files": files}, as_json=flags.json, text="\n".join([*align_words(summary), *files]))


def _job(flags: Flags, device: Any) -> Any:
    """The work; flags that do not go together are said before anything is begun."""
    from foveate.align.aligner import Aligner
    from foveate.align.boxes import read_boxes
    from foveate.align.job import AlignJob
    from foveate.align.photo_folder import find_photos, stems
    from foveate.errors import DataError, RecipeError

    if flags.boxes is not None and flags.choice != "central":
        raise RecipeError("--boxes and --choice both say which faces are meant", remedy="Leave one of them out")
    if flags.out.resolve().is_relative_to(flags.photos.resolve()):
        raise DataError(
            "the crops would be among the photos", file=flags.out, remedy="Name a folder beside them (--out)"
        )
    photos = find_photos(flags.photos)
    stems(photos.names)
    boxes = None if flags.boxes is None else read_boxes(flags.boxes, photos.names)
    aligner = Aligner(flags.crop, flags.size, flags.choice, flags.undetected, flags.antialias)
    detector = None if boxes is not None and flags.crop == "box" else _detector(flags, device)
    return AlignJob(photos, aligner, detector, boxes, flags.format)


def _detector(flags: Flags, device: Any) -> Any:
    from foveate.commands.detector_model import detector_model
    from foveate.detect.decoding import LOOKED_AT
    from foveate.detect.enlarged import Enlarged
    from foveate.detect.mtcnn import THRESHOLDS, Mtcnn
    from foveate.detect.mtcnn_weights import mtcnn_weights
    from foveate.detect.upright import Upright
    from foveate.detect.yunet import SCORE, YuNet
    from foveate.errors import RecipeError

    if flags.min_score is not None and not 0 <= flags.min_score < 1:
        raise RecipeError(f"--min-score is {flags.min_score:g}", remedy="Give 0 or more, and less than 1")
    if flags.detector == "yunet":
        if flags.weights is None:
            raise RecipeError(
                "YuNet needs its ONNX file", remedy="Name it with --weights (docs/align.md says where it is)"
            )
        found: Any = YuNet(flags.weights, score=SCORE if flags.min_score is None else flags.min_score)
    elif flags.detector == "tinaface":
        if flags.weights is None:
            raise RecipeError("TinaFace needs a model that was trained", remedy="Name it with --weights")
        score = LOOKED_AT if flags.min_score is None else flags.min_score
        # The finder brings photos to a size of its own, and enlarges them from there.
        finder = detector_model(flags.weights, score, device=device, zooms=(flags.upsample,))
        return Enlarged(Upright(finder), border=flags.border)
    else:
        last = THRESHOLDS[2] if flags.min_score is None else flags.min_score
        thresholds = (*THRESHOLDS[:2], last)
        found = Mtcnn(mtcnn_weights(flags.weights), device=device, smallest=flags.min_face, thresholds=thresholds)
    return Enlarged(found, zoom=flags.upsample, border=flags.border)


def _settings(flags: Flags, job: Any) -> dict[str, Any]:
    """What crops depend on."""
    import hashlib

    boxes = None if flags.boxes is None else hashlib.sha256(flags.boxes.read_bytes()).hexdigest()
    return {
        "photos": str(flags.photos.resolve()),
        "detector": None if job.detector is None else job.detector.title,
        "crop": flags.crop,
        "size": flags.size,
        "choice": None if flags.boxes is not None else flags.choice,
        "boxes": boxes,
        "undetected": flags.undetected,
        "antialias": flags.antialias,
        "format": flags.format,
    }


def _report(flags: Flags, ledger: Any, summary: dict[str, Any], settings: dict[str, Any]) -> list[Path]:
    """Write the page and align.json; the journal goes."""
    from foveate.align.contact_sheet import contact_sheet
    from foveate.report.align import write_align_page

    records = [ledger.records[name] for name in sorted(ledger.records)]
    sheet = contact_sheet(records, flags.photos, flags.out)
    groups = [(title, [(tile.jpeg, tile.caption) for tile in tiles]) for title, tiles in sheet.items()]
    page = write_align_page(flags.out / "align.html", summary, settings, groups)
    return [ledger.finish(summary), page]


def _manifest(flags: Flags, settings: dict[str, Any]) -> str:
    from foveate.doctor.write_manifest import write_manifest

    arguments = {name: value for name, value in settings.items() if name != "photos"}
    return str(write_manifest(flags.out, command="align", arguments=arguments, source=flags.photos))


def _check(summary: dict[str, Any], flags: Flags, ledger: Any) -> None:
    """Say aloud what must not be overlooked; all that was made is kept."""
    from foveate.align.summary import MOST_UNREADABLE
    from foveate.errors import DataError

    if summary["unreadable"] > MOST_UNREADABLE * summary["photos"]:
        first = next(ledger.records[name] for name in sorted(ledger.records) if ledger.records[name].unreadable)
        problem = (
            f"{summary['unreadable']:,} of {summary['photos']:,} photos cannot be read: {'; '.join(first.problems)}"
        )
        others = "; the crops of the others are made" if summary["crops"] else ""
        remedy = (
            f"Replace them or take them out, and run the command again; {flags.out / 'align.html'} lists them{others}"
        )
        raise DataError(problem, file=flags.photos, record=first.photo, remedy=remedy)
    if not summary["crops"]:
        remedy = "Try --upsample 3 for tiny faces, a lower --min-score, or --undetected resize"
        raise DataError(f"no face was found in {summary['photos']:,} photos", file=flags.photos, remedy=remedy)
