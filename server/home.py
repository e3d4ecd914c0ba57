#!/usr/bin/python3 -IS
"""What Greenpush has in the home of a site's account: the one place where root's scripts touch what that account owns.

    home.py VERB USER HOME RECORD <DESCRIPTION

The account may swap any folder below its home for a link at any moment. So nothing here goes by a path: each folder is
opened from the one before, without following links, and has to belong to root or to that account; what is read, written,
made or removed is so with the account's own rights; and where only root can mend something (who owns a file, the group
that nginx reads by) it acts on the open descriptor of an object of root's or the account's own that has one name.
What is read has to be a regular file, of at most LARGEST bytes.

DESCRIPTION has a line for each thing, of tab-separated words:

    directory PATH MODE [GROUP]   a folder; the group is the account's own unless named
    file PATH MODE SOURCE         a file with the content of SOURCE, a path of root's
    link PATH TARGET              a symbolic link
    mode PATH MODE [GROUP]        something that is there
    owned PATH                    a tree of which all belongs to the account
    shared PATH GROUP             a tree of which all belongs to the group
    keys PATH SOURCE              an authorized_keys file with the lines of SOURCE, before all others
    setting REPOSITORY KEY VALUE  a setting of a git repository
    repository PATH               a git repository, which is only looked for
    head REPOSITORY BRANCH        the branch of its HEAD
    tree REPOSITORY BRANCH        its files, which are those of HEAD
    environment WWW               var/env, a copy of what the live release runs with
    gone PATH                     a tree that an earlier version made and this one does not

VERB is `apply`, `probe` or `undo`; then a line is one of the journal in RECORD, the record's folder. What there is to
tell is printed, a line each: `note TEXT` (was changed), `differs TEXT` (is not as it was left), `fail WHAT<tab>NEXT`.
"""

import contextlib
import errno
import grp
import itertools
import os
import pwd
import re
import select
import signal
import stat
import subprocess
import sys
import time

LARGEST = 1_000_000
# Seconds that a command of git gets, in a probe for which somebody waits fewer.
GIT_LIMIT, PROBE_GIT_LIMIT = 60, 20
# Entries of a tree that are looked at, and folders that are open one in another.
MOST_ENTRIES, DEEPEST = 2_000_000, 100
OPEN_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
SET_ASIDE = ".before-greenpush"


class Failure(Exception):
    """What keeps a description from being brought about: what, and what to do next."""

    def __init__(self, what, next_step):
        super().__init__(what)
        self.what, self.next_step = what, next_step


# What a terminal obeys, or shows as something else than it is.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def tell(kind, *words):
    line = "\t".join(shortened(CONTROL.sub(" ", word), 2000) for word in words)
    sys.stdout.buffer.write(f"{kind}\t{line}\n".encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def shortened(text, length=160):
    return text if len(text) <= length else f"{text[: length - 3]}..."


def kind_of(about):
    """What an object is, in words; None where there is none."""
    if about is None:
        return None
    if stat.S_ISLNK(about.st_mode):
        return "a link"
    if stat.S_ISDIR(about.st_mode):
        return "a directory"
    return "a file" if stat.S_ISREG(about.st_mode) else "neither a file nor a directory"


def owner_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def account_of(user, home):
    """An account; of one that somebody has taken away, what its home tells of it."""
    try:
        return pwd.getpwnam(user)
    except KeyError:
        about = os.lstat(home)
        return pwd.struct_passwd((user, "", about.st_uid, about.st_gid, "", home, ""))


class Home:
    """The home of an account, and what is described of it."""

    def __init__(self, verb, user, home, record):
        self.verb, self.user, self.home, self.record = verb, account_of(user, home), home, record
        self.groups = os.getgrouplist(user, self.user.pw_gid)
        # Only root can have made a link of the home itself, or of a folder above it.
        is_link = os.path.islink(home) and os.lstat(home).st_uid == 0
        self.real_home = os.path.realpath(home if is_link else os.path.dirname(home))
        if not is_link:
            self.real_home = os.path.join(self.real_home, os.path.basename(home))
        # A git configuration as it was read last, and what it says.
        self.settings = None
        # What is missing: nothing below it is looked at.
        self.without = []
        # Why git is not asked again.
        self.git_failed = None
        # Folders of whose state something was said: what can't be read below them has that reason.
        self.shut = []

    # The account's rights, and ways to an object.

    @contextlib.contextmanager
    def as_user(self):
        """With the rights of the account, and of nobody else."""
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
    def folder_of(self, path):
        """The open folder that a path lies in, and the path's last name."""
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

    def accepted(self, about, path):
        """Raise Failure where an object is neither root's nor the account's."""
        if about.st_uid not in (0, self.user.pw_uid):
            raise Failure(
                f"{path}: belongs to {owner_name(about.st_uid)}, wanted {self.user.pw_name}",
                f"Give it to {self.user.pw_name} (chown -h), or move it away, then run up again.",
            )

    @staticmethod
    def accepted_file(about, path):
        """Raise Failure where a file of root's may be one from elsewhere, by a hard link."""
        if about.st_nlink != 1:
            raise Failure(
                f"{path} has {about.st_nlink} names",
                "Remove the hard link that somebody made of it, then run up again.",
            )
        # The name elsewhere may have been given to another file since.
        if about.st_uid == 0 and not hard_links_are_guarded():
            raise Failure(
                f"{path}: belongs to root, and fs.protected_hardlinks is off, so that anybody may have linked it there",
                "Remove it, or give it away yourself (chown), then run up again.",
            )

    def state_of(self, path):
        """lstat of a path, None where there is nothing."""
        try:
            with self.folder_of(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def content_of(self, path):
        """The bytes of a regular file, read with the account's rights; None where it is none or too large."""
        with self.folder_of(path) as (folder, name), self.as_user():
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            file = os.open(name, flags, dir_fd=folder)
            with os.fdopen(file, "rb") as opened:
                about = os.fstat(file)
                if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
                    return None
                read = opened.read(LARGEST + 1)
                return read if len(read) <= LARGEST else None

    def target_of(self, path):
        """Where a link leads, "" where there is none."""
        try:
            with self.folder_of(path) as (folder, name), self.as_user():
                return os.readlink(name, dir_fd=folder)
        except OSError:
            return ""

    def write(self, path, content, mode):
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

    # The journal: what is ours to take away again.

    def journal(self, name):
        try:
            with open(os.path.join(self.record, name), encoding="utf-8", errors="surrogateescape") as file:
                return [line for line in file.read().split("\n") if line]
        except FileNotFoundError:
            return []

    def applied(self, *lines):
        return any(line in lines for line in self.journal("made"))

    def made_now(self, *lines):
        return any(line in lines for line in self.journal("made.new"))

    def own(self, line, new=False):
        """Note a line if it is made now, or was by an earlier apply."""
        if (new or self.applied(line)) and not self.made_now(line):
            self.add(line)

    def add(self, line):
        # A line break within it would make two lines of it, and what the second has root undo is somebody else's word.
        if CONTROL.search(line.replace("\t", "")):
            raise Failure(f"{line.split(chr(9))[1]}: has a line break where none can be", "Look at it on the server.")
        with open(os.path.join(self.record, "made.new"), "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{line}\n")

    def inherit(self, kind, path):
        """What an earlier apply noted of before it stays, whatever was changed by hand since."""
        for line in self.journal("made"):
            if line.startswith(f"{kind}\t{path}\t") and not self.made_now(line):
                self.add(line)

    def is_ours(self, path, *kinds):
        """Whether an apply has put there what stands there: something new, or in the place of what is kept."""
        return self.applied(*(f"{kind}\t{path}" for kind in kinds)) or (
            # Not kept yet: the apply was cut off between the note and the deed.
            self.applied(f"replaced\t{path}") and (self.is_beside(path) or os.path.lexists(self.kept(path)))
        )

    def is_beside(self, path):
        with self.folder_of(path) as (folder, name):
            return exists(folder, f"{name}{SET_ASIDE}")

    def kept(self, path):
        """Where an earlier version put what it replaced: into the record."""
        return os.path.join(self.record, "kept", path.replace("/", ":"))

    def set_aside(self, path):
        """Something else stands where ours belongs: it stays beside it, and what was there before us comes back."""
        ours = self.is_ours(path, "file", "directory", "link")
        with self.folder_of(path) as (folder, name):
            if ours:
                to = unused(folder, f"{name}.aside-{time.strftime('%Y%m%d-%H%M%S')}")
                tell("note", f"moves what stands at {path} to {os.path.join(os.path.dirname(path), to)}")
            else:
                to = f"{name}{SET_ASIDE}"
                self.own(f"replaced\t{path}", new=True)
            with self.as_user():
                if ours or not exists(folder, to):
                    os.rename(name, to, src_dir_fd=folder, dst_dir_fd=folder)
                else:
                    remove(folder, name)

    # Owner, group and mode.

    def wanted_state(self, mode, group):
        gid = grp.getgrnam(group).gr_gid if group else self.user.pw_gid
        return int(mode, 8), gid

    def check_state(self, path, mode, group=None):
        about = self.state_of(path)
        bits, gid = self.wanted_state(mode, group)
        if about is None:
            return
        if stat.S_IMODE(about.st_mode) != bits:
            self.shut.append(path)
            tell("differs", f"{path}: mode is {stat.S_IMODE(about.st_mode):o}, wanted {bits:o}")
        if (about.st_uid, about.st_gid) != (self.user.pw_uid, gid):
            self.shut.append(path)
            found = f"{owner_name(about.st_uid)}:{group_name(about.st_gid)}"
            tell("differs", f"{path}: belongs to {found}, wanted {self.user.pw_name}:{group_name(gid)}")

    def set_state(self, path, bits, gid):
        """Owner, group and mode of an object, by its descriptor."""
        with self.folder_of(path) as (folder, name):
            opened = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                about = os.fstat(opened)
                self.accepted(about, path)
                if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
                    raise NotAFolder(path)
                if not stat.S_ISDIR(about.st_mode):
                    self.accepted_file(about, path)
                    # Who may write a program must not get it run with the rights of a group like nginx's.
                    bits &= 0o777
                # Of an O_PATH descriptor only this way leads to the object; no name is looked up.
                itself = f"/proc/self/fd/{opened}"
                if (about.st_uid, about.st_gid) != (self.user.pw_uid, gid):
                    os.chown(itself, self.user.pw_uid, gid)
                # Also where it is that already: to give a file away takes bits from its mode.
                os.chmod(itself, bits)
            finally:
                os.close(opened)

    def apply_state(self, path, mode, group=None):
        about = self.state_of(path)
        if about is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        bits, gid = self.wanted_state(mode, group)
        found = f"{stat.S_IMODE(about.st_mode):o} {owner_name(about.st_uid)}:{group_name(about.st_gid)}"
        wanted = f"{bits:o} {self.user.pw_name}:{group_name(gid)}"
        self.inherit("mode", path)
        if found == wanted:
            return
        # What was made by us has no mode of before to go back to, and what has one keeps the first.
        made = self.journal("made.new")
        ours = any(f"{kind}\t{path}" in made for kind in ("directory", "file", "replaced"))
        if not ours and not any(line.startswith(f"mode\t{path}\t") for line in made):
            self.own(f"mode\t{path}\t{found}", new=True)
        tell("note", f"{path}: mode and owner were {found}, now {wanted}")
        self.set_state(path, bits, gid)

    # What can be described.

    def directory(self, path, mode, group=None):
        about = self.state_of(path)
        is_folder = about is not None and stat.S_ISDIR(about.st_mode)
        if self.verb == "probe":
            if not is_folder:
                self.without.append(f"{path}/")
            if about is None:
                tell("differs", f"{path}: the directory is missing")
            elif not is_folder:
                tell("differs", f"{path}: is {self.described(path, about)}, wanted a directory")
            else:
                self.check_state(path, mode, group)
            return
        if about is not None and not is_folder:
            self.set_aside(path)
        if is_folder:
            self.own(f"directory\t{path}")
            self.apply_state(path, mode, group)
        else:
            self.own(f"directory\t{path}", new=True)
            self.inherit("mode", path)
            tell("note", f"makes {path}")
            with self.folder_of(path) as (folder, name), self.as_user():
                os.mkdir(name, 0o700, dir_fd=folder)
            self.set_state(path, *self.wanted_state(mode, group))
        self.own(f"replaced\t{path}")

    def mode(self, path, mode, group=None):
        if self.verb == "probe":
            self.check_state(path, mode, group)
        else:
            self.apply_state(path, mode, group)

    def file(self, path, mode, source):
        about = self.state_of(path)
        is_file = about is not None and stat.S_ISREG(about.st_mode)
        with open(source, "rb") as file:
            wanted = file.read()
        if self.verb == "probe":
            if about is None:
                tell("differs", f"{path}: the file is missing")
            elif not is_file:
                tell("differs", f"{path}: is {self.described(path, about)}, wanted a file")
            else:
                self.check_state(path, mode)
                found = self.content_of(path)
                if found != wanted:
                    tell("differs", f"{path}: {first_difference(found, wanted)}")
            return
        try:
            same = is_file and self.content_of(path) == wanted
        except PermissionError:
            # Somebody has given it to root, and the account's own takes its place.
            same = False
        if about is None:
            if not self.applied(f"replaced\t{path}") and not self.made_now(f"replaced\t{path}"):
                self.own(f"file\t{path}", new=True)
            self.inherit("mode", path)
            tell("note", f"writes {path}")
        elif not same:
            if not is_file or not self.is_ours(path, "file"):
                self.set_aside(path)
            self.inherit("mode", path)
            tell("note", f"changes {path}")
        self.own(f"file\t{path}")
        if same:
            self.apply_state(path, mode)
        else:
            self.write(path, wanted, int(mode, 8))
        self.own(f"replaced\t{path}")

    def link(self, path, target):
        about = self.state_of(path)
        found = self.target_of(path)
        is_link = about is not None and stat.S_ISLNK(about.st_mode)
        if self.verb == "probe":
            if about is None:
                tell("differs", f"{path}: the link to {target} is missing")
            elif not is_link:
                tell("differs", f"{path}: is {self.described(path, about)}, wanted a link to {target}")
            elif found != target:
                tell("differs", f"{path}: links to {found}, wanted {target}")
            return
        if about is not None and not is_link:
            self.set_aside(path)
        # Before the link, so that what was replaced is put back after the link has gone.
        self.own(f"replaced\t{path}")
        self.own(f"link\t{path}", new=not is_link)
        if found != target:
            tell("note", f"links {path} to {target}")
            # In one rename: whoever follows it finds the one or the other.
            with self.folder_of(path) as (folder, name), self.as_user():
                with contextlib.suppress(FileNotFoundError):
                    remove(folder, f"{name}.greenpush")
                os.symlink(target, f"{name}.greenpush", dir_fd=folder)
                os.rename(f"{name}.greenpush", name, src_dir_fd=folder, dst_dir_fd=folder)

    def described(self, path, about):
        return f"a link to {self.target_of(path)}" if stat.S_ISLNK(about.st_mode) else kind_of(about)

    def owned(self, path):
        """What root's commands left in a tree, which the account can't replace: the first, or all of it mended."""
        for each, about in self.walk(path):
            # git replaces a link or the like of somebody else's.
            if about.st_uid == self.user.pw_uid or not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
                continue
            if self.verb == "probe":
                tell("differs", f"{each}: belongs to {owner_name(about.st_uid)}, wanted {self.user.pw_name}")
                return
            tell("note", f"gives {each} to {self.user.pw_name}")
            self.set_state(each, stat.S_IMODE(about.st_mode) & 0o1777, self.user.pw_gid)

    def shared(self, path, group):
        """All of a tree gets the group by which nginx reads it, folders hand it on; once, when the tree gets it."""
        bits, gid = self.wanted_state("2750", group)
        about = self.state_of(path)
        if self.verb == "probe" or about is None or (about.st_gid == gid and about.st_mode & stat.S_ISGID):
            return
        for each, found in self.walk(path):
            if found.st_uid == self.user.pw_uid and (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
                if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
                    continue
                own = stat.S_IMODE(found.st_mode) | (stat.S_ISGID if stat.S_ISDIR(found.st_mode) else 0)
                self.set_state(each, own, gid)

    def walk(self, path):
        """A tree's objects, folders before what is in them: (path, lstat). Opens no link and no other file system.

        Folders deeper than DEEPEST are left out: who makes such must not keep the site from being taken away.
        """
        left, waiting = MOST_ENTRIES, [path]
        top = self.state_of(path)
        while waiting and top is not None:
            folder_path = waiting.pop()
            # What it takes to get there counts too, as somebody may have made it deep.
            left -= folder_path.count("/")
            try:
                with self.folder_of(f"{folder_path}/.") as (folder, _):
                    # Of an O_PATH descriptor nothing can be listed.
                    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
            except (OSError, NotAFolder):
                # Swapped or removed meanwhile.
                continue
            try:
                for name in names_in(readable, max(0, left) + 1):
                    left -= 1
                    if left < 0:
                        raise Failure(f"{path} has more than {MOST_ENTRIES} entries", "Clear it up, then run up again.")
                    try:
                        about = os.stat(name, dir_fd=readable, follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    yield f"{folder_path}/{name}", about
                    shallow = folder_path.count("/") - path.count("/") < DEEPEST
                    if stat.S_ISDIR(about.st_mode) and about.st_dev == top.st_dev and shallow:
                        waiting.append(f"{folder_path}/{name}")
            finally:
                os.close(readable)

    def keys(self, path, source):
        """Keys that were there before stay, and so does what somebody adds; ours come first, for sshd takes the first."""
        with open(source, encoding="utf-8") as file:
            keys = [key for key in file.read().split("\n") if key]
        about = self.state_of(path)
        is_file = about is not None and stat.S_ISREG(about.st_mode)
        if self.verb == "probe" and about is not None and not is_file:
            tell("differs", f"{path}: is {self.described(path, about)}, wanted a file")
            return
        if is_file:
            # First, for the account may not be able to read it; and noted first, to be given back last.
            self.mode(path, "600")
        content = self.content_of(path) if is_file else b""
        if content is None:
            if self.verb == "probe":
                tell("differs", f"{path}: has more than {LARGEST} bytes")
                return
            self.set_aside(path)
            content = b""
        present = content.decode("utf-8", "surrogateescape").split("\n")
        new = [key for key in keys if key not in present]
        for key in new:
            name = key.split(" ")[-1]
            if self.verb == "probe":
                tell("differs", f"{path}: the key {name} is missing")
            else:
                tell("note", f"lets the key {name} push")
        if self.verb == "probe":
            return
        if about is not None and not is_file:
            self.set_aside(path)
        self.own(f"file\t{path}", new=about is None)
        self.own(f"replaced\t{path}")
        for key in keys:
            self.own(f"key\t{path}\t{key}", new=key in new)
        if new or not is_file:
            others = [line for line in present if line and line not in keys]
            self.write(path, "".join(f"{line}\n" for line in [*keys, *others]).encode("utf-8", "surrogateescape"), 0o600)

    # The repository.

    def repository(self, path):
        """A sentence where there is no repository; for all else of it, that is the reason."""
        about = self.state_of(f"{path}/.git") if self.verb == "probe" else None
        if self.verb == "probe" and (about is None or not stat.S_ISDIR(about.st_mode)):
            self.without += [path, f"{path}/"]
            tell("differs", f"{path}: the repository is missing")

    def git(self, repository, *words, text=b""):
        """What git prints, run as the account and within limits of time and length; None where it fails.

        The account's own settings may have it run other programs. Once it has not come to an end, it is not asked again.
        """
        if self.git_failed:
            raise self.git_failed
        limit = PROBE_GIT_LIMIT if self.verb == "probe" else GIT_LIMIT
        # A file and not a pipe, which nobody may read from.
        with os.fdopen(os.memfd_create("greenpush"), "w+b") as given:
            given.write(text)
            given.seek(0)
            try:
                child = subprocess.Popen(
                    ["git", *words],
                    cwd="/",
                    env={"PATH": os.environ["PATH"], "HOME": self.home, "LC_ALL": "C", "GIT_DIR": f"{repository}/.git"},
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    user=self.user.pw_uid,
                    group=self.user.pw_gid,
                    extra_groups=self.groups,
                    umask=0o022,
                )
            except FileNotFoundError:
                return None
        with child.stdout:
            try:
                read = read_to_end(child, limit)
            except subprocess.TimeoutExpired:
                what = f"git {next(filter(str.isalpha, words))} in {repository} did not end in {limit} s"
                self.git_failed = Failure(what, "Look at that repository, and at the account's own settings of git.")
                raise self.git_failed from None
        return None if child.returncode and len(read) < LARGEST else read

    def setting(self, repository, key, value):
        found = self.setting_of(repository, key)
        if found is None or found == value:
            if self.verb == "apply":
                self.inherit("setting", f"{repository}\t{key}")
            return
        if self.verb == "probe":
            tell("differs", f'git setting {key} in {repository} is "{shortened(found)}", wanted "{value}"')
            return
        self.inherit("setting", f"{repository}\t{key}")
        if not any(line.startswith(f"setting\t{repository}\t{key}\t") for line in self.journal("made.new")):
            # What can't be a value of ours in one line is not given back.
            before = "" if CONTROL.search(found) or len(found) > 1000 else found
            self.own(f"setting\t{repository}\t{key}\t{before}", new=True)
        tell("note", f"sets {key} to {value} in {repository}")
        if self.git(repository, "config", "--replace-all", key, value) is None:
            raise Failure(f"git can't set {key} in {repository}", "Look at its .git/config, then run up again.")

    def setting_of(self, repository, key):
        """The value in the repository's own configuration, "" where it has none; None where there is no git."""
        try:
            text = self.content_of(f"{repository}/.git/config")
        except FileNotFoundError:
            text = b""
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            text = None
        if text is None:
            raise Failure(f"{repository}/.git/config is no regular file of at most {LARGEST} bytes", "Look at it.")
        if not has_git():
            return None
        # One look for all settings of a file.
        if self.settings is None or self.settings[0] != text:
            listed = self.git(repository, "config", "--file", "-", "--list", "-z", text=text) or b""
            lines = [line.partition("\n") for line in listed.decode("utf-8", "replace").split("\0")]
            self.settings = (text, {name.lower(): value for name, _, value in lines})
        return self.settings[1].get(key.lower(), "")

    def head(self, repository, branch):
        path = f"{repository}/.git/HEAD"
        try:
            found = (self.content_of(path) or b"").decode("utf-8", "replace").strip()
        except OSError:
            found = ""
        if found == f"ref: refs/heads/{branch}":
            return
        if self.verb == "probe":
            shown = found[5:] if found.startswith("ref: ") else found
            tell("differs", f'HEAD of {repository} is "{shortened(shown)}", wanted refs/heads/{branch}')
            return
        tell("note", f"lets HEAD be {branch}")
        about = self.state_of(path)
        if about is not None and not stat.S_ISREG(about.st_mode):
            self.set_aside(path)
        # Written and not said by git, which takes a folder without a good HEAD for no repository.
        self.write(path, f"ref: refs/heads/{branch}\n".encode(), 0o644)

    def tree(self, repository, branch):
        """The tree follows the live release, as after a push; files besides, which git does not know, are left alone."""
        path = f"{repository}/.git/HEAD"
        try:
            if self.content_of(path) != f"ref: refs/heads/{branch}\n".encode():
                return
        except OSError:
            return
        words = ("diff", "--name-only", "--ignore-submodules", "--no-ext-diff", "HEAD")
        place = ("--no-optional-locks", f"--work-tree={repository}", "-C", repository)
        found = self.git(repository, *place, *words)
        if found is None:
            # A branch that nothing was pushed to has nothing to compare with.
            if self.git(repository, "rev-parse", "--verify", "--quiet", "HEAD") and self.verb == "probe":
                tell("differs", f"{repository}: git can't compare it with {branch}")
            return
        changed = shortened(found.decode("utf-8", "replace").split("\n")[0])
        if not changed:
            return
        if self.verb == "probe":
            tell("differs", f"{repository}: {changed} is not as in {branch}")
            return
        tell("note", f"brings the tree of {repository} back to {branch}")
        self.git(repository, *place[1:], "reset", "--quiet", "--hard")

    # The live release's environment.

    def environment(self, www):
        """A sentence where var/env is not what the live release runs with, which the engine mends."""
        live = self.target_of(f"{www}/live")
        if not re.fullmatch(r"releases/\d+", live):
            return
        try:
            about = self.content_of(f"{www}/{live}/release.json") or b""
            wanted = self.content_of(f"{www}/{live}/env")
        except OSError:
            return
        # Where `live` leads to a release that is not, gunicorn's component says so.
        if b'"state": "live"' not in about or wanted is None:
            return
        path = f"{www}/var/env"
        state = self.state_of(path)
        if state is None or not stat.S_ISREG(state.st_mode):
            tell("differs", f"{path}: the file is missing")
        elif self.content_of(path) != wanted:
            tell("differs", f"{path}: the content was changed")
        else:
            self.mode(path, "600")

    def gone(self, path):
        if self.verb == "apply" and self.state_of(path) is not None:
            tell("note", f"removes {path}, which Greenpush does not need any more")
            self.remove_tree(path)

    # Taking back.

    def remove_tree(self, path):
        """Remove a tree, link by link and folder by folder; what belongs to somebody else is left."""
        try:
            with self.folder_of(path) as (folder, name):
                remove(folder, name, {0, self.user.pw_uid})
        except (FileNotFoundError, NotAFolder):
            return

    def undo(self, kind, path, *rest):
        """Take back a line of the journal."""
        with contextlib.suppress(FileNotFoundError, NotAFolder, NotADirectoryError):
            if kind == "tree":
                self.remove_tree(path)
            elif kind == "key":
                self.undo_key(path, rest[0])
            elif kind == "setting":
                self.undo_setting(path, *rest)
            elif kind == "mode":
                mode, owner = rest[0].split(" ")
                self.undo_mode(path, mode, owner)
            elif kind == "replaced":
                self.put_back(path)
            else:
                with self.folder_of(path) as (folder, name), self.as_user():
                    with contextlib.suppress(OSError):
                        (os.rmdir if kind == "directory" else os.unlink)(name, dir_fd=folder)

    def undo_key(self, path, key):
        about = self.state_of(path)
        if about is None or not stat.S_ISREG(about.st_mode):
            return
        lines = (self.content_of(path) or b"").decode("utf-8", "surrogateescape").split("\n")
        if key in lines:
            others = "".join(f"{line}\n" for line in lines if line and line != key)
            self.write(path, others.encode("utf-8", "surrogateescape"), 0o600)

    def undo_setting(self, repository, key, value=""):
        if self.state_of(f"{repository}/.git") is None:
            return
        words = ("--replace-all", key, value) if value else ("--unset-all", key)
        self.git(repository, "config", *words)

    def undo_mode(self, path, mode, owner):
        user, group = owner.split(":")
        # Only what was the account's before is given back: nobody else gets something of this account.
        if user == self.user.pw_name and self.state_of(path) is not None:
            try:
                gid = grp.getgrnam(group).gr_gid
            except KeyError:
                gid = self.user.pw_gid
            self.set_state(path, int(mode, 8), gid if gid in self.groups else self.user.pw_gid)

    def put_back(self, path):
        with self.folder_of(path) as (folder, name):
            kept = f"{name}{SET_ASIDE}"
            if exists(folder, kept):
                with contextlib.suppress(FileNotFoundError):
                    remove(folder, name, {0, self.user.pw_uid})
                with self.as_user():
                    os.rename(kept, name, src_dir_fd=folder, dst_dir_fd=folder)
                return
        kept = self.kept(path)
        if os.path.isfile(kept) and not os.path.islink(kept):
            about = os.stat(kept)
            with open(kept, "rb") as file:
                self.write(path, file.read(), stat.S_IMODE(about.st_mode))


class NotAFolder(Exception):
    """Something else stands where a folder has to be, or a link in the place of what it leads to."""


def exists(folder, name):
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def unused(folder, name):
    """A name that nothing has yet in an open folder, as this one."""
    return next(each for each in itertools.chain([name], (f"{name}-{at}" for at in range(2, 1000))) if not exists(folder, each))


def names_in(opened, most):
    """The names in an open folder, at most so many, as somebody may have made any number."""
    with os.scandir(opened) as entries:
        return [entry.name for entry in itertools.islice(entries, most)]


def remove(folder, name, owners=None, depth=0, lifted=None):
    """Remove what stands in an open folder under a name, with all below it, and follow nothing.

    `owners`: only folders of these are opened. What can't be removed is left, with the folders that lead there.
    Folders that lie deeper than DEEPEST are moved up to where this began, and their names noted in `lifted`.
    """
    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(about.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(name, flags, dir_fd=folder)
    try:
        found = os.fstat(opened)
        if (owners is None or found.st_uid in owners) and found.st_dev == os.fstat(folder).st_dev:
            if os.geteuid() == found.st_uid and not found.st_mode & 0o200:
                os.fchmod(opened, 0o700)
            first, moved = lifted or (opened, [])
            for inner in names_in(opened, MOST_ENTRIES):
                with contextlib.suppress(OSError):
                    if depth < DEEPEST or not is_folder(opened, inner):
                        remove(opened, inner, owners, depth + 1, (first, moved))
                    else:
                        to = f".greenpush-{len(moved)}-{time.monotonic_ns()}"
                        os.rename(inner, to, src_dir_fd=opened, dst_dir_fd=first)
                        moved.append(to)
            # More come while these go.
            for inner in moved if depth == 0 else ():
                with contextlib.suppress(OSError):
                    remove(opened, inner, owners, 1, (first, moved))
    finally:
        os.close(opened)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def is_folder(folder, name):
    return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def hard_links_are_guarded():
    """Whether the kernel lets nobody make a hard link of a file that they can't write."""
    with open("/proc/sys/fs/protected_hardlinks", encoding="ascii") as file:
        return file.read().strip() == "1"


def has_git():
    return any(os.access(os.path.join(folder, "git"), os.X_OK) for folder in os.environ["PATH"].split(":"))


def read_to_end(child, limit):
    """The first LARGEST bytes of what a program prints; it has its own session. Raises TimeoutExpired."""
    deadline = time.monotonic() + limit
    read = b""
    try:
        while len(read) < LARGEST:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
                raise subprocess.TimeoutExpired(child.args, limit)
            part = os.read(child.stdout.fileno(), 65536)
            if not part:
                child.wait(max(0, deadline - time.monotonic()))
                return read
            read += part
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return read
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise


def first_difference(found, wanted):
    """The first line that is not as wanted, in words."""
    if found is None:
        return f"has more than {LARGEST} bytes"
    is_now, was = (text.decode("utf-8", "replace").split("\n") for text in (found, wanted))
    at = next((at for at, (one, other) in enumerate(zip(is_now, was)) if one != other), min(len(is_now), len(was)))

    def said(line):
        return f'"{shortened(line)}"'

    if at >= len(was) or is_now[at + 1 : at + 2] == was[at : at + 1] != [""]:
        return f"line {at + 1} {said(is_now[at])} was added"
    if at >= len(is_now) or is_now[at : at + 1] == was[at + 1 : at + 2]:
        return f"line {at + 1} {said(was[at])} is missing"
    return f"line {at + 1} is {said(is_now[at])}, wanted {said(was[at])}"


def main(verb, user, path, record):
    os.umask(0o077)
    if verb == "undo" and not os.path.lexists(path):
        return 0
    home = Home(verb, user, path.rstrip("/"), record)
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    told = set()
    for line in filter(None, lines):
        kind, *words = line.split("\t")
        if any(words[0] == path or (path.endswith("/") and words[0].startswith(path)) for path in home.without):
            continue
        try:
            if verb == "undo":
                home.undo(kind, *words)
            else:
                getattr(home, kind)(*words)
        except Failure as failure:
            if verb == "probe":
                if failure.what not in told:
                    tell("differs", failure.what)
                told.add(failure.what)
            else:
                tell("fail", failure.what, failure.next_step)
                return 1
        except NotAFolder as other:
            what = f"{other}: is a link or a file, wanted a directory"
            # Its own description has said so, where it has one.
            if verb == "apply":
                tell("fail", what, "Move it away, then run up again.")
                return 1
        except OSError as error:
            if verb == "probe":
                if not any(words[0].startswith(f"{shut}/") or words[0] == shut for shut in home.shut):
                    missing = isinstance(error, FileNotFoundError)
                    tell("differs", f"{words[0]}: {'is missing' if missing else f'{user} can not read it ({error.strerror})'}")
            else:
                tell("fail", f"{words[0]}: {error.strerror}", "Look at it on the server, then run up again.")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
