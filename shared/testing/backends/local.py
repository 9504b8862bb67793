"""Private server processes: folders, free ports, users without privileges, and no process left behind.

Every server lives in a folder with an `owner.json` that names the process that started it and the server processes
(pid and kernel start time, so that a reused pid is never mistaken). When an owner died without cleaning up (SIGKILL),
the next start ends what it left.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

LOOPBACK = "127.0.0.1"


class BackendMissing(Exception):
    """A server program is not there and may not be installed; the message says what to do."""


class BackendFailed(Exception):
    """A server did not start or a command failed; the message holds the end of its log."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(host: str, port: int) -> bool:
    """True when something accepts a TCP connection."""
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        return False
    return True


def server_user(*names: str) -> str | None:
    """The account a server should run as: the first of `names` there is when we are root, else our own (None)."""
    if os.geteuid() != 0:
        return None
    for name in (*names, "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise BackendMissing("PostgreSQL and RabbitMQ do not run as root, and there is no other account here.")


def base_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"cercle-backends-{os.geteuid()}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise BackendFailed(f"{folder} belongs to somebody else.")
    return folder


def started_at(pid: int) -> int | None:
    """Kernel start time of a running process in clock ticks since boot (/proc/PID/stat, field 22), or None."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] == "Z" else int(words[19])


class Account(TypedDict, total=False):
    """Arguments of subprocess that give up root's rights."""

    user: str
    group: int
    extra_groups: list[int]


def account(user: str | None) -> Account:
    """Nothing to give up when `user` is None: we are not root."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def run(
    command: list[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, **who: Any
) -> str:
    """Run a program to its end; returns its output. Raises BackendFailed with the end of what it said.

    `who`: an Account.
    """
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **who,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise BackendFailed(f"{Path(command[0]).name} failed with {done.returncode}:\n{said}")
    return done.stdout


@dataclass
class Instance:
    """One server's folder and its processes."""

    folder: Path
    user: str | None
    keep: bool = False  # keep the data when it stops
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.give(self.data)
        self.record()

    def give(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def write(self, name: str, text: str) -> Path:
        """Write a private file into the data folder, owned by the server's account."""
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        self.give(path)
        return path

    def record(self) -> None:
        """Write owner.json; called after each start."""
        pids = [os.getpid(), *(process.pid for process in self.processes.values())]
        owner, *servers = [[pid, started_at(pid)] for pid in pids]
        text = json.dumps({"owner": owner, "servers": servers, "keep": self.keep})
        (self.folder / "owner.json").write_text(text)

    def run(self, command: list[str], env: Mapping[str, str] | None = None) -> str:
        """Run a program to its end as the server's account, in the data folder; see `run`."""
        return run(command, cwd=self.data, env=env, **self._account())

    def start(self, name: str, command: list[str], env: Mapping[str, str] | None = None) -> None:
        """Start a server process in a session of its own (a Ctrl-C in the terminal does not reach it)."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=self.data,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._account(),
            )
        self.record()

    def _account(self) -> Account:
        return account(self.user)

    def wait_until(self, name: str, ready: Callable[[], bool], seconds: float = 90) -> None:
        """Wait for a server; raises BackendFailed with the end of its log when it dies or takes too long."""
        end = time.monotonic() + seconds
        while not ready():
            if self.processes[name].poll() is not None or time.monotonic() > end:
                raise BackendFailed(f"{name} did not start:\n{self.log(name)}")
            time.sleep(0.1)

    def log(self, name: str) -> str:
        with suppress(OSError):
            return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]
        return ""

    def signal(self, name: str, number: signal.Signals, seconds: float = 20) -> None:
        """Send a signal to a server's whole session and wait for its end; SIGKILL when it does not end."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def remove(self) -> None:
        """Forget the owner; remove the data unless they are kept."""
        (self.folder / "owner.json").unlink(missing_ok=True)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def instance(kind: str, user: str | None, folder: Path | None) -> Iterator[Instance]:
    """A prepared folder for one server: a temporary one, or `folder`, whose data stay."""
    sweep()
    if folder is None:
        made = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=base_folder()))
        made.chmod(0o711)
        server = Instance(made, user)
    else:
        end_if_orphaned(folder)
        server = Instance(reachable(folder.absolute(), user), user, keep=True)
    server.prepare()
    try:
        yield server
    finally:
        server.remove()


def reachable(folder: Path, user: str | None) -> Path:
    """`folder`, or one below /var/tmp when `user` may not walk to it (a checkout in root's home)."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if user is None:
        return folder
    test = subprocess.run(["test", "-x", str(folder)], cwd="/", check=False, **account(user))
    if test.returncode == 0:
        return folder
    return Path("/var/tmp") / f"cercle{str(folder).replace('/', '-')}"  # noqa: S108 (root's own, mode 0711)


def sweep() -> None:
    """End the servers and remove the temporary folders of owners that died without doing it."""
    for folder in base_folder().iterdir():
        end_if_orphaned(folder)


def end_if_orphaned(folder: Path) -> None:
    """End what a dead owner left in `folder`. Raises BackendFailed when the owner of a kept folder still lives."""
    try:
        record = json.loads((folder / "owner.json").read_text())
    except (OSError, ValueError):
        return  # just being made, or cleanly ended
    if alive(record["owner"]):
        if record["keep"]:
            raise BackendFailed(f"{folder} is in use by process {record['owner'][0]}.")
        return
    for server in record["servers"]:
        end_process(server)
    (folder / "owner.json").unlink(missing_ok=True)
    if not record["keep"]:
        shutil.rmtree(folder, ignore_errors=True)


def alive(process: list[int | None]) -> bool:
    pid, ticks = process
    return pid is not None and ticks is not None and started_at(pid) == ticks


def end_process(process: list[int | None]) -> None:
    """SIGQUIT (PostgreSQL's immediate shutdown), then SIGKILL after three seconds, to a recorded session."""
    for number in (signal.SIGQUIT, signal.SIGKILL):
        if not alive(process):
            return
        with suppress(ProcessLookupError):
            os.killpg(process[0] or 0, number)
        end = time.monotonic() + 3
        while alive(process) and time.monotonic() < end:
            time.sleep(0.05)
