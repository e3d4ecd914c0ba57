"""The account of a site: its rights, and access to its home."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat

from in_home import folders
from in_home.folders import OPEN_FOLDER, names_in, remove
from in_home.report import LARGEST, Failure, NotAFolder, owner_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def account_of(user: str, home: str) -> pwd.struct_passwd:
    """Return an account; for one that was removed, return what its home shows of it."""
    try:
        return pwd.getpwnam(user)
    except KeyError:
        about = os.lstat(home)
        return pwd.struct_passwd((user, "", about.st_uid, about.st_gid, "", home, ""))


class Account:
    """An account with its home."""

    def __init__(self, user: str, home: str) -> None:
        self.user, self.home = account_of(user, home), home
        self.groups = os.getgrouplist(user, self.user.pw_gid)
        # Only a link of root's is followed: the home itself, or a folder above it.
        is_link = os.path.islink(home) and os.lstat(home).st_uid == 0
        self.real_home = os.path.realpath(home if is_link else os.path.dirname(home))
        if not is_link:
            self.real_home = os.path.join(self.real_home, os.path.basename(home))

    @contextlib.contextmanager
    def as_user(self) -> Generator[None, None, None]:
        """Have the rights of the account, and no others."""
        os.setgroups(self.groups)
        os.setegid(self.user.pw_gid)
        os.seteuid(self.user.pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups([])

    @contextlib.contextmanager
    def folder_of(self, path: str) -> Generator[tuple[int, str], None, None]:
        """Yield the open folder of a path, and the path's last name."""
        if path != self.home and not path.startswith(f"{self.home}/"):
            raise Failure(f"{path} does not lie in {self.home}", "This is a fault of Greenpush; please report it.")
        names = [name for name in f"{self.real_home}{path[len(self.home) :]}".split("/") if name]
        opened = os.open("/", OPEN_FOLDER)
        try:
            for at, name in enumerate(names[:-1]):
                try:
                    inner = os.open(name, OPEN_FOLDER, dir_fd=opened)
                except NotADirectoryError:
                    where = "/" + "/".join(names[: at + 1])
                    raise NotAFolder(where) from None
                os.close(opened)
                opened = inner
                self.accepted(os.fstat(opened), "/" + "/".join(names[: at + 1]))
            yield opened, names[-1]
        finally:
            os.close(opened)

    def accepted(self, about: os.stat_result, path: str) -> None:
        """Raise Failure if an object belongs neither to root nor to the account."""
        if about.st_uid not in (0, self.user.pw_uid):
            raise Failure(
                f"{path}: belongs to {owner_name(about.st_uid)}, wanted {self.user.pw_name}",
                f"Give it to {self.user.pw_name} (chown -h), or move it away, then run up again.",
            )

    @staticmethod
    def accepted_file(about: os.stat_result, path: str) -> None:
        """Raise Failure if a file may be a hard link to a file from elsewhere."""
        if about.st_nlink != 1:
            raise Failure(
                f"{path} has {about.st_nlink} names",
                "Remove the hard link that somebody made of it, then run up again.",
            )
        # One name is no proof: the name elsewhere may be gone by now.
        if about.st_uid == 0 and not folders.hard_links_are_guarded():
            raise Failure(
                f"{path}: belongs to root, and fs.protected_hardlinks is off, so that anybody may have linked it there",
                "Remove it, or give it away yourself (chown), then run up again.",
            )

    def state_of(self, path: str) -> os.stat_result | None:
        """Return lstat of a path; None if there is nothing."""
        try:
            with self.folder_of(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def content_of(self, path: str) -> bytes | None:
        """Return the bytes of a file, read with the account's rights; None if it is too large or not a regular file."""
        with self.folder_of(path) as (folder, name), self.as_user():
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            file = os.open(name, flags, dir_fd=folder)
            with os.fdopen(file, "rb") as opened:
                about = os.fstat(file)
                if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
                    return None
                read = opened.read(LARGEST + 1)
                return read if len(read) <= LARGEST else None

    def target_of(self, path: str) -> str:
        """Return where a link leads; "" if there is none."""
        try:
            with self.folder_of(path) as (folder, name), self.as_user():
                return os.readlink(name, dir_fd=folder)
        except OSError:
            return ""

    def write(self, path: str, content: bytes, mode: int) -> None:
        """Replace a file in one rename, with the account's rights."""
        with self.folder_of(path) as (folder, name), self.as_user():
            aside = f"{name}.greenpush"
            with contextlib.suppress(FileNotFoundError):
                remove(folder, aside)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(aside, flags, 0o600, dir_fd=folder)
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
                os.fchmod(file, mode)
            os.rename(aside, name, src_dir_fd=folder, dst_dir_fd=folder)

    def wanted_state(self, mode: str, group: str | None) -> tuple[int, int]:
        gid = grp.getgrnam(group).gr_gid if group else self.user.pw_gid
        return int(mode, 8), gid

    def set_state(self, path: str, bits: int, gid: int) -> None:
        """Set owner, group and mode of an object, by its descriptor."""
        with self.folder_of(path) as (folder, name):
            opened = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                about = os.fstat(opened)
                self.accepted(about, path)
                if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
                    raise NotAFolder(path)
                if not stat.S_ISDIR(about.st_mode):
                    self.accepted_file(about, path)
                    # No set-group-ID bit: the account must not get its program run with the rights of nginx's group.
                    bits &= 0o777
                # The only way from an O_PATH descriptor to its object. It looks up no name.
                itself = f"/proc/self/fd/{opened}"
                if (about.st_uid, about.st_gid) != (self.user.pw_uid, gid):
                    os.chown(itself, self.user.pw_uid, gid)
                # In any case, because chown clears bits of the mode.
                os.chmod(itself, bits)
            finally:
                os.close(opened)

    def walk(self, path: str) -> Iterator[tuple[str, os.stat_result]]:
        """Yield (path, lstat) of a tree's objects, folders before their content. Follow no link, and enter no other
        file system.

        Leave out folders deeper than folders.DEEPEST: they must not keep a site from being removed.
        """
        left, waiting = folders.MOST_ENTRIES, [path]
        top = self.state_of(path)
        while waiting and top is not None:
            folder_path = waiting.pop()
            # The steps of the path count too, because somebody may have made the tree deep.
            left -= folder_path.count("/")
            try:
                with self.folder_of(f"{folder_path}/.") as (folder, _):
                    # An O_PATH descriptor can't be listed.
                    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
            except (OSError, NotAFolder):
                # Swapped or removed in the meantime.
                continue
            try:
                for name in names_in(readable, max(0, left) + 1):
                    left -= 1
                    if left < 0:
                        raise Failure(
                            f"{path} has more than {folders.MOST_ENTRIES} entries", "Clear it up, then run up again."
                        )
                    try:
                        about = os.stat(name, dir_fd=readable, follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    yield f"{folder_path}/{name}", about
                    shallow = folder_path.count("/") - path.count("/") < folders.DEEPEST
                    if stat.S_ISDIR(about.st_mode) and about.st_dev == top.st_dev and shallow:
                        waiting.append(f"{folder_path}/{name}")
            finally:
                os.close(readable)

    def remove_tree(self, path: str) -> None:
        """Remove a tree without following links. Leave folders that belong to somebody else."""
        try:
            with self.folder_of(path) as (folder, name):
                remove(folder, name, {0, self.user.pw_uid})
        except (FileNotFoundError, NotAFolder):
            return
