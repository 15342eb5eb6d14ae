"""foveate data show PATH: count a data set and draw a contact sheet."""

from pathlib import Path
from typing import Annotated, Any

import tyro

from foveate.commands.terminal import answer

Json = Annotated[bool, tyro.conf.arg(name="json")]


def show(
    path: tyro.conf.Positional[Path],
    /,
    *,
    ratio: tuple[int, ...] = (2, 4, 8),
    sheet: Path = Path("contact-sheet.png"),
    seed: int = 0,
    as_json: Json = False,
) -> None:
    """Count a data set, show its manifest and the shapes of one batch, and draw a contact sheet.

    Args:
        path: a folder with train.rec, identity folders, *.bin, pairs.txt or TinyFace; or one such file.
        ratio: down-sampling ratios shown on the contact sheet below the sharp faces.
        sheet: where the contact sheet goes (PNG).
        seed: which images are shown.
        as_json: print the counts as JSON.
    """
    from foveate.data.pairs import VerificationPairs
    from foveate.doctor.write_manifest import contents_of
    from foveate.errors import DataError

    if path.is_dir() and sheet.resolve().is_relative_to(path.resolve()):
        remedy = "Name another place with --sheet."
        raise DataError("the contact sheet would be among the images", file=sheet, remedy=remedy)
    found: dict[str, Any] = {"path": str(path)}
    images, sets = contents_of(path)
    found["verification"] = [
        {"set": pairs.name, "pairs": len(pairs), "same": int(pairs.same.sum()), "images": len(pairs.images)}
        for pairs in sets
        if isinstance(pairs, VerificationPairs)
    ]
    found["identification"] = [
        {"set": each.name, "probes": len(each), "gallery": len(each.gallery), "distractors": each.distractors}
        for each in sets
        if not isinstance(each, VerificationPairs)
    ]
    if images is None:
        encoded = [sets[0].images[number] for number in range(min(8, len(sets[0].images)))]
    else:
        found["training"] = _count(images)
        found["batch"], encoded = _batch(images, seed)
    found["manifest"] = _manifest(path)
    found["sheet"] = str(_sheet(path, encoded, ratio, sheet))
    answer(found, as_json=as_json, text=_words(found))


def _count(images: Any) -> dict[str, Any]:
    import numpy as np

    each = np.bincount(images.labels, minlength=len(images.classes))
    return {
        "images": len(images),
        "classes": len(images.classes),
        "images_per_class": {"min": int(each.min()), "median": float(np.median(each)), "max": int(each.max())},
        "class_list_sha256": images.fingerprint(),
    }


def _manifest(path: Path) -> dict[str, Any] | None:
    """The manifest with its place and hash, without the digests of all files."""
    from foveate.doctor.manifest import find_manifest, manifest_hash, read_manifest

    file = find_manifest(path)
    if file is None:
        return None
    content = read_manifest(file).as_json()
    entries = len(content.pop("sha256"))
    return {"file": str(file), "sha256": manifest_hash(file), "entries": entries, **content}


def _batch(images: Any, seed: int) -> tuple[dict[str, str], list[bytes]]:
    from foveate.chance import generator
    from foveate.data.decode import decode
    from foveate.data.exact_size import ExactSize
    from foveate.data.loader import batches

    some = generator(seed).permutation(len(images))[:8].tolist()
    sizes = {decode(images.encoded(each), file=images.path, record=images.record(each)).shape[:2] for each in some}
    height, width = min(sizes)
    if len(sizes) > 1 or height != width:
        told = " and ".join(f"{each[0]} x {each[1]}" for each in sorted({min(sizes), max(sizes)}))
        no_batch = f"none, since images are of {told} pixels: cut the faces out first (foveate align)"
        return {"images": no_batch, "label": "none"}, [images.encoded(each) for each in some]
    pixels, label, index = next(
        batches(images, batch=min(8, len(images)), framing=ExactSize(height), seed=seed, epoch=0)
    )
    shapes = {"images": f"{tuple(pixels.shape)} {pixels.dtype}", "label": f"{tuple(label.shape)} {label.dtype}"}
    return shapes, [images.encoded(int(number)) for number in index]


def _sheet(path: Path, encoded: list[bytes], ratio: tuple[int, ...], sheet: Path) -> Path:
    """Rows: sharp, then each ratio; columns: faces."""
    import io

    import numpy as np
    import torch
    from PIL import Image

    from foveate.data.decode import decode
    from foveate.degrade.preset import degradation
    from foveate.files import write_bytes
    from foveate.views import FaceViews

    size = 112
    pixels = [decode(item, file=path, record=number) for number, item in enumerate(encoded)]
    faces = [Image.fromarray(item).resize((size, size)) for item in pixels]
    sharp = FaceViews().normalise(torch.from_numpy(np.stack([np.asarray(face) for face in faces])))
    rows = [sharp, *(degradation("paper", ratio=(value,), size=size)(sharp) for value in ratio)]
    grid = torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)
    drawn = ((grid.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    buffer = io.BytesIO()
    Image.fromarray(drawn).save(buffer, "PNG")
    write_bytes(sheet, buffer.getvalue())
    return sheet


def _words(found: dict[str, Any]) -> str:
    lines = [found["path"]]
    if "training" in found:
        training = found["training"]
        each = training["images_per_class"]
        lines.append(
            f"  training: {training['images']:,} images of {training['classes']:,} identities "
            f"({each['min']} to {each['max']} each, median {each['median']:g})"
        )
        lines.append(f"  a batch: images {found['batch']['images']}, labels {found['batch']['label']}")
    lines += [
        f"  verification {item['set']}: {item['pairs']:,} pairs ({item['same']:,} of one person), "
        f"{item['images']:,} images"
        for item in found["verification"]
    ]
    lines += [
        f"  identification {item['set']}: {item['probes']:,} probes, {item['gallery']:,} in the gallery, "
        f"{item['distractors']:,} of them distractors"
        for item in found["identification"]
    ]
    lines += _of_manifest(found["manifest"])
    return "\n".join([*lines, f"  contact sheet: {found['sheet']}"])


def _of_manifest(known: dict[str, Any] | None) -> list[str]:
    if known is None:
        return ["  no manifest"]
    made, eyes, colour = known["made"], known["alignment"], known["colour"]
    arguments = ", ".join(f"{name} {value}" for name, value in made["arguments"].items())
    source = f" from {made['source']['name']}" if made["source"] else ""
    lines = [f"  manifest {known['sha256'][:12]}: {known['kind']}, by '{made['command']}'{source} ({arguments})"]
    if eyes is not None:
        lines.append(
            f"  faces: eyes at {tuple(eyes['left_eye'])} and {tuple(eyes['right_eye'])}, clarity {eyes['clarity']:g}; "
            f"colour order {colour['order']}"
        )
    return lines
