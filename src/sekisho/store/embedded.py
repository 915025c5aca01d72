"""A real PostgreSQL 18 in a folder, for the demo, for tests and for trying things out.

The server listens on a unix socket alone. Authentication is `trust`: whoever can open the socket may act as any role.
That is why the data directory has mode 0700 and the socket 0700 as well, so that only the user that runs the server,
and root, can open it. Nothing of a statement's content reaches the server's log. For production, point the database
URL at a PostgreSQL of your own, with passwords or certificates and with a standby.

PostgreSQL refuses to run as root: started by root, the server runs as a system user (`programs.SYSTEM_USER`).
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self

from sqlalchemy import URL

from sekisho.store import roles
from sekisho.store.programs import EmbeddedUnavailable, Programs

DATABASE = "sekisho"
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "max_connections": "100",
        "shared_buffers": "64MB",
        "max_wal_size": "256MB",
        # a log line never holds a value: no statements, no parameters, no DETAIL with the failing row
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
)

_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes on Linux and 104 on macOS
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Urls:
    """How to reach one database as each role. `admin` is the superuser: for setup only, never to serve from."""

    admin: URL
    owner: URL
    gateway: URL
    operator: URL

    @classmethod
    def at(cls, socket_folder: Path, database: str = DATABASE) -> Self:
        """The URLs of `database` on the server whose socket lies in `socket_folder`."""
        users = (_SUPERUSER, *map(roles.login_of, (roles.OWNER, roles.GATEWAY, roles.OPERATOR)))
        query = {"host": str(socket_folder)}
        return cls(*(URL.create("postgresql+asyncpg", user, database=database, query=query) for user in users))

    def of(self, database: str) -> "Urls":
        """The same roles on another database of the same server."""
        return Urls(*(url.set(database=database) for url in (self.admin, self.owner, self.gateway, self.operator)))


class EmbeddedPostgres:
    """The server of one data directory. Several processes may start it; the first one owns it and stops it.

    An owner that was killed leaves its server running; the next to start takes it over.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] = SETTINGS) -> None:
        self._home = data_dir.absolute()
        self._cluster = self._home / "cluster"
        self._settings = settings
        self._owning: IO[str] | None = None
        self._programs = Programs.here()

    def __enter__(self) -> Urls:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> Urls:
        """Start the server, or join the one that runs; the database and the login users exist afterwards.

        Raises `EmbeddedUnavailable`.
        """
        self._make_home()
        if self._own():
            atexit.register(self.stop)
            self._initialise()
            self._launch()
            self._furnish()
        return Urls.at(self._socket_folder(wait=True))

    def stop(self) -> None:
        """Stop the server if this object owns it; otherwise leave it to its owner."""
        if self._owning is None:
            return
        atexit.unregister(self.stop)
        try:
            if self._runs():
                folder = self._socket_folder()
                self._programs.run(
                    "pg_ctl", "stop", "-w", "-m", "fast", "-t", str(_PATIENCE_SECONDS), "-D", str(self._cluster)
                )
                if folder != self._home:
                    shutil.rmtree(folder, ignore_errors=True)
        finally:
            self._owning.close()
            self._owning = None

    def _make_home(self) -> None:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._home.chmod(0o700)
        self._programs.hand_over(self._home)

    def _own(self) -> bool:
        # The lock dies with its process, however that ends.
        lock = (self._home / "owner.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._owning = lock
        return True

    def _initialise(self) -> None:
        if (self._cluster / "PG_VERSION").exists():
            return
        shutil.rmtree(self._cluster, ignore_errors=True)  # what an interrupted initdb left
        self._programs.run(
            "initdb",
            *("--username", _SUPERUSER, "--auth-local", "trust", "--auth-host", "reject", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-instructions"),
            *("-D", str(self._cluster)),
        )

    def _launch(self) -> None:
        if self._runs():
            return
        chosen = {**self._settings, "unix_socket_directories": str(self._choose_socket_folder())}
        lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in chosen.items())
        (self._cluster / "postgresql.auto.conf").write_text("".join(lines), encoding="utf-8")
        log = str(self._home / "server.log")
        self._programs.run("pg_ctl", "start", "-w", "-t", str(_PATIENCE_SECONDS), "-l", log, "-D", str(self._cluster))

    def _furnish(self) -> None:
        groups = (roles.OWNER, roles.GATEWAY, roles.OPERATOR)
        statements = (*map(roles.create_group, roles.GROUPS), *map(roles.create_login, groups))
        self._psql("postgres", ";\n".join(statements))
        if self._psql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") != "1":  # noqa: S608
            self._psql("postgres", f"CREATE DATABASE {DATABASE} OWNER {roles.OWNER}")

    def _runs(self) -> bool:
        status = ("pg_ctl", "status", "-D", str(self._cluster))
        return self._programs.succeeds(*status)

    def _choose_socket_folder(self) -> Path:
        if len(os.fsencode(self._home / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self._home
        folder = Path(tempfile.mkdtemp(prefix="sekisho-"))
        self._programs.hand_over(folder)
        return folder

    def _socket_folder(self, *, wait: bool = False) -> Path:
        # postmaster.pid: the fifth line is the socket's folder, the eighth says `ready`
        deadline = time.monotonic() + (_PATIENCE_SECONDS if wait else 0)
        while True:
            told = self._cluster / "postmaster.pid"
            lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
            if len(lines) > 7 and lines[7].strip() == "ready":  # noqa: PLR2004 - the eighth line
                return Path(lines[4])
            if time.monotonic() > deadline:
                raise EmbeddedUnavailable(
                    f"the server in `{self._home}` does not become ready; read `server.log` there"
                )
            time.sleep(0.05)

    def _psql(self, database: str, statements: str) -> str:
        host = str(self._socket_folder())
        where = ("-h", host, "-U", _SUPERUSER, "-d", database)
        return self._programs.run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, "-c", statements
        ).strip()
