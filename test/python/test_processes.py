"""A script that mpirun starts trains the same run."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
import sys
import orcinus

stream = orcinus.Stream.synthetic(nodes=60, events=1200, seed=2, features=2)
trainer = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=3,
                          epochs=2, threads=1, shards=2, seed=1)
report = trainer.fit()
if len(sys.argv) > 1 and orcinus.processes.rank() == 1:
    raise RuntimeError("mine alone")
if orcinus.processes.rank() == 0:
    print(orcinus.processes.world_size(), report.ap,
          trainer.states["state:memory"].sum())
if len(sys.argv) > 1:
    trainer.step()
"""


@pytest.fixture()
def run(tmp_path):
    if shutil.which("mpirun") is None:
        pytest.skip("mpirun is not installed")
    (tmp_path / "train.py").write_text(textwrap.dedent(SCRIPT))
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1",
                       OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def call(processes, *arguments):
        start = ["mpirun", "--oversubscribe", "-n", str(processes)] \
            if processes > 1 else []
        return subprocess.run(
            [*start, sys.executable, tmp_path / "train.py", *arguments],
            env=environment, capture_output=True, text=True, timeout=120)

    return call


def test_is_the_run_of_one_process(run):
    alone, two = run(1), run(2)
    assert alone.returncode == two.returncode == 0, two.stderr
    assert alone.stdout.split()[0] == "1" and two.stdout.split()[0] == "2"
    assert alone.stdout.split()[1:] == two.stdout.split()[1:]


STOPPED = """
import os
import signal
import sys
import orcinus


class TellOne:
    every_batch = True

    def on_batch(self, phase, epoch, batch, batches, loss):
        if orcinus.processes.rank() == 1 and epoch == 2 and batch == 3:
            os.kill(os.getpid(), signal.SIGTERM)


stream = orcinus.Stream.synthetic(nodes=60, events=1200, seed=2, features=2)
trainer = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=3,
                          epochs=3, threads=1, shards=2, seed=1, batch_size=50,
                          checkpoint=sys.argv[1])
try:
    trainer.fit(callbacks=[TellOne()])
except KeyboardInterrupt:
    print("stopped", orcinus.processes.rank(), flush=True)
"""


def test_a_signal_to_one_stops_all(run, tmp_path):
    (tmp_path / "train.py").write_text(textwrap.dedent(STOPPED))
    stopped = run(2, tmp_path / "checkpoint")
    assert stopped.returncode == 0, stopped.stderr
    assert sorted(stopped.stdout.split()) == ["0", "1", "stopped", "stopped"]
    assert (tmp_path / "checkpoint" / "checkpoint").exists()


ASKING = """
import orcinus

if orcinus.processes.rank() == 0:
    print(orcinus.tools.run("info", "synthetic:nodes=9,events=99"))
"""


def test_a_command_that_one_starts_is_none_of_them(run, tmp_path):
    (tmp_path / "train.py").write_text(textwrap.dedent(ASKING))
    asked = run(2)
    assert asked.returncode == 0, asked.stderr
    assert "events" in asked.stdout


def test_an_exception_in_one_ends_all(run):
    ended = run(2, "fail")
    assert ended.returncode != 0
    assert "mine alone" in ended.stderr


SHARDED = """
import os
import tempfile
import orcinus

rank = orcinus.processes.rank()
stream = orcinus.Stream.synthetic(nodes=60, events=1200, seed=2, features=2)
trainer = orcinus.Trainer(stream, "tgn", layers=1, dim=8, neighbours=3,
                          epochs=1, threads=1, shards=2, seed=1,
                          state="sharded")
trainer.fit()
# Folders for temporary files are each process's own, as on several machines.
tempfile.tempdir = tempfile.mkdtemp()
figures = trainer.evaluate()
session = trainer.session()
print("figures", figures.ap, session.embed().sum(), flush=True)
assert os.listdir(tempfile.tempdir) == []
if rank == 1:
    orcinus.trainer._core.holds_checkpoint = lambda folder: False
for ask in (trainer.evaluate, trainer.session):
    try:
        ask()
    except orcinus.InputOutputError as error:
        print("refused" if "folder that all see" in str(error) else error,
              flush=True)
assert os.listdir(tempfile.tempdir) == []
"""


def test_sharded_states_are_evaluated_and_asked(run, tmp_path):
    (tmp_path / "train.py").write_text(textwrap.dedent(SHARDED))
    alone, two = run(1), run(2)
    assert alone.returncode == two.returncode == 0, two.stderr
    figures, = [line for line in alone.stdout.splitlines()
                if line.startswith("figures")]
    assert sorted(two.stdout.splitlines()) \
        == sorted(2 * [figures, "refused", "refused"])
