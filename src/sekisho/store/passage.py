"""Lets one system user pass through closed folders, without opening them to anybody else (POSIX.1e access lists)."""

import os
import pwd
import stat
import struct
from pathlib import Path

_ATTRIBUTE = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")  # tag, permissions, id
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF
_PASS = 1


class PassageRefused(Exception):  # noqa: N818 - the domain's word
    """A folder cannot be opened to the system user alone; the message names it."""


def let_pass(path: Path, account: pwd.struct_passwd) -> None:
    """Grant `account` the right to pass (not to list) every folder above `path` that it cannot pass yet.

    Raises `PassageRefused` where the file system keeps no access lists, or a folder has one of its own.
    """
    above = {*path.absolute().parents, *path.resolve().parents}
    for folder in sorted(above, key=lambda found: len(found.parts)):
        if not _passes(folder, account):
            _grant(folder, account)


def _passes(folder: Path, account: pwd.struct_passwd) -> bool:
    status = folder.stat()
    listed = _listed(folder)
    if listed:
        mask = next((permissions for tag, permissions, _ in listed if tag == _MASK), _PASS)
        granted = (_USER, account.pw_uid) in {
            (tag, who) for tag, permissions, who in listed if permissions & mask & _PASS
        }
        return granted or bool(status.st_mode & stat.S_IXOTH)
    if status.st_uid == account.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _listed(folder: Path) -> list[tuple[int, int, int]]:
    try:
        return list(_ENTRY.iter_unpack(os.getxattr(folder, _ATTRIBUTE)[len(_VERSION) :]))
    except (OSError, AttributeError):  # no list, or a system without them: the mode alone decides
        return []


def _grant(folder: Path, account: pwd.struct_passwd) -> None:
    refusal = PassageRefused(f"`{account.pw_name}` cannot pass through `{folder}`")
    if _listed(folder):
        raise refusal
    owner, group, others = (folder.stat().st_mode >> shift & 0o7 for shift in (6, 3, 0))
    entries = (
        (_OWNER, owner, _NO_ID),
        (_USER, _PASS, account.pw_uid),
        (_GROUP, group, _NO_ID),
        (_MASK, group | _PASS, _NO_ID),
        (_OTHERS, others, _NO_ID),
    )
    try:
        os.setxattr(folder, _ATTRIBUTE, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in entries))
    except (OSError, AttributeError) as error:
        raise refusal from error
