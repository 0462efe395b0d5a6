"""A PostgreSQL server of the tests' own, in a folder that goes with it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PROGRAMS = ("initdb", "postgres")


class Server:
    """Made, then started and stopped at will. As root it runs as a user who may be nobody: PostgreSQL refuses root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="p", dir="/tmp"))  # short, and others may enter: its socket is there
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C"}
        self.run("initdb", "-D", "data", "-U", "me", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, **self.user
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        command = ["postgres", "-D", "data", "-k", ".", "-h", "127.0.0.1", "-p", str(self.port), "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, **self.user
            )
        end = time.monotonic() + 600
        while True:
            try:
                return self.query("select 1")
            except OSError:
                assert time.monotonic() < end, (self.folder / "log").read_text()
                time.sleep(0.05)

    def query(self, text: str) -> None:
        """Send one statement to the first of its databases. OSError: it does not answer."""
        import psycopg

        try:
            with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(text)
        except psycopg.OperationalError as error:
            raise ConnectionError(str(error)) from None

    def crash(self) -> None:
        """Gone at once, as by a power cut of its machine's."""
        assert self.process is not None
        self.process.send_signal(3)  # what it calls an immediate shutdown: nothing is written, its children go with it
        self.process.wait()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://me:secret@127.0.0.1:{self.port}/{database}"

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.crash()
        shutil.rmtree(self.folder)
