"""Events that outlive the process: a log and snapshots in one folder.

The folder holds

- ``log-N``: the appends behind record N, a line a record;
- ``snapshot-N``: a session with the appends up to record N;
- ``lock``, which the process that writes the folder holds.

A record is what was appended at one time, by one or by many requests. It is one
line, CRC-32 and JSON, written and made durable as a whole. The first line of a
log says what the log belongs to and which record it begins behind.

At every instant the newest log and the newest snapshot hold all that was
acknowledged: a snapshot is durable under its name before the log behind it is
begun, and that log is durable under its name before the old files are removed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import zlib
from typing import Any, Callable, Iterator

import numpy as np

from ..errors import DamagedError, InputOutputError, InvalidArgumentError
from ..stream import Stream

__all__ = ["Files", "Store", "identify"]

_FORMAT = "orcinus event log 1"


class Files:
    """What a store asks of the operating system. Tests take others, which fail
    or end at a chosen call."""

    def open(self, path: str, flags: int) -> int:
        return os.open(path, flags | os.O_CLOEXEC, 0o666)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        return os.pwrite(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        os.fdatasync(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def rename(self, path: str, to: str) -> None:
        os.rename(path, to)

    def remove(self, path: str) -> None:
        os.remove(path)

    def sync_folder(self, path: str) -> None:
        """Makes the names of the files in a folder durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def identify(checkpoint: str, history: Stream, block_size: int,
             late_events: str) -> dict[str, Any]:
    """What the files of a server belong to: digests of the checkpoint's file
    and of all that the history holds, and the options that answers depend on.

    Raises InputOutputError where the checkpoint cannot be read.
    """
    path = os.path.join(checkpoint, "checkpoint")
    try:
        with open(path, "rb") as file:
            of_checkpoint = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise InputOutputError(
            f"cannot read '{path}': {error.strerror}") from error
    of_history = hashlib.sha256()
    for array in (history.sources, history.destinations, history.times,
                  history.edge_features, history.node_features):
        of_history.update(str(array.shape).encode())
        of_history.update(np.ascontiguousarray(array).data)
    for name in history.names:
        # Length first, so that names do not run into each other.
        text = str(name).encode()
        of_history.update(b"%d:%s" % (len(text), text))
    return {"checkpoint": of_checkpoint.hexdigest(),
            "history": of_history.hexdigest(),
            "block size": block_size, "late events": late_events}


def _line(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _content(line: bytes) -> dict[str, Any] | None:
    """What _line() was given; None for what is not such a line."""
    match = re.fullmatch(rb"([0-9a-f]{8}) (.*)\n", line, re.DOTALL)
    if match is None or int(match[1], 16) != zlib.crc32(match[2]):
        return None
    try:
        content = json.loads(match[2])
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


class Store:
    """The folder of one server, which holds it until close().

    Raises InputOutputError for another process that holds the folder and for
    errors of the file system, InvalidArgumentError for a folder that belongs to
    another identity, DamagedError for one that lacks what was acknowledged.
    """

    def __init__(self, folder: str, identity: dict[str, Any],
                 files: Files | None = None):
        self.folder = folder
        self.identity = identity
        self._files = files or Files()
        #: The record that was written last.
        self.records = 0
        #: The record that the newest snapshot ends with; 0 for no snapshot.
        self.snapshot_record = 0
        #: The record that the log begins behind.
        self.log_begin = 0
        self._log = -1
        #: Bytes of the log that are durable.
        self.log_bytes = 0
        # Whether the log ends there and its name is durable.
        self._log_is_clean = True
        self._lock = -1
        try:
            with self._failing("open"):
                self._take_lock()
                self._find_files()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the folder up. What was acknowledged stays."""
        if self._log >= 0:
            with contextlib.suppress(OSError):
                self._repair()
        for descriptor in (self._log, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._log = self._lock = -1

    @property
    def snapshot_path(self) -> str | None:
        """The newest snapshot, which the session is to be restored from before
        replay()."""
        return self._path("snapshot", self.snapshot_record) \
            if self.snapshot_record else None

    # ---- Opening ---------------------------------------------------------

    def _path(self, kind: str, record: int) -> str:
        return os.path.join(self.folder, f"{kind}-{record}")

    @contextlib.contextmanager
    def _failing(self, action: str) -> Iterator[None]:
        """Makes an error of ours of one of the operating system."""
        try:
            yield
        except InputOutputError:
            raise
        except OSError as error:
            raise InputOutputError(f"cannot {action} '{self.folder}': "
                                   f"{error.strerror or error}") from error

    def _make_folder(self) -> None:
        """Makes the folder, and what it lies in, under durable names."""
        above = os.path.abspath(self.folder)
        missing = []
        while not os.path.isdir(above):
            missing.append(above)
            above = os.path.dirname(above)
        os.makedirs(self.folder, exist_ok=True)
        for each in missing:
            self._files.sync_folder(os.path.dirname(each))

    def _take_lock(self) -> None:
        self._make_folder()
        self._lock = os.open(os.path.join(self.folder, "lock"),
                             os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputOutputError(
                f"'{self.folder}' is held by another process: one server at a "
                "time writes a folder") from None

    def _numbers(self, kind: str) -> list[int]:
        """The records in the names of the files of a kind, ascending."""
        return sorted(int(name.removeprefix(f"{kind}-"))
                      for name in os.listdir(self.folder)
                      if re.fullmatch(rf"{kind}-(0|[1-9]\d*)", name))

    def _find_files(self) -> None:
        logs, snapshots = self._numbers("log"), self._numbers("snapshot")
        self.snapshot_record = snapshots[-1] if snapshots else 0
        if not logs and snapshots:
            raise DamagedError(
                f"'{self.folder}' has a snapshot but no log: what was appended "
                "behind the snapshot is missing")
        self._remove_leftovers()
        if not logs:
            self._begin_log(0)
            self._repair()
            return
        self.log_begin = logs[-1]
        if self.log_begin > self.snapshot_record:
            raise DamagedError(
                f"'{self._path('log', self.log_begin)}' begins behind a "
                "snapshot that is missing")
        self._log = self._files.open(self._path("log", self.log_begin),
                                     os.O_RDWR)
        self.records = self.log_begin
        self._check_header()

    def _remove_leftovers(self) -> None:
        """Removes what was being written when a process ended."""
        for name in os.listdir(self.folder):
            if re.fullmatch(r"log-\d+\.new|snapshot-\d+\.tmp\..*", name):
                self._files.remove(os.path.join(self.folder, name))

    def _check_header(self) -> None:
        path = self._path("log", self.log_begin)
        with open(path, "rb") as file:
            header = _content(file.readline())
        if header is None or header.get("format") != _FORMAT \
                or header.get("after") != self.log_begin:
            raise DamagedError(f"'{path}' is not the log of a server")
        for key, value in self.identity.items():
            if header["identity"].get(key) != value:
                raise InvalidArgumentError(
                    f"'{self.folder}' belongs to a server with another {key}: "
                    f"give the same {key}, or another folder")

    # ---- Reading ---------------------------------------------------------

    def replay(self) -> Iterator[dict[str, Any]]:
        """The records that the snapshot lacks, in order.

        A last line that is not whole, which a process that was killed has left,
        is cut off. Raises DamagedError for any other line that is not whole.
        Afterwards append() may be called.
        """
        path = self._path("log", self.log_begin)
        with open(path, "rb") as file:
            self.log_bytes = len(file.readline())
            for line in file:
                record = _content(line)
                if record is None:
                    self._check_torn(path, file)
                    break
                if record.get("record") != self.records + 1:
                    raise DamagedError(
                        f"'{path}' lacks the record {self.records + 1}")
                self.records += 1
                self.log_bytes += len(line)
                if self.records > self.snapshot_record:
                    yield record
        with self._failing("write"):
            self._finish_rotation()

    def _check_torn(self, path: str, rest: Iterator[bytes]) -> None:
        """A record is written once the one before is durable: behind one that
        was acknowledged, and only there, is another that is whole."""
        if any(_content(line) is not None for line in rest):
            raise DamagedError(
                f"'{path}' is damaged in the record {self.records + 1}: "
                "restore the folder from a copy")
        self._log_is_clean = False

    def _finish_rotation(self) -> None:
        """Does what a process that was killed had not come to."""
        if self.records <= self.snapshot_record != self.log_begin:
            self.records = self.snapshot_record
            self._begin_log(self.records)
            self._repair()
        self._remove_old()

    # ---- Writing ---------------------------------------------------------

    def append(self, content: dict[str, Any]) -> None:
        """Makes a record of ``content``, which JSON can say, durable.

        Raises InputOutputError, after which the log is as it was before, or
        will be once that can be done; a process that ends before leaves it open
        whether the record is there.
        """
        line = _line({"record": self.records + 1, **content})
        with self._failing("write the log in"):
            if os.fstat(self._log).st_nlink == 0:
                # What is written to it would vanish with this process.
                raise OSError(errno.ENOENT, "the log was removed: restart the "
                              "server")
            self._repair()
            self._log_is_clean = False
            try:
                self._write(self._log, line, self.log_bytes)
            except OSError as error:
                self._take_back(error)
                raise
        self._log_is_clean = True
        self.records += 1
        self.log_bytes += len(line)

    def _write(self, descriptor: int, data: bytes, offset: int) -> None:
        written = 0
        while written != len(data):
            written += self._files.write(descriptor, data[written:],
                                         offset + written)
        self._files.sync(descriptor)

    def _take_back(self, error: OSError) -> None:
        """Cuts off a record that could not be written. Where that fails, too,
        it is done before the next one is written, or at the end."""
        try:
            self._repair()
        except OSError:
            error.strerror = (f"{error.strerror}; if the server ends now, it "
                              "is open whether the events are there")

    def _repair(self) -> None:
        """Cuts off what was not acknowledged, and makes the log's name
        durable."""
        if self._log_is_clean:
            return
        self._files.truncate(self._log, self.log_bytes)
        self._files.sync(self._log)
        self._files.sync_folder(self.folder)
        self._log_is_clean = True

    def snapshot(self, save: Callable[[str], None]) -> None:
        """Writes a snapshot of all records by ``save``, which makes a file
        durable before that has the name that it is given, and begins the log
        anew behind it.

        Raises InputOutputError; what was there before is then kept.
        """
        if self.records == self.log_begin:
            return
        with self._failing("write a snapshot in"):
            save(self._path("snapshot", self.records))
            self._files.sync_folder(self.folder)
            self.snapshot_record = self.records
            self._begin_log(self.records)
            self._repair()
            self._remove_old()

    def _begin_log(self, record: int) -> None:
        path = self._path("log", record)
        header = _line({"format": _FORMAT, "after": record,
                        "identity": self.identity})
        opened = self._files.open(path + ".new",
                                  os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            self._write(opened, header, 0)
            self._files.rename(path + ".new", path)
        except OSError:
            os.close(opened)
            raise
        # From here on a start takes the new log: so does this process, even if
        # the folder cannot be made durable yet. _repair() then tries again
        # before anything is acknowledged.
        if self._log >= 0:
            os.close(self._log)
        self._log, self.log_begin = opened, record
        self.log_bytes = len(header)
        self._log_is_clean = False

    def _remove_old(self) -> None:
        for kind, kept in (("log", self.log_begin),
                           ("snapshot", self.snapshot_record)):
            for record in self._numbers(kind):
                if record != kept:
                    self._files.remove(self._path(kind, record))
