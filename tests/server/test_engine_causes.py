"""What uv says where it fails, as it says it, and what a person reads of that."""

import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.example import REQUIREMENTS
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.venv.install_failures import explain, names_host, older_python, shown_of

# As uv 0.13.9 says it.
BUILDS = """Using Python 3.11.2 environment at: /home/deploy/www/venvs/1
Resolved 1 package in 400ms
   Building {package}==1.0
error: Failed to build `{package}==1.0`
  cause: The build backend returned an error
  cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)

         [stdout]
         running egg_info

         [stderr]
{said}

hint: Build failures usually indicate a problem with the package or the build environment
"""
HEADER = """      In file included from Modules/LDAPObject.c:3:
      {0}.c:15:10: fatal error: {0}: No such file or directory
         15 | #include <{0}>
            |          ^~~~~~~~
      compilation terminated.
      error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1"""
# (what is installed, what its build says; the thing that is lacking, the line of the stack file)
LACKING = (
    (
        "uwsgi",
        '          raise Exception("you need a C compiler to build uWSGI")\n'
        "      Exception: you need a C compiler to build uWSGI",
        "a C compiler",
        "[build-essential, python3-dev]",
    ),
    (
        "pylibmc",
        "      error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
        "a C compiler",
        "[libmemcached-dev, zlib1g-dev, build-essential, python3-dev]",
    ),
    # Debian's postgresql has a pg_config, and none of its headers.
    (
        "psycopg2",
        "      error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'",
        "a C compiler",
        "[libpq-dev, build-essential, python3-dev]",
    ),
    ("psycopg2", HEADER.format("pg_config.h"), "the file pg_config.h", "[libpq-dev]"),
    (
        "mysqlclient",
        HEADER.format("none-that-is-known.h"),
        "the file none-that-is-known.h",
        "[default-libmysqlclient-dev, pkg-config, build-essential, python3-dev]",
    ),
    (
        "greenlet",
        "      error: command 'g++' failed: No such file or directory",
        "a C compiler",
        "[build-ess",
    ),
    (
        "numpy",
        "      ../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang']]",
        "a C compiler",
        "[build-essential, python3-dev]",
    ),
    ("bcrypt", "      error: linker `cc` not found", "a C compiler", "[build-essential, python3-dev]"),
    (
        "psycopg-c",
        "      couldn't run 'pg_config' --includedir: [Errno 2] No such file or directory: 'pg_config'\n"
        "      error: [Errno 2] No such file or directory: 'pg_config'",
        "the program pg_config",
        "[libpq-dev, build-essential, python3-dev]",
    ),
    (
        "psycopg2",
        "      \n      Error: pg_config executable not found.\n      \n"
        "      pg_config is required to build psycopg2 from source.",
        "the program pg_config",
        "[libpq-dev, build-essential, python3-dev]",
    ),
    (
        "mysqlclient",
        "      Exception: Can not find valid pkg-config name.\n"
        "      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually",
        "the client library of MySQL",
        "[default-libmysqlclient-dev, pkg-config, build-essential, python3-dev]",
    ),
    (
        "mysqlclient",
        "      /bin/sh: 1: mysql_config: not found",
        "the program mysql_config",
        "[default-libmysqlclient-dev, pkg-config,",
    ),
    ("lxml", HEADER.format("Python.h"), "the file Python.h", "[python3-dev]"),
    ("python-ldap", HEADER.format("lber.h"), "the file lber.h", "[libldap-dev, libsasl2-dev]"),
    ("psycopg2", HEADER.format("libpq-fe.h"), "the file libpq-fe.h", "[libpq-dev]"),
    ("xmlsec", HEADER.format("xmlsec/xmlsec.h"), "the file xmlsec/xmlsec.h", "[libxmlsec1-dev]"),
    ("gssapi", HEADER.format("gssapi/gssapi.h"), "the file gssapi/gssapi.h", "[libkrb5-dev]"),
    ("odd", HEADER.format("odd/thing.h"), "the file odd/thing.h", "apt-file search odd/thing.h"),
    (
        "psycopg2",
        "      /usr/bin/ld: cannot find -lpq: No such file or directory",
        "the library pq",
        "[libpq-dev]",
    ),
    (
        "lxml",
        "      Error: Please make sure the libxml2 and libxslt development packages are installed.",
        "the files of libxml2",
        "[libxml2-dev, libxslt1-dev,",
    ),
    (
        "pillow",
        "      RequiredDependencyException: jpeg",
        "the files of image libraries",
        "[libjpeg-dev, zlib1g-dev,",
    ),
    (
        "cryptography",
        "      Cargo, the Rust package manager, is not installed or is not on PATH.",
        "a Rust compiler",
        "[cargo, build-essential, python3-dev]",
    ),
    (
        "gdal",
        "      gdal_config_error: [Errno 2] No such file or directory: 'gdal-config'",
        "the program gdal-config",
        "[libgdal-dev,",
    ),
)
UNSOLVED = "Using Python 3.11.2 environment at: e\nerror: No solution found when resolving dependencies\n  cause: {}\n"
SO = "we can conclude that your requirements are unsatisfiable."
FETCH = "error: Failed to fetch: https://me:word@index.example.org/simple/django/\n"
UNREACHED = (
    (
        "  cause: client error (Connect)\n  cause: dns error\n"
        "  cause: failed to lookup address information: Name or service not known",
        "its name leads nowhere",
    ),
    ("  cause: client error (Connect)\n  cause: Connection refused (os error 111)", "it refuses the connection"),
    ("  cause: tcp connect error\n  cause: Network is unreachable (os error 101)", "it does not answer"),
    ("  cause: operation timed out", "it does not answer"),
    (
        "  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer",
        "the server does not trust its certificate",
    ),
    ("  cause: HTTP status server error (503 Service Unavailable) for url (https://x)", "it answers 503"),
)
DENIED = "\nhint: An index{} (https://me:word@index.example.org/simple) {}\n"
OTHERS = (
    (
        "error: Failed to download `sqlparse==0.5.1`\n  cause: Hash mismatch for `sqlparse==0.5.1`\n\n"
        "         Expected:\n           sha256:00\n",
        "what the index has as sqlparse==0.5.1 is not what its hash says",
        "Hash mismatch",
    ),
    (
        "error: In `--require-hashes` mode, all requirements must have a hash, but none were provided for: "
        "gunicorn==23\n",
        "some requirements have a hash, and one has none",
        "gunicorn==23",
    ),
    (
        "error: Hash-checking is required, but no trusted hash was provided for: `asgiref`\n",
        "the requirements have hashes, and asgiref has none, which one of them needs",
        "asgiref",
    ),
    (
        "error: Failed to download `setuptools==84.2.1`\n"
        "  cause: Hash-checking is enabled, but no hashes were provided for `setuptools==84.2.1`\n",
        "the requirements have hashes, and setuptools has none, which one of them needs",
        "setuptools",
    ),
    (
        UNSOLVED.format(
            "Because django==5.2.1 depends on asgiref>=3.8.1 and you require django==5.2.1, we can conclude that you "
            f"require asgiref>=3.8.1.\n         And because you require asgiref==3.0, {SO}"
        ),
        "the requirements contradict each other",
        # What each needs stands in the lines before the last.
        "django==5.2.1 depends on asgiref>=3.8.1",
    ),
    (
        UNSOLVED.format(f"Because uwsgi==2.0.28 has no usable wheels and you require uwsgi==2.0.28, {SO}"),
        "has no wheel for this Python",
        "uwsgi==2.0.28",
    ),
    (
        "error: Failed to download and build `thing @ git+ssh://git@example.org/x.git`\n  cause: Git operation failed\n"
        "         --- stderr\n         fatal: Could not read from remote repository.\n",
        "a repository that is required can't be read",
        "fatal: Could not read",
    ),
    (
        "error: Failed to download and build `thing @ git+https://example.org/x.git`\n  cause: Git operation failed\n"
        "         --- stderr\n         fatal: unable to access 'https://me:word@example.org/x.git/': "
        "Could not resolve host: example.org\n",
        "the server does not reach example.org, from where git fetches a package",
        "Could not resolve host",
    ),
    ("error: failed to write: No space left on device (os error 28)\n", "the disk of the server is full", "No space"),
    (
        "error: Error parsing included file in `r.txt` at position 0\n  cause: failed to read from file "
        "`/x/other.txt`: No such file or directory (os error 2)\n",
        "it includes a file that is not there",
        "other.txt",
    ),
    ("error: Couldn't parse requirement in `r.txt` at position 0\n  cause: x\n", "a line of it is no", "r.txt"),
    (
        "error: Group `prod` is not defined in the project's `dependency-groups` table\n",
        "it has no group or extra prod",
        "prod",
    ),
    (
        UNSOLVED.format(f"Because djagno was not found in the package registry and you require djagno, {SO}"),
        "no index has djagno for this server",
        "djagno",
    ),
    (
        UNSOLVED.format(f"Because there is no version of django==99.0 and you require django==99.0, {SO}"),
        "no index has django==99.0 for this server",
        "django==99.0",
    ),
)


class Explained(unittest.TestCase):
    def test_what_a_build_lacks(self):
        for package, output, lacks, line in LACKING:
            with self.subTest(package=package, lacks=lacks):
                reason, lines, helps = explain(BUILDS.format(package=package, said=output), "3.11")
                self.assertIn(f"{package} has to be built here, and the server lacks {lacks}", reason)
                self.assertIn(line, helps)
                self.assertIn("`packages", helps)
                self.assertTrue(lines and lines[0].strip() in output, lines)
                self.assertLessEqual(len(lines), 4)

    def test_what_needs_no_building_is_named_only_where_it_is_another_package(self):
        output = "      Error: pg_config executable not found."
        for package, says in (("psycopg2", True), ("psycopg2-binary", False)):
            helps = explain(BUILDS.format(package=package, said=output), "3.11")[2]
            self.assertEqual("psycopg[binary]" in helps, says)
            self.assertEqual("a version of psycopg2-binary that has a wheel" in helps, not says)

    def test_a_file_that_is_missing_in_a_package_is_no_program(self):
        output = "      FileNotFoundError: [Errno 2] No such file or directory: 'README'"
        self.assertIsNone(explain(BUILDS.format(package="thing", said=output), "3.11"))

    def test_an_index_out_of_reach(self):
        for why, reads in UNREACHED:
            with self.subTest(why=why):
                reason, lines, helps = explain(FETCH + why, "3.11")
                self.assertEqual(reason, f"uv can't get packages from index.example.org: {reads}")
                self.assertNotIn("word", " ".join([*lines, helps]))
                self.assertIn("https://index.example.org", helps)
        absent = UNSOLVED.format(f"Because six was not found in the package registry and you require six, {SO}")
        for hint in (
            DENIED.format(" URL", "could not be queried due to a lack of valid credentials (401 Unauthorized)"),
            DENIED.format("", "returned a 403 Forbidden error. Check that the index URL is correct"),
        ):
            reason, lines, _ = explain(absent + hint, "3.11")
            self.assertRegex(reason, r"from index\.example\.org: it answers 40[13], so it wants a login")
            self.assertNotIn("word", " ".join(lines))

    def test_a_version_for_another_python(self):
        said = UNSOLVED.format(
            "Because the current Python version (3.11.2) does not satisfy Python>=3.12 and django==6.0 depends on "
            "Python>=3.12, we can conclude that django==6.0 cannot be used.\n"
            f"         And because you require django==6.0, {SO}"
        )
        reason, _, helps = explain(said, "3.11")
        self.assertEqual(reason, "django 6.0 needs Python >=3.12, and this release has 3.11")
        self.assertIn('Set `python: "3.12"`', helps)
        self.assertIn("a version of django that runs on Python 3.11", helps)

    def test_others(self):
        for said, reads, shown in OTHERS:
            with self.subTest(reads=reads):
                reason, lines, helps = explain(said, "3.11")
                self.assertIn(reads, reason)
                self.assertIn(shown, " ".join(lines))
                self.assertNotIn("word", " ".join(lines))
                self.assertTrue(helps)

    def test_what_is_shown_of_an_unknown_one(self):
        said = BUILDS.format(package="thing", said="         first\n         RuntimeError: no luck")
        self.assertEqual(shown_of(said), ["error: Failed to build `thing==1.0`", "first", "RuntimeError: no luck"])
        self.assertEqual(shown_of("Using\nerror: odd\n  cause: odder\n"), ["error: odd", "  cause: odder"])
        self.assertEqual(shown_of(""), [])

    def test_a_package_that_is_too_old_for_this_python(self):
        wheels = "".join(f"psycopg2_binary-2.9-cp3{each}-cp3{each}-manylinux_2_17_x86_64.whl\n" for each in (9, 10))
        said = BUILDS.format(package="psycopg2-binary", said="         error: lvalue required")
        with tempfile.TemporaryDirectory() as folder:
            job = mock.Mock()
            job.release.project = job.release.codebase = folder
            compiled = "#\n# This file is autogenerated by pip-compile with Python {}\n"
            by_uv = "#    uv pip compile in.txt --python-version {}\n"
            for text, says in (
                (compiled.format("3.10"), 'requirements.txt is made for Python 3.10: set `python: "3.10"`'),
                (by_uv.format("3.12"), 'requirements.txt is made for Python 3.12: set `python: "3.12"`'),
                (by_uv.format("3.9"), "requirements.txt is made for Python 3.9, which Greenpush does not run"),
                (compiled.format("3.11"), "can't be compiled for it. "),
                # The lock file's wheels of the package itself tell more than what the file was made with.
                (
                    f"{wheels}{compiled.format('3.12')}",
                    'requirements.txt is made for Python 3.10: set `python: "3.10"`',
                ),
            ):
                of = mock.Mock(texts=[("requirements.txt", text)])
                self.assertTrue(older_python(said, "3.11", job, of).startswith("psycopg2-binary has no wheel"))
                self.assertIn(says, older_python(said, "3.11", job, of))
            with open(os.path.join(folder, "Dockerfile"), "w", encoding="utf-8") as file:
                file.write("FROM python:3.10-slim\n")
            self.assertIn("Dockerfile is made for Python 3.10", older_python(said, "3.11", job, mock.Mock(texts=[])))
            os.remove(os.path.join(folder, "Dockerfile"))
            for place, version in (("local", "3.12"), ("production", "3.10")):
                os.makedirs(os.path.join(folder, "compose", place))
                with open(os.path.join(folder, "compose", place, "Dockerfile"), "w", encoding="utf-8") as file:
                    file.write(f"FROM python:{version}-slim\n")
            self.assertIn(
                'compose/production/Dockerfile is made for Python 3.10: set `python: "3.10"`',
                older_python(said, "3.11", job, mock.Mock(texts=[])),
            )
        self.assertEqual(older_python("error: odd\n", "3.11", job, mock.Mock(texts=[])), "")

    def test_what_nobody_knows(self):
        self.assertIsNone(explain("error: something new\n", "3.11"))
        self.assertIsNone(explain("", "3.11"))

    def test_a_package_that_is_older_than_what_it_is_built_with(self):
        for said in (
            "         AttributeError: 'build_ext' object has no attribute 'cython_sources'",
            "         ImportError: cannot import name 'convert_path' from 'setuptools' (/x/setuptools/__init__.py)",
            "         ModuleNotFoundError: No module named 'pkg_resources'",
        ):
            reason, lines, advice = explain(BUILDS.format(package="pyyaml", said=said), "3.10")
            self.assertEqual(reason, "pyyaml can't be built with today's setuptools and Cython")
            self.assertEqual(lines, [said.strip()])
            self.assertIn("`environment: { UV_BUILD_CONSTRAINT: build-constraints.txt }`", advice)


class WhoNamesAnIndex(unittest.TestCase):
    def test_files_of_each_kind(self):
        lock = (
            '[[package]]\nname = "django"\nversion = "5"\nsource = { registry = "https://pypi.org/simple" }\n'
            'wheels = [{ url = "https://files.pythonhosted.org/x.whl" }]\n\n'
            '[[package]]\nname = "torch"\nversion = "2"\nsource = { registry = "https://torch.example.org/whl" }\n\n'
            '[[package]]\nname = "word"\nversion = "2"\nsource = { url = "https://words.example.org/word.whl" }\n'
        )
        project = ("pyproject.toml", '[project.urls]\nhome = "https://shop.example.org"\n')
        for kind, texts, hosts in (
            ("uv.lock", [("uv.lock", lock), project], {"torch.example.org": "uv.lock", "words.example.org": "uv.lock"}),
            (
                "requirements",
                [
                    (
                        "base.txt",
                        "--extra-index-url=https://me:x@own.example.org/simple\nword @ https://a.example.org/w.whl",
                    )
                ],
                {"own.example.org": "base.txt", "a.example.org": "base.txt"},
            ),
        ):
            of = mock.Mock(kind=kind, names=[texts[0][0]], texts=texts)
            for host in (*hosts, "pypi.org", "files.pythonhosted.org", "shop.example.org"):
                with self.subTest(kind=kind, host=host):
                    self.assertEqual(names_host(of, host), hosts.get(host, ""))


class Pushed(EngineTest):
    def tearDown(self):
        self.site.git("reset", "--quiet", "--hard", "HEAD^")

    def refused(self, subject, **env):
        self.site.commit(subject)
        return self.bad(self.site.push(env={**os.environ, "PIP_FIND_LINKS": "", **env}))

    def test_an_index_that_does_not_answer(self):
        self.site.write("requirements.pip", f"{REQUIREMENTS}no-such-package-of-greenpush\n")
        said = self.refused("Out of reach", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="0")
        self.assertIn(
            "REFUSED at virtualenv: requirements.pip: uv can't get packages from 127.0.0.1:1: it refuses the", said
        )
        self.assertNotIn("No matching distribution", said)
        self.assertIn("Another index: PIP_INDEX_URL", said)
        self.site.write(
            "requirements.pip", f"-i http://127.0.0.1:2/simple\n{REQUIREMENTS}no-such-package-of-greenpush\n"
        )
        said = self.refused("Out of reach by the file", PIP_RETRIES="0")
        self.assertIn("uv can't get packages from 127.0.0.1:2", said)
        self.assertIn("requirements.pip names it, which counts more than an index of the server", said)
        self.assertIn("`files: { requirements.pip: FILE }`", said)
        self.assertNotIn("PIP_INDEX_URL", said)
        self.site.git("reset", "--quiet", "--soft", "HEAD^")

    def test_a_line_that_is_no_requirement(self):
        self.site.write("lists/more.txt", "shop @ https://shop.example.com/zipball/1\n")
        self.site.write("requirements.pip", f"{REQUIREMENTS}-r lists/more.txt\n")
        said = self.refused("No requirement")
        self.assertIn("a line of it is no requirement", said)
        self.assertIn("`files: { lists/more.txt: FILE }` in the stack file", said)
        self.site.git("reset", "--quiet", "--hard", "HEAD^")
        self.site.write(
            "thing/setup.py",
            "import sys\nfrom setuptools import setup\nassert 'bdist_wheel' not in sys.argv, 'too old'\n"
            "setup(name='thing', version='1')\n",
        )
        self.site.write("lists/more.txt", "thing @ file:./thing\n")
        self.site.write("requirements.pip", f"{REQUIREMENTS}-r lists/more.txt\n")
        said = self.refused("Too old")
        self.assertIn("thing has no wheel for Python", said)
        self.assertIn("`files: { lists/more.txt: FILE }` in the stack file", said)

    def test_settings_that_are_in_no_repository(self):
        self.site.write("codebase/settings/__init__.py", "import codebase.secret\n")
        said = self.refused("No secret")
        self.assertIn("REFUSED at django: ModuleNotFoundError: No module named 'codebase.secret'", said)
        self.assertIn("`files: { codebase/secret.py: FILE }`", said)

    def test_a_server_without_a_compiler(self):
        self.site.write("thing/thing.c", "")
        self.site.write(
            "thing/setup.py",
            "from setuptools import Extension, setup\n"
            "setup(name='thing', version='1', ext_modules=[Extension('thing', ['thing.c'])])\n",
        )
        self.site.write("requirements.pip", f"{REQUIREMENTS}./thing\n")
        said = self.refused("Not built", CC="no-such-gcc")
        self.assertIn("REFUSED at virtualenv: requirements.pip: thing has to be built here", said)
        self.assertIn("the server lacks a C compiler for it", said)
        self.assertIn("`packages: [build-essential, python3-dev]`", said)
        self.assertIn("virtualenv: requirements.pip: thing has to", self.site.record()[-1]["reason"])


if __name__ == "__main__":
    unittest.main()
