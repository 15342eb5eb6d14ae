"""What is done, so that work that was interrupted goes on: one line of JSON a photo, until all are done.

While photos are being worked on, ``.align.jsonl`` grows; when all are done, ``align.json`` holds everything and the
other file goes.
"""

import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, final

from foveate.align.record import PhotoRecord
from foveate.errors import DataError
from foveate.files import lock, write_json

JOURNAL: Final = ".align.jsonl"
RESULT: Final = "align.json"
_REMEDY: Final = "Delete the folder and begin again, or name another one (--out)"


@final
class Ledger:
    """The records of one folder of crops; to be used in a ``with`` block, which keeps other processes out.

    Args:
        out: the folder of crops; made where it is missing.
        settings: what crops depend on, besides the photos.

    Raises:
        DataError: the folder holds other things, was made with other settings, is damaged, or is being worked on.
    """

    def __init__(self, out: Path, settings: Mapping[str, Any]) -> None:
        self._out, self._settings = out, dict(settings)
        self.records: dict[str, PhotoRecord] = {}
        started = (out / JOURNAL).exists() or (out / RESULT).exists()
        if not started and out.is_dir() and any(out.iterdir()):
            raise DataError("the folder holds other files", file=out, remedy="Name an empty or a new folder (--out)")
        out.mkdir(parents=True, exist_ok=True)
        self._file = (out / JOURNAL).open("a+", encoding="utf-8", errors="surrogateescape", newline="\n")
        try:
            self._lock()
            self._read()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def is_done(self, photo: str, state: str = "") -> bool:
        """Whether a photo was read and worked on, is still the same (in this state), and all of its crops are there."""
        record = self.records.get(photo)
        return (
            record is not None
            and not record.unreadable
            and (not record.state or record.state == state)
            and all((self._out / crop.file).is_file() for crop in record.crops)
        )

    def add(self, records: Iterable[PhotoRecord]) -> None:
        """Note what came of photos; on disk when this returns. Their crops have to be there already.

        Crops that a photo gave before and does not give any more are deleted.
        """
        for record in records:
            before = self.records.get(record.photo)
            for file in {crop.file for crop in before.crops} - {crop.file for crop in record.crops} if before else ():
                (self._out / file).unlink(missing_ok=True)
            self.records[record.photo] = record
            self._file.write(json.dumps(record.to_json()) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def forget(self, photos: Collection[str]) -> None:
        """Leave out what is known of photos that are not among these any more, and of which no crop is left.

        Damaged ones gave none; of one that came again with another ending, the crop is the new photo's.
        """
        taken = {crop.file for name, record in self.records.items() if name in photos for crop in record.crops}
        away = {name: record for name, record in self.records.items() if name not in photos}
        gone = [name for name, record in away.items() if {crop.file for crop in record.crops} <= taken]
        for name in gone:
            del self.records[name]

    def finish(self, summary: Mapping[str, Any]) -> Path:
        """Write ``align.json`` with all records, and take the journal away."""
        photos = [self.records[name].to_json() for name in sorted(self.records)]
        write_json(self._out / RESULT, {"settings": self._settings, "summary": dict(summary), "photos": photos})
        (self._out / JOURNAL).unlink()
        return self._out / RESULT

    def _lock(self) -> None:
        if not lock(self._file):
            remedy = "Wait for the other process, or name another folder (--out)"
            raise DataError("the folder is being worked on", file=self._out, remedy=remedy)

    def _read(self) -> None:
        """Take up the result, then the journal; begin the journal with the settings."""
        result = self._out / RESULT
        if result.exists():
            known = _parsed(result.read_text(encoding="utf-8"), result)
            known = known if isinstance(known, dict) else {}
            self._check(known.get("settings"), result)
            self._keep(known.get("photos", ()), result)
        self._file.seek(0)
        text, _, cut_off = self._file.read().rpartition("\n")  # what follows the last line end was cut off by a kill
        if text:
            settings, *lines = text.split("\n")
            self._check(_parsed(settings, self._out / JOURNAL), self._out / JOURNAL)
            self._keep([_parsed(line, self._out / JOURNAL) for line in lines], self._out / JOURNAL)
        if cut_off:
            self._file.truncate(os.fstat(self._file.fileno()).st_size - len(cut_off.encode(errors="surrogateescape")))
        if not text:
            self._file.write(json.dumps(self._settings) + "\n")
            self.add(())

    def _keep(self, photos: Iterable[Mapping[str, Any]], file: Path) -> None:
        try:
            self.records |= {record.photo: record for record in map(PhotoRecord.from_json, photos)}
        except (TypeError, KeyError) as error:
            raise DataError("holds no records of photos", file=file, remedy=_REMEDY) from error

    def _check(self, settings: Any, file: Path) -> None:
        if not isinstance(settings, dict):
            raise DataError("holds no settings", file=file, remedy=_REMEDY)
        if settings != self._settings:
            other = [key for key in self._settings if settings.get(key) != self._settings[key]]
            told = ", ".join(f"{key} was {settings.get(key)!r} and is {self._settings[key]!r}" for key in other)
            remedy = "Give the same settings, or another folder (--out)"
            raise DataError(f"the crops were made otherwise: {told}", file=file, remedy=remedy)


def _parsed(text: str, file: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError("is damaged", file=file, remedy=_REMEDY) from error
