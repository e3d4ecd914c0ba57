"""server/lib: each function that describes something, by each verb, in a scratch folder."""

import os
import shutil
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.home_test import SERVER, as_root  # the line before finds it
from support.library_test import LibraryTest


class Files(LibraryTest):
    """Files, folders and links of root's."""

    def a_file_instead(self, path):
        self.clear(path)
        self.put(path, "by hand\n")

    def a_folder_instead(self, path):
        self.clear(path)
        os.mkdir(path)

    def a_link_instead(self, path):
        self.clear(path)
        os.symlink("/elsewhere", path)

    @staticmethod
    def clear(path):
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        else:
            os.unlink(path)

    def test_directory(self):
        path = self.path("d")
        self.check(
            f"gp_directory {path} 750 root:daemon",
            [
                (lambda: os.rmdir(path), "~/d: the directory is missing"),
                (lambda: self.a_file_instead(path), "~/d: is a file, wanted a directory"),
                (lambda: self.a_link_instead(path), "~/d: is a link to /elsewhere, wanted a directory"),
                (lambda: os.chmod(path, 0o777), "~/d: mode is 777, wanted 750"),
                (lambda: os.chown(path, 1, 0), "~/d: belongs to daemon:root, wanted root:daemon"),
            ],
        )

    def test_directory_that_was_there(self):
        path = self.path("d")
        self.check(f"gp_directory {path} 755 root", before=[lambda: os.mkdir(path, 0o700)])

    def test_directory_where_a_file_was(self):
        path = self.path("d")
        self.check(f"gp_directory {path} 755 root", before=[lambda: self.put(path, "of before\n")])

    def test_directory_that_something_was_put_into(self):
        path = self.path("d")
        self.apply(f"gp_directory {path} 755 root")
        self.put(os.path.join(path, "theirs"))
        self.remove(f"gp_directory {path} 755 root")
        self.assertEqual(os.listdir(path), ["theirs"])

    def test_mode(self):
        path = self.path("m")
        self.check(
            f"gp_mode {path} 640 root",
            [
                (lambda: os.chmod(path, 0o666), "~/m: mode is 666, wanted 640"),
                (lambda: os.chown(path, 1, 1), "~/m: belongs to daemon:daemon, wanted root:root"),
            ],
            before=[lambda: self.put(path, mode=0o600)],
        )

    def test_file(self):
        path = self.path("f")
        self.check(
            f"printf 'one\\ntwo\\n' | gp_file {path} 640 root:daemon",
            [
                (lambda: os.unlink(path), "~/f: the file is missing"),
                (lambda: self.put(path, "one\n2\n", 0o640), '~/f: line 2 is "2", wanted "two"'),
                (lambda: self.put(path, "one\nnew\ntwo\n", 0o640), '~/f: line 2 "new" was added'),
                (lambda: self.put(path, "one\ntwo\nnew\n", 0o640), '~/f: line 3 "new" was added'),
                (lambda: self.put(path, "two\n", 0o640), '~/f: line 1 "one" is missing'),
                (lambda: self.put(path, "one\ntwo", 0o640), "~/f: the end of the last line differs"),
                (lambda: self.a_folder_instead(path), "~/f: is a directory, wanted a file"),
                (lambda: self.a_link_instead(path), "~/f: is a link to /elsewhere, wanted a file"),
                (lambda: os.chmod(path, 0o600), "~/f: mode is 600, wanted 640"),
                (lambda: os.chown(path, 1, 1), "~/f: belongs to daemon:daemon, wanted root:daemon"),
            ],
        )

    def test_file_that_was_another(self):
        path = self.path("f")
        changes = [(lambda: os.unlink(path), "~/f: the file is missing")]
        before = [lambda: self.put(path, "of before\n", 0o600)]
        self.check(f"echo ours | gp_file {path} 644 root", changes, before)

    def test_file_where_a_link_was(self):
        path = self.path("f")
        self.check(f"echo ours | gp_file {path} 644 root", before=[lambda: os.symlink("/elsewhere", path)])

    def test_file_that_was_the_same(self):
        path = self.path("f")
        before = [lambda: self.put(path, "ours\n", 0o600)]
        self.check(f"echo ours | gp_file {path} 644 root", before=before)

    def test_file_with_a_secret(self):
        path = self.path("f")
        changes = [(lambda: self.put(path, "secret\n"), "~/f: the content was changed")]
        self.check(f"hidden=yes; echo ours | gp_file {path} 644 root", changes)

    def test_file_by_another_text_later(self):
        path = self.path("f")
        self.put(path, "of before\n")
        self.apply(f"echo ours | gp_file {path} 644 root")
        self.assertEqual(self.apply(f"echo newer | gp_file {path} 644 root"), ["changes ~/f"])
        self.remove(f"echo newer | gp_file {path} 644 root")
        self.assertEqual(self.read(path), "of before\n")

    def test_files(self):
        folder, one, two = self.path("d"), self.path("d", "one"), self.path("d", "in", "two")
        listed = "==> one <==\\n1\\n\\n==> in/two <==\\n2\\n\\n22\\n"
        self.check(
            f"gp_directory {folder} 755 root; printf '{listed}' | gp_files {folder} 644 root; gp_tree {folder}",
            [
                (lambda: os.unlink(one), "~/d/one: the file is missing"),
                (lambda: self.put(two, "2\n22\n"), '~/d/in/two: line 2 "" is missing'),
                (lambda: os.chmod(two, 0o600), "~/d/in/two: mode is 600, wanted 644"),
                (lambda: self.a_link_instead(one), "~/d/one: is a link to /elsewhere, wanted a file"),
                (lambda: self.moved(one), "~/d/one: is a link to ~~/one, wanted a file"),
            ],
        )

    def moved(self, path):
        """A link stands there to what stood there."""
        to = os.path.join(self.scratch, os.path.basename(path))
        os.rename(path, to)
        os.symlink(to, path)

    def test_link(self):
        path = self.path("l")
        self.check(
            f"gp_link {path} /wanted",
            [
                (lambda: os.unlink(path), "~/l: the link to /wanted is missing"),
                (lambda: self.a_link_instead(path), "~/l: links to /elsewhere, wanted /wanted"),
                (lambda: self.a_file_instead(path), "~/l: is a file, wanted a link to /wanted"),
            ],
        )

    def test_link_where_a_file_was(self):
        path = self.path("l")
        self.check(f"gp_link {path} /wanted", before=[lambda: self.put(path, "of before\n")])

    def test_set_aside(self):
        for name, make in {"f": self.put, "l": lambda path: os.symlink("/elsewhere", path)}.items():
            with self.subTest(name):
                path = self.path(name)
                again = [(lambda path=path: self.put(path), f"~/{name}: is there again, wanted away")]
                self.check(f"gp_set_aside {path}", again, before=[lambda make=make, path=path: make(path)])

    def test_absent(self):
        path = self.path("d")
        line = f"gp_absent {path} 'overrides ours'"
        os.mkdir(path)
        self.put(os.path.join(path, "f"))
        self.assertEqual(self.probe_unapplied(line), ["~/d: overrides ours, wanted away"])
        self.assertEqual(self.apply(line), ["removes ~/d, which overrides ours"])
        self.assertEqual((self.apply(line), self.probe(line)), ([], []))
        self.remove(line)
        self.assertEqual(os.listdir(self.files), [])

    def probe_unapplied(self, line):
        """The sentences of a probe of what was never applied, but for those about the record."""
        return [said for said in self.probe(line) if "records" not in said]

    def test_tree(self):
        path = self.path("d")
        lines = f"gp_directory {path} 755 root; gp_tree {path}"
        self.apply(lines)
        os.makedirs(os.path.join(path, "theirs", "too"))
        self.assertEqual((self.apply(lines), self.probe(lines)), ([], []))
        self.remove(lines)
        self.assertFalse(os.path.exists(path))

    def test_tree_that_was_there(self):
        path = self.path("d")
        lines = f"gp_directory {path} 755 root; gp_tree {path}; echo ours | gp_file {path}/ours 644 root"
        os.mkdir(path)
        self.put(os.path.join(path, "theirs"))
        self.apply(lines)
        self.remove(lines)
        self.assertEqual(os.listdir(path), ["theirs"])

    def test_what_is_described_no_longer(self):
        one, two = self.path("one"), self.path("two")
        self.put(two, "of before\n")
        self.apply(f"echo ours | gp_file {one} 644 root; echo ours | gp_file {two} 644 root")
        self.assertEqual(self.apply(":"), ["undoes replaced\t~/two", "undoes file\t~/one"])
        self.assertEqual((os.listdir(self.files), self.read(two)), (["two"], "of before\n"))
        self.assertEqual(self.journal(), [])

    def test_what_somebody_put_in_its_place_is_kept(self):
        path = self.path("f")
        self.apply(f"echo ours | gp_file {path} 644 root")
        os.unlink(path)
        os.mkdir(path)
        self.put(os.path.join(path, "theirs"))
        self.apply(f"echo ours | gp_file {path} 644 root")
        (aside,) = os.listdir(os.path.join(self.record, "aside"))
        self.assertEqual(os.listdir(os.path.join(self.record, "aside", aside)), ["theirs"])

    def test_an_apply_that_was_cut_off(self):
        one, two = self.path("one"), self.path("two")
        self.put(two, "of before\n")
        lines = f"echo ours | gp_file {one} 644 root; echo ours | gp_file {two} 644 root; %s"
        self.run_verb("apply", lines % "kill -KILL $$")
        self.assertTrue(os.path.exists(os.path.join(self.record, "applying")))
        self.apply(lines % "")
        self.assertEqual(self.journal(), [f"file\t{one}", f"replaced\t{two}"])
        self.remove(lines % "")
        self.assertEqual((os.listdir(self.files), self.read(two)), (["two"], "of before\n"))


class Verbs(LibraryTest):
    """What each verb does besides what is described."""

    def test_the_record(self):
        path = self.path("f")
        line = f"echo ours | gp_file {path} 644 root"
        self.apply(line)
        self.assertEqual(self.read(os.path.join(self.record, "generation")), "g1\n")
        self.assertEqual(self.read(os.path.join(self.record, "script")), self.program(line))
        self.assertEqual(sorted(os.listdir(self.record)), ["generation", "made", "script", "sum"])
        subprocess.run(["sha256sum", "--status", "-c", "sum"], cwd=self.record, check=True)
        os.chmod(self.record, 0o755)
        os.chmod(os.path.join(self.record, "script"), 0o644)
        self.assertEqual(
            sorted(self.probe(line)),
            [
                "~~/records/component.name/script: mode is 644, wanted 600",
                "~~/records/component.name: mode is 755, wanted 700",
            ],
        )

    def test_a_remove_of_what_was_never_applied(self):
        self.remove(":")

    def test_a_word_that_is_no_verb(self):
        self.assertIn("there is no verb bring", self.fails("bring", ":"))

    def test_a_failure_names_server_and_component(self):
        said = self.fails("apply", "gp_fail 'the disk is full' 'Make room.'")
        self.assertEqual(said, "greenpush: own: component of name: the disk is full\n  Make room.\n")

    def test_a_value_that_a_function_would_change(self):
        said = self.fails_at_once("name=other")
        self.assertIn("name: is read only", said)

    def fails_at_once(self, line):
        status, _, said = self.run_verb("apply", line)
        self.assertEqual(status, 2)
        return said

    def test_names_that_a_terminal_obeys(self):
        path = self.path("l")
        self.apply(f"gp_link {path} /wanted")
        os.unlink(path)
        os.symlink("\x1b]0;x\x07\u202e\tevil\nline", path)
        (said,) = self.probe(f"gp_link {path} /wanted")
        self.assertTrue(said.isprintable(), ascii(said))

    def test_what_an_account_prints(self):
        into = self.path("into")
        _, _, said = self.run_verb(
            "apply", f"gp_as_into {into} games sh -c 'echo out; printf \"\\033[2Jerr\" >&2; exit 3' || echo $? >&2"
        )
        self.assertEqual((self.read(into), said), ("out\n", " [2Jerr3\n"))


class Packages(LibraryTest):
    values = {"packages_wanted": "web tool-with-other"}

    def installed(self):
        return sorted(os.listdir(os.path.join(self.fake, "packages")))

    def have(self, *names):
        os.makedirs(os.path.join(self.fake, "packages"), exist_ok=True)
        for name in names:
            self.put(os.path.join(self.fake, "packages", name))

    def gone(self, name):
        os.unlink(os.path.join(self.fake, "packages", name))

    line = "gp_packages $packages_wanted"

    def setUp(self):
        super().setUp()
        # dpkg's own notes of a package: there are always some.
        for kind in ("list", "prerm", "postrm"):
            self.put(os.path.join(self.scratch, "dpkg", f"base.{kind}"))

    def test_packages(self):
        self.have("base", "web")
        changes = [(lambda: self.gone("tool-with-other"), "the package tool-with-other is not installed")]
        self.check(self.line, changes, left=["fake"])
        self.assertEqual(self.installed(), ["base", "web"])

    def test_what_came_along_goes_along(self):
        self.have("base")
        self.assertEqual(self.apply(self.line), ["installs web tool-with-other"])
        self.assertEqual(self.journal(), ["package\tother", "package\ttool-with-other", "package\tweb"])
        self.remove(self.line)
        self.assertEqual(self.installed(), ["base"])

    def test_what_others_need_by_now_stays(self):
        self.have("base")
        self.apply(self.line)
        self.have("theirs-with-web")
        self.assertIn("keeps packages that others need by now: web", self.remove(self.line))
        self.assertEqual(self.installed(), ["base", "theirs-with-web", "web"])

    def test_what_has_data_is_not_purged(self):
        self.have("base")
        self.apply(self.line)
        folder = os.path.join(self.scratch, "data", "web")
        os.mkdir(folder)
        self.put(os.path.join(folder, "rows"), "1\n")
        self.put(os.path.join(self.scratch, "dpkg", "web.list"), f"{folder}\n")
        self.values = {"packages_wanted": "tool-with-other web", "packages_named": "web"}
        said = self.remove(self.line)
        self.assertIn(f"keeps the data in {folder} on own", said)
        log = self.read(os.path.join(self.fake, "apt-log"))
        self.assertIn("remove web\n", log)
        self.assertIn("purge tool-with-other\n", log)
        self.assertNotIn("purge web", log)

    def test_another_component_takes_over_what_it_names(self):
        self.have("base")
        self.apply(self.line)
        other = os.path.join(self.scratch, "records", "other.name")
        os.mkdir(other)
        self.put(os.path.join(other, "script"), "packages_wanted=web\n")
        for name in ("made", "generation"):
            self.put(os.path.join(other, name))
        status, _, said = self.run_verb("remove", self.line)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.installed(), ["base", "web"])
        self.assertEqual(self.read(os.path.join(other, "made")), "package\tweb\n")

    def test_an_installation_that_was_cut_off(self):
        self.have("base")
        self.run_verb("apply", "gp_installed >$record/before; kill -KILL $$")
        self.have("web")
        self.apply(self.line)
        self.assertEqual(self.journal(), ["package\tother", "package\ttool-with-other", "package\tweb"])

    def test_why_apt_fails(self):
        says = {
            "E: Could not get lock /var/lib/dpkg/lock-frontend": "another apt ran for more than 5 minutes",
            "E: No space left on device": "the disk is full",
            "E: Unable to locate package web": "apt-get install failed, see above",
        }
        for text, reason in says.items():
            with self.subTest(reason):
                self.put(os.path.join(self.fake, "apt-says"), f"{text}\n")
                said = self.fails("apply", self.line)
                self.assertIn(text, said)
                self.assertIn(f"component of name: {reason}", said)

    def test_left_by_package(self):
        path = self.path("left")
        os.mkdir(self.path("of-before"))
        line = f"gp_left_by_package directory {path}; gp_left_by_package directory {self.path('of-before')}"
        self.apply(line)
        os.mkdir(path)
        self.assertEqual((self.apply(line), self.probe(line)), ([], []))
        self.remove(line)
        self.assertEqual(os.listdir(self.files), ["of-before"])


class Services(LibraryTest):
    def unit(self, name):
        os.makedirs(os.path.join(self.fake, "units"), exist_ok=True)
        return os.path.join(self.fake, "units", name)

    def mask(self, name):
        os.unlink(self.unit(f"{name}.enabled"))
        self.put(self.unit(f"{name}.masked"))

    def test_unit_enabled(self):
        self.unit("any")
        self.check(
            "gp_unit_enabled one.service two.service",
            [
                (
                    lambda: os.unlink(self.unit("one.service.enabled")),
                    "the unit one.service is disabled, wanted enabled",
                ),
                (lambda: self.mask("two.service"), "the unit two.service is masked, wanted enabled"),
            ],
        )

    def test_unit_enabled_that_was(self):
        self.put(self.unit("one.service.enabled"))
        self.assertEqual(self.apply("gp_unit_enabled one.service"), [])
        self.remove("gp_unit_enabled one.service")
        self.assertEqual(os.listdir(self.unit("")), ["one.service.enabled"])

    def test_unit_active(self):
        changes = [
            (lambda: os.unlink(self.unit("one.service.active")), "the unit one.service is inactive, wanted active")
        ]
        self.check("gp_unit_active one.service", changes, before=[lambda: self.unit("any")], left=["fake"])

    def test_unit_that_does_not_start(self):
        self.put(self.unit("one.service.broken"))
        said = self.fails("apply", "gp_unit_active one.service")
        self.assertIn("one.service does not start: one.service is broken", said)


class Engine(LibraryTest):
    """The component that brings the engine: its bytecode is part of it."""

    script = "server-engine"

    def test_bytecode(self):
        engine = os.path.join(self.scratch, "engine", "engine")
        files = """
            file_engine_modules() { printf '==> one.py <==\\n1\\n\\n==> two.py <==\\n2\\n'; }
            file_engine() { echo; }
            file_home() { echo; }
            file_library() { echo '# the library'; }
            file_resources() { printf '==> one.sh <==\\n# a script\\n'; }
            file_home_modules() { printf '==> three.py <==\\n3\\n'; }"""
        cache = os.path.join(engine, "__pycache__")
        cache_of_home = os.path.join(self.scratch, "engine", "in_home", "__pycache__")
        ask = "import sys; print(sys.implementation.cache_tag)"
        tag = subprocess.check_output(["/usr/bin/python3", "-c", ask], text=True).strip()

        def upgrade():
            """As one of Python does it: what is there is of another version."""
            for name in os.listdir(cache):
                os.rename(os.path.join(cache, name), os.path.join(cache, name.replace(tag, "cpython-1")))

        self.assertNotEqual(self.apply(files), [])
        self.assertEqual(sorted(os.listdir(cache)), [f"one.{tag}.pyc", f"two.{tag}.pyc"])
        self.assertEqual((self.apply(files), self.probe(files)), ([], []))
        changes = (
            upgrade,
            lambda: os.unlink(os.path.join(cache, f"two.{tag}.pyc")),
            lambda: os.unlink(os.path.join(cache_of_home, f"three.{tag}.pyc")),
        )
        for change in changes:
            change()
            self.assertEqual(self.probe(files), ["~~/engine: is not compiled for this server's Python"])
            self.assertEqual(self.apply(files), ["compiles the engine"])
            self.assertEqual((self.apply(files), self.probe(files)), ([], []))
        self.remove(files)
        self.assertEqual(os.listdir(self.scratch).count("configurations"), 0)


class Account(LibraryTest):
    def setUp(self):
        super().setUp()
        home = os.path.join(self.scratch, "data", "site")
        self.values = {"site_user": "site", "home": home, "www": os.path.join(home, "www")}
        self.have_home_helper()
        for name, text in {
            "passwd": "root:x:0:0::/root:/bin/sh\n",
            "group": "root:x:0:\n",
            "shadow": "root:*:20000::::::\n",
        }.items():
            self.put(os.path.join(self.fake, name), text)

    line = 'gp_user "$site_user" "$home"'

    def edit(self, name, old, new):
        path = os.path.join(self.fake, name)
        text = self.read(path)
        self.assertIn(old, text)
        self.put(path, text.replace(old, new))

    def test_user(self):
        home = self.values["home"]
        says = "the user site"
        self.check(
            self.line,
            [
                (
                    lambda: subprocess.run(self.usermod("--shell", "/bin/false"), check=True, env=self.env()),
                    f"the shell of {says} is /bin/false, wanted /bin/bash",
                ),
                (
                    lambda: self.edit("passwd", home, "/srv"),
                    f"the home of {says} is /srv, wanted {home}".replace(self.scratch, "~~"),
                ),
                (lambda: self.edit("shadow", "site:*", "site:$6$hash"), f"{says} has a password, wanted none"),
                (lambda: self.edit("shadow", "site:*", "site:!"), f"{says} is locked, wanted without a password"),
                (
                    lambda: self.edit("shadow", "site:*:20000:0:99999:7::", "site:*:20000:0:99999:7::1"),
                    "the account site expires on 1970-01-02, wanted never",
                ),
            ],
        )
        self.assertFalse(os.path.exists(home))

    def usermod(self, *words):
        return [os.path.join(self.paths["PATH"].split(":")[0], "usermod"), *words, "site"]

    def env(self):
        return {**os.environ, "FAKE": self.fake}

    def test_user_that_is_gone_comes_back_with_its_numbers(self):
        self.apply(self.line)
        os.chown(self.values["home"], 4321, 4321)
        for name in ("passwd", "group", "shadow"):
            self.put(os.path.join(self.fake, name), self.read(os.path.join(self.fake, name)).split("site")[0])
        self.assertEqual(self.probe(self.line), ["the user site is missing"])
        self.apply(self.line)
        self.assertIn("site:x:4321:4321:", self.read(os.path.join(self.fake, "passwd")))

    def test_user_that_was_there(self):
        self.edit("passwd", "root:x", f"site:x:1000:1000::{self.values['home']}:/usr/sbin/nologin\nroot:x")
        self.edit("shadow", "root:*", "site:$6$hash:20000::::::\nroot:*")
        was = self.seen()
        self.assertEqual(self.apply(self.line), ["the shell of the user site was /usr/sbin/nologin, now /bin/bash"])
        self.assertEqual((self.apply(self.line), self.probe(self.line)), ([], []))
        self.remove(self.line)
        self.assertEqual(self.seen(), was)

    def test_user_that_another_site_has(self):
        self.apply(self.line)
        other = os.path.join(self.scratch, "records", "site-layout.other")
        os.mkdir(other)
        self.put(os.path.join(other, "script"), "site_user=site\n")
        for name in ("made", "generation"):
            self.put(os.path.join(other, name))
        self.run_verb("remove", self.line)
        self.assertIn("site:", self.read(os.path.join(self.fake, "passwd")))
        self.assertEqual(self.read(os.path.join(other, "made")), "user\tsite\n")

    def test_accounts_and_homes_that_no_site_may_have(self):
        home = self.values["home"]
        self.edit("passwd", "root:x", f"site:x:99:99::{home}:/bin/sh\nroot:x")
        self.assertIn("site is an account of the system (number 99)", self.fails("apply", "gp_may_be_a_site"))
        self.edit("passwd", "site:x:99:99", "site:x:1000:1000")
        os.mkdir(home)
        self.assertIn("is there already and belongs to root, not to site", self.fails("apply", "gp_may_be_a_site"))
        os.chown(home, 1000, 1000)
        data = os.path.dirname(home)
        os.chmod(data, 0o777)
        self.assertIn(
            "~~/data, which the home ~~/data/site lies in, can be written by others",
            self.fails("apply", "gp_may_be_a_site"),
        )
        os.chmod(data, 0o755)
        self.apply("gp_may_be_a_site")

    def test_a_group_that_is_not_its_own(self):
        self.edit("passwd", "root:x", "site:x:1000:1000::/h:/bin/bash\nroot:x")
        self.put(os.path.join(self.fake, "group"), "site:x:1000:site\n")
        self.apply("gp_group_is_its_own")
        self.put(os.path.join(self.fake, "group"), "site:x:1000:other\n")
        self.assertIn("the group site of site has other members (other)", self.fails("apply", "gp_group_is_its_own"))


class InHome(LibraryTest):
    """What is described of a home reaches home.py, and its words the operator. test_home.py has the rest."""

    def setUp(self):
        super().setUp()
        home = os.path.join(self.files, "home")
        self.values = {"site_user": "games", "home": home, "www": os.path.join(home, "www")}
        os.mkdir(home)
        shutil.chown(home, "games", "games")
        self.have_home_helper()
        self.put(os.path.join(self.fake, "passwd"), f"games:x:5:60::{home}:/bin/sh\n")

    def test_account_that_is_gone(self):
        line = "gp_in_home directory $www 750"
        self.apply(line)
        os.unlink(os.path.join(self.fake, "passwd"))
        os.chmod(self.values["www"], 0o700)
        # Its absence is the layout's to say.
        self.assertEqual(self.probe(line), [])

    def test_in_home(self):
        www = self.values["www"]
        lines = f"gp_in_home directory {www} 750; echo ours | gp_file_in_home {www}/f 640"
        self.check(
            lines,
            [
                (lambda: os.unlink(f"{www}/f"), "~/home/www/f: the file is missing"),
                (lambda: os.chmod(www, 0o700), "~/home/www: mode is 700, wanted 750"),
                (lambda: os.chmod(f"{www}/f", 0o600), "~/home/www/f: mode is 600, wanted 640"),
            ],
        )

    def test_why_it_fails(self):
        os.symlink("/elsewhere", self.values["www"])
        said = self.fails("apply", "gp_in_home directory $www/d 750")
        self.assertIn("~/home/www: is a link or a file, wanted a directory\n  Move it away", said)

    def test_a_helper_that_is_gone_is_put_back_by_its_component(self):
        engine = self.paths["engine_folder"]
        script = os.path.join(self.scratch, "records", "server-engine.own", "script")
        line = "gp_in_home directory $www 750"
        self.apply(line)
        os.mkdir(os.path.dirname(script))
        for part in ("home.py", "in_home/undo.py"):
            with self.subTest(part):
                self.put(script, f"install {SERVER}/{part} {engine}/{part}\n")
                os.unlink(os.path.join(engine, part))
                self.assertEqual(self.probe(line), [])
                self.assertEqual(self.apply(line), [])
                self.assertEqual(self.probe(line), [])
                os.unlink(os.path.join(engine, part))
                os.unlink(script)
                self.assertIn("home.py is missing\n  Run up, which brings it back.", self.fails("apply", line))
                self.have_home_helper()

    def test_archive_of_home(self):
        www = self.values["www"]
        os.makedirs(f"{www}/var")
        self.put(f"{www}/var/data", "rows\n")
        subprocess.run(["chown", "-R", "games:games", www], check=True)
        self.apply("gp_archive_of_home var var")
        (name,) = os.listdir(self.paths["backups"])
        archive = os.path.join(self.paths["backups"], name)
        self.assertEqual(stat.S_IMODE(os.stat(self.paths["backups"]).st_mode), 0o700)
        listed = subprocess.run(["tar", "-tzf", archive], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(listed.split(), ["www/var/", "www/var/data"])


class Configured(LibraryTest):
    """A part of the configuration that the engine takes, or does not."""

    def setUp(self):
        super().setUp()
        self.values = {"site_user": "root", "home": "/h", "www": "/h/www", "configuration": self.files}
        with open(os.path.join(self.fake, "passwd"), "w", encoding="utf-8") as file:
            file.write("root:x:0:0::/root:/bin/sh\n")
        with open(os.path.join(self.fake, "group"), "w", encoding="utf-8") as file:
            file.write("root:x:0:\n")
        # As the engine: it says when to store, waits until that is done, and serves with it.
        self.engine(f"cat >$FAKE/given; echo store; until cmp -s $FAKE/given {self.files}/$2.json; do sleep 0.01; done")

    def engine(self, text):
        self.put(os.path.join(self.scratch, "engine", "deploy"), f"#!/bin/sh\n{text}\n", mode=0o755)

    line = "file_configuration() { echo '{}'; }; gp_configured settings"

    def test_configured(self):
        path = self.path("settings.json")
        changes = [
            (lambda: self.put(path, "[]\n", 0o640), '~/settings.json: line 1 is "[]", wanted "{}"'),
            (lambda: os.chmod(path, 0o644), "~/settings.json: mode is 644, wanted 640"),
        ]
        self.check(self.line, changes, left=["fake"])

    def test_secrets_are_not_said(self):
        line = self.line.replace("settings", "secrets")
        self.apply(line)
        self.put(self.path("secrets.json"), "[]\n", 0o640)
        self.assertEqual(self.probe(line), ["~/secrets.json: the content was changed"])

    def test_what_the_engine_refuses(self):
        self.engine("exit 1")
        self.assertIn("the site can't serve with these settings", self.fails("apply", self.line))
        self.assertEqual(os.listdir(self.files), [])


class WayIn(LibraryTest):
    """A change that the server takes back unless it is confirmed."""

    def line(self, text):
        """As firewall.sh and ssh-hardening.sh describe what could lock the operator out."""
        path = self.path("f")
        return f"""
            if gp_taken_back; then return 0; fi
            way_back_seconds=0
            echo {text} >$work/text
            if [ "$verb" = apply ] && ! cmp -s $work/text {path}; then gp_open_way_back {path} true; fi
            gp_file {path} 644 root <$work/text"""

    def time_passes(self):
        """What the unit does that waits on the server."""
        environment = {**os.environ, "FAKE": self.fake, "PATH": self.paths["PATH"]}
        subprocess.run(["sh", os.path.join(self.record, "way-back", "go")], check=True, env=environment)

    def test_confirmed(self):
        self.put(self.path("f"), "of before\n")
        self.apply(self.line("ours"))
        unit = os.path.join(self.paths["units"], "greenpush-way-back-component.service")
        self.assertIn(f"ExecStart=/bin/sh {self.record}/way-back/go", self.read(unit))
        self.assertEqual(self.run_verb("confirm", ":"), (0, "", ""))
        self.assertEqual((os.path.exists(unit), os.path.exists(os.path.join(self.record, "way-back"))), (False, False))
        self.assertEqual((self.apply(self.line("ours")), self.probe(self.line("ours"))), ([], []))
        self.assertEqual(self.read(self.path("f")), "ours\n")

    def test_taken_back(self):
        self.put(self.path("f"), "of before\n")
        self.apply(self.line("ours"))
        # Of two changes in a row, what was there before the first comes back.
        self.apply(self.line("newer"))
        self.time_passes()
        self.assertEqual(self.read(self.path("f")), "of before\n")
        says = "the server took the last change back, because no new connection confirmed it"
        self.assertEqual(self.probe(self.line("newer")), [says])
        self.assertIn("so the server has taken it back", self.fails("confirm", ":"))
        self.assertIn(f"{says}: applies it again", self.apply(self.line("newer")))
        self.assertEqual(self.read(self.path("f")), "newer\n")
        self.run_verb("confirm", ":")
        self.remove(self.line("newer"))
        self.assertEqual(self.read(self.path("f")), "of before\n")

    def test_taken_back_where_nothing_was(self):
        self.apply(self.line("ours"))
        self.time_passes()
        self.assertFalse(os.path.exists(self.path("f")))


if __name__ == "__main__":
    as_root()
    unittest.main()
