"""The log and the snapshots, with errors and ends at every call of the
operating system."""

from __future__ import annotations

import errno
import json
import os
import pathlib
from typing import Any, Callable

import pytest

from orcinus.errors import (DamagedError, InputOutputError,
                            InvalidArgumentError)
from orcinus.serve.durable import Files, Store

IDENTITY = {"checkpoint": "c", "history": "h", "block size": 1}


class Killed(BaseException):
    """The process ended here."""


class Faulty(Files):
    """Ends or fails at its calls with the numbers ``faults``."""

    def __init__(self, faults: range, fault: Callable[[], BaseException]):
        self.faults, self.fault = faults, fault
        self.calls = 0
        #: Bytes of files that are durable, by the files' numbers.
        self.durable: dict[int, int] = {}
        self.opened: list[int] = []

    def _count(self, otherwise: Callable[[], None] = lambda: None) -> None:
        self.calls += 1
        if self.calls - 1 in self.faults:
            otherwise()
            raise self.fault()

    def open(self, path: str, flags: int) -> int:
        self._count()
        descriptor = super().open(path, flags)
        self.opened.append(os.dup(descriptor))
        self.durable[os.fstat(descriptor).st_ino] = \
            os.fstat(descriptor).st_size
        return descriptor

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        half = data[:len(data) // 2]
        self._count(lambda: super(Faulty, self).write(
            descriptor, half, offset) and None)
        return super().write(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        # The disk itself is not waited for: only this is checked.
        self._count()
        self.durable[os.fstat(descriptor).st_ino] = \
            os.fstat(descriptor).st_size

    def truncate(self, descriptor: int, size: int) -> None:
        self._count()
        super().truncate(descriptor, size)

    def rename(self, path: str, to: str) -> None:
        self._count()
        super().rename(path, to)

    def remove(self, path: str) -> None:
        self._count()
        super().remove(path)

    def sync_folder(self, path: str) -> None:
        self._count()

    def lose_power(self) -> None:
        """What was written but not made durable is now zeros."""
        for descriptor in self.opened:
            information = os.fstat(descriptor)
            kept = self.durable[information.st_ino]
            if kept < information.st_size:
                os.pwrite(descriptor, bytes(information.st_size - kept), kept)

    def close(self) -> None:
        for descriptor in self.opened:
            os.close(descriptor)


class Values:
    """What stands for a session: a list that can be saved and restored."""

    def __init__(self, folder: pathlib.Path, files: Files | None = None):
        self.files = files or Files()
        self.store = Store(str(folder), IDENTITY, self.files)
        self.values: list[int] = []
        try:
            if self.store.snapshot_path:
                self.values = json.loads(
                    pathlib.Path(self.store.snapshot_path).read_text())
            for record in self.store.replay():
                self.values.append(record["value"])
        except BaseException:
            self.store.close()
            raise

    def append(self, value: int) -> None:
        self.store.append({"value": value})
        self.values.append(value)

    def save(self, path: str) -> None:
        beside = path + ".tmp.1.0"
        opened = self.files.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            self.files.write(opened, json.dumps(self.values).encode(), 0)
            self.files.sync(opened)
        finally:
            os.close(opened)
        self.files.rename(beside, path)

    def snapshot(self) -> None:
        self.store.snapshot(self.save)


def recovered(folder: pathlib.Path) -> list[int]:
    again = Values(folder)
    again.store.close()
    return again.values


def run(folder: pathlib.Path, files: Faulty) -> tuple[list[int], list[int]]:
    """Opens, appends and saves in turn, until a call ends the process: which
    values were acknowledged, and which were begun."""
    acknowledged: list[int] = []
    begun: list[int] = []
    store = None
    try:
        for opening in range(2):
            try:
                values = Values(folder, files)
            except InputOutputError:
                continue
            store = values.store
            for value in range(4 * opening, 4 * opening + 4):
                begun.append(value)
                try:
                    values.append(value)
                    acknowledged.append(value)
                    if value % 3 == 1:
                        values.snapshot()
                except InputOutputError:
                    pass
            store.close()
            store = None
    except Killed:
        pass
    finally:
        if store is not None:
            store.close()
    return acknowledged, begun


def calls_of_a_run(folder: pathlib.Path) -> int:
    files = Faulty(range(0), Killed)
    acknowledged, _ = run(folder, files)
    files.close()
    assert acknowledged == list(range(8))
    return files.calls


@pytest.mark.parametrize("loses_power", [False, True])
def test_ends_at_every_call_lose_nothing(tmp_path: pathlib.Path,
                                         loses_power: bool) -> None:
    calls = calls_of_a_run(tmp_path / "whole")
    assert calls > 40
    for end in range(calls):
        folder = tmp_path / str(end)
        files = Faulty(range(end, end + 1), Killed)
        acknowledged, begun = run(folder, files)
        if loses_power:
            files.lose_power()
        files.close()
        found = recovered(folder)
        # The one that was being written may be there or not.
        assert found in (acknowledged, begun), f"after call {end}"
        again = Values(folder)
        again.append(100)
        again.snapshot()
        again.append(101)
        again.store.close()
        assert recovered(folder) == found + [100, 101]


@pytest.mark.parametrize("length", [1, 2, 7])
def test_errors_at_every_call_lose_nothing(tmp_path: pathlib.Path,
                                           length: int) -> None:
    calls = calls_of_a_run(tmp_path / "whole")
    for first in range(calls):
        folder = tmp_path / str(first)
        files = Faulty(range(first, first + length),
                       lambda: OSError(errno.ENOSPC, "No space left"))
        acknowledged, begun = run(folder, files)
        files.close()
        found = recovered(folder)
        if length == 1:
            # What was refused is not there.
            assert found == acknowledged, f"after call {first}"
        # Where taking back fails, too, until the end, it is open.
        assert set(acknowledged) <= set(found) <= set(begun)
        assert found == sorted(found), f"after call {first}"


def test_a_full_disk_refuses_until_there_is_room(
        tmp_path: pathlib.Path) -> None:
    files = Faulty(range(0), lambda: OSError(errno.ENOSPC, "No space left"))
    values = Values(tmp_path, files)
    values.append(0)
    files.faults = range(files.calls, files.calls + 1000)
    for _ in range(3):
        with pytest.raises(InputOutputError, match="No space left"):
            values.append(1)
    files.faults = range(0)
    values.append(2)
    values.store.close()
    files.close()
    assert recovered(tmp_path) == [0, 2]


def test_a_refused_record_is_taken_back_at_once(
        tmp_path: pathlib.Path) -> None:
    class Unsynced(Files):
        """Writes, but does not know it."""

        fails = False

        def sync(self, descriptor: int) -> None:
            if self.fails:
                self.fails = False
                raise OSError(errno.EIO, "Input/output error")

    files = Unsynced()
    values = Values(tmp_path, files)
    values.append(0)
    before = (tmp_path / "log-0").read_bytes()
    files.fails = True
    with pytest.raises(InputOutputError, match="Input/output error"):
        values.append(1)
    assert (tmp_path / "log-0").read_bytes() == before
    values.store.close()


def test_a_log_whose_name_is_not_durable_acknowledges_nothing(
        tmp_path: pathlib.Path) -> None:
    class Nameless(Files):
        """Counts down until folders cannot be made durable."""

        until = 1000

        def sync_folder(self, path: str) -> None:
            self.until -= 1
            if self.until < 0:
                raise OSError(errno.EIO, "Input/output error")

    files = Nameless()
    values = Values(tmp_path, files)
    values.append(0)
    # The snapshot's name is durable, the new log's is not.
    files.until = 1
    with pytest.raises(InputOutputError):
        values.snapshot()
    assert "log-0" in os.listdir(tmp_path)
    with pytest.raises(InputOutputError):
        values.append(1)
    files.until = 1000
    values.append(2)
    values.store.close()
    assert recovered(tmp_path) == [0, 2]


def test_a_torn_last_line_is_cut_off(tmp_path: pathlib.Path) -> None:
    values = Values(tmp_path)
    for value in range(3):
        values.append(value)
    values.store.close()
    log = tmp_path / "log-0"
    whole = log.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    for size in range(last, len(whole)):
        log.write_bytes(whole[:size])
        assert recovered(tmp_path) == [0, 1]
        assert log.read_bytes() == whole[:last]


def test_a_damaged_line_that_is_not_the_last_is_an_error(
        tmp_path: pathlib.Path) -> None:
    values = Values(tmp_path)
    for value in range(3):
        values.append(value)
    values.store.close()
    log = tmp_path / "log-0"
    whole = log.read_bytes()
    place = whole.index(b'"value":1')
    log.write_bytes(whole[:place] + whole[place:].replace(b"1", b"7", 1))
    with pytest.raises(DamagedError, match="damaged in the record 2"):
        recovered(tmp_path)
    # It is left for whoever repairs it.
    assert len(log.read_bytes()) == len(whole)


def test_a_missing_line_is_an_error(tmp_path: pathlib.Path) -> None:
    values = Values(tmp_path)
    for value in range(3):
        values.append(value)
    values.store.close()
    log = tmp_path / "log-0"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(DamagedError, match="lacks the record 2"):
        recovered(tmp_path)


@pytest.mark.parametrize("key", IDENTITY)
def test_another_identity_is_refused(tmp_path: pathlib.Path,
                                     key: str) -> None:
    Store(str(tmp_path), IDENTITY).close()
    with pytest.raises(InvalidArgumentError, match=f"another {key}"):
        Store(str(tmp_path), {**IDENTITY, key: "other"})
    # Nothing was taken from it.
    assert recovered(tmp_path) == []


@pytest.mark.parametrize("text", [
    b"", b"hello\n", b"00000000 {}\n", b'{"format":"orcinus event log 1"}\n'])
def test_another_file_is_no_log(tmp_path: pathlib.Path, text: bytes) -> None:
    (tmp_path / "log-0").write_bytes(text)
    with pytest.raises(DamagedError, match="is not the log of a server"):
        Store(str(tmp_path), IDENTITY)
    assert (tmp_path / "log-0").read_bytes() == text


def test_a_missing_snapshot_or_log_is_an_error(
        tmp_path: pathlib.Path) -> None:
    values = Values(tmp_path)
    values.append(0)
    values.snapshot()
    values.store.close()
    assert sorted(os.listdir(tmp_path)) == ["lock", "log-1", "snapshot-1"]
    os.rename(tmp_path / "snapshot-1", tmp_path / "aside")
    with pytest.raises(DamagedError, match="a snapshot that is missing"):
        recovered(tmp_path)
    os.rename(tmp_path / "aside", tmp_path / "snapshot-1")
    os.remove(tmp_path / "log-1")
    with pytest.raises(DamagedError, match="no log"):
        recovered(tmp_path)


def test_leftovers_are_removed(tmp_path: pathlib.Path) -> None:
    Store(str(tmp_path), IDENTITY).close()
    for name in ("log-7.new", "snapshot-7.tmp.12.0"):
        (tmp_path / name).write_bytes(b"half")
    (tmp_path / "notes").write_bytes(b"somebody's")
    Store(str(tmp_path), IDENTITY).close()
    assert sorted(os.listdir(tmp_path)) == ["lock", "log-0", "notes"]


def test_one_process_holds_a_folder(tmp_path: pathlib.Path) -> None:
    store = Store(str(tmp_path), IDENTITY)
    with pytest.raises(InputOutputError, match="held by another process"):
        Store(str(tmp_path), IDENTITY)
    store.close()
    Store(str(tmp_path), IDENTITY).close()


def test_a_log_that_was_removed_acknowledges_nothing(
        tmp_path: pathlib.Path) -> None:
    values = Values(tmp_path)
    values.append(0)
    os.remove(tmp_path / "log-0")
    with pytest.raises(InputOutputError, match="the log was removed"):
        values.append(1)
    values.store.close()


def test_the_names_of_new_folders_are_durable(tmp_path: pathlib.Path) -> None:
    class Noting(Files):
        synced: list[str] = []

        def sync_folder(self, path: str) -> None:
            self.synced.append(path)
            super().sync_folder(path)

    files = Noting()
    Store(str(tmp_path / "a" / "b"), IDENTITY, files).close()
    assert set(files.synced) == {str(tmp_path), str(tmp_path / "a"),
                                 str(tmp_path / "a" / "b")}


def test_a_folder_that_cannot_be_made_is_an_error(
        tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputOutputError, match="cannot open"):
        Store(str(tmp_path / "file"), IDENTITY)


def test_records_keep_any_text(tmp_path: pathlib.Path) -> None:
    value: Any = "line\nend\0 é 𝄞 \""
    values = Values(tmp_path)
    values.append(value)
    values.store.close()
    assert recovered(tmp_path) == [value]
