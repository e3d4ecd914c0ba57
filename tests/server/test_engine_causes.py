"""What pip and applications say where they fail, as they say it, and what a person reads of that."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.engine_test import EngineTest
from support.site import ROOT

sys.path.insert(0, os.path.join(ROOT, "server"))
from engine.console.application_causes import with_help
from engine.errors import Refused
from engine.venv.pip_failures import explain, satisfies

NOTE = "  note: This error originates from a subprocess, and is likely not a problem with pip.\n"
BUILDS = """Collecting {package}
  Downloading {package}.tar.gz (598 kB)
  error: subprocess-exited-with-error

  × {what} did not run successfully.
  │ exit code: 1
  ╰─> [21 lines of output]
      running dist_info
{said}
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
{end}
"""
METADATA_23 = """error: metadata-generation-failed

× Encountered error while generating package metadata.
╰─> See above for output.
"""
WHEEL_23 = """  ERROR: Failed building wheel for {0}
Failed to build {0}
ERROR: Could not build wheels for {0}, which is required to install pyproject.toml-based projects
"""
WHEEL_26 = """error: failed-wheel-build-for-install

× Failed to build installable wheels for some pyproject.toml based projects
╰─> {0}
"""
HEADER = """      In file included from Modules/LDAPObject.c:3:
      {0}.c:15:10: fatal error: {0}: No such file or directory
         15 | #include <{0}>
            |          ^~~~~~~~
      compilation terminated.
      error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1"""
# (what pip installs, what its build says, how pip ends; the thing that is lacking, the line of the stack file)
LACKING = (
    (
        "uwsgi",
        '          raise Exception("you need a C compiler to build uWSGI")\n'
        "      Exception: you need a C compiler to build uWSGI",
        WHEEL_26,
        "a C compiler",
        "[build-essential, python3-dev]",
    ),
    (
        "pylibmc",
        "      error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
        WHEEL_23,
        "a C compiler",
        "[build-essential, python3-dev]",
    ),
    (
        "greenlet",
        "      error: command 'g++' failed: No such file or directory",
        WHEEL_26,
        "a C compiler",
        "[build-ess",
    ),
    (
        "numpy",
        "      ../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang']]",
        METADATA_23,
        "a C compiler",
        "[build-essential, python3-dev]",
    ),
    ("bcrypt", "      error: linker `cc` not found", WHEEL_26, "a C compiler", "[build-essential, python3-dev]"),
    (
        "psycopg-c",
        "      couldn't run 'pg_config' --includedir: [Errno 2] No such file or directory: 'pg_config'\n"
        "      error: [Errno 2] No such file or directory: 'pg_config'",
        METADATA_23,
        "the program pg_config",
        "[libpq-dev, build-essential, python3-dev]",
    ),
    (
        "psycopg2",
        "      \n      Error: pg_config executable not found.\n      \n"
        "      pg_config is required to build psycopg2 from source.",
        METADATA_23,
        "the program pg_config",
        "[libpq-dev, build-essential, python3-dev]",
    ),
    (
        "mysqlclient",
        "      Exception: Can not find valid pkg-config name.\n"
        "      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually",
        "ERROR: Failed to build '{0}' when getting requirements to build wheel",
        "the client library of MySQL",
        "[default-libmysqlclient-dev, pkg-config, build-essential, python3-dev]",
    ),
    (
        "mysqlclient",
        "      /bin/sh: 1: mysql_config: not found",
        METADATA_23,
        "the program mysql_config",
        "[default-libmysqlclient-dev, pkg-config,",
    ),
    ("lxml", HEADER.format("Python.h"), WHEEL_23, "the file Python.h", "[python3-dev]"),
    ("python-ldap", HEADER.format("lber.h"), WHEEL_23, "the file lber.h", "[libldap-dev, libsasl2-dev]"),
    ("psycopg2", HEADER.format("libpq-fe.h"), WHEEL_23, "the file libpq-fe.h", "[libpq-dev]"),
    ("xmlsec", HEADER.format("xmlsec/xmlsec.h"), WHEEL_23, "the file xmlsec/xmlsec.h", "[libxmlsec1-dev]"),
    ("gssapi", HEADER.format("gssapi/gssapi.h"), WHEEL_26, "the file gssapi/gssapi.h", "[libkrb5-dev]"),
    ("odd", HEADER.format("odd/thing.h"), WHEEL_26, "the file odd/thing.h", "apt-file search odd/thing.h"),
    (
        "psycopg2",
        "      /usr/bin/ld: cannot find -lpq: No such file or directory",
        WHEEL_23,
        "the library pq",
        "[libpq-dev]",
    ),
    (
        "lxml",
        "      Error: Please make sure the libxml2 and libxslt development packages are installed.",
        WHEEL_23,
        "the files of libxml2",
        "[libxml2-dev, libxslt1-dev,",
    ),
    (
        "pillow",
        "      RequiredDependencyException: jpeg",
        WHEEL_23,
        "the files of image libraries",
        "[libjpeg-dev, zlib1g-dev,",
    ),
    (
        "cryptography",
        "      Cargo, the Rust package manager, is not installed or is not on PATH.",
        METADATA_23,
        "a Rust compiler",
        "[cargo, build-essential, python3-dev]",
    ),
    (
        "gdal",
        "      gdal_config_error: [Errno 2] No such file or directory: 'gdal-config'",
        METADATA_23,
        "the program gdal-config",
        "[libgdal-dev,",
    ),
)
NONE = "ERROR: Could not find a version that satisfies the requirement {0} (from versions: {1})\n"
NO_MATCH = NONE + "ERROR: No matching distribution found for {0}\n"
IGNORED = (
    "ERROR: Ignored the following versions that require a different python version: "
    "5.3 Requires-Python >=3.11; 6.0 Requires-Python >=3.12; 6.0.1 Requires-Python >=3.12; 6.1 Requires-Python >=3.13\n"
)
FETCH = "  Could not fetch URL https://me:word@index.example.org/simple/django/: {} - skipping\n"
BROKEN = (
    "connection error: HTTPSConnectionPool(host='index.example.org', port=443): Max retries exceeded with url: "
    "/simple/django/ (Caused by {})"
)
CONNECTION = "NewConnectionError('<HTTPSConnection object>: Failed to establish a new connection: [Errno {}] {}')"
UNREACHED = (
    (BROKEN.format(CONNECTION.format(-2, "Name or service not known")), "its name leads nowhere"),
    (BROKEN.format(CONNECTION.format(-3, "Temporary failure in name resolution")), "its name leads nowhere"),
    (BROKEN.format(CONNECTION.format(111, "Connection refused")), "it refuses the connection"),
    (BROKEN.format(CONNECTION.format(101, "Network is unreachable")), "it does not answer"),
    (BROKEN.format("ConnectTimeoutError('... timed out. (connect timeout=15)')"), "it does not answer"),
    (
        "There was a problem confirming the ssl certificate: HTTPSConnectionPool(...): Max retries exceeded (Caused by "
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))",
        "the server does not trust its certificate",
    ),
    ("401 Client Error: Unauthorized for url: https://index.example.org/", "it answers 401, so it wants a login"),
    ("403 Client Error: Forbidden for url: https://index.example.org/", "it answers 403, so it wants a login"),
    (BROKEN.format("ResponseError('too many 503 error responses')"), "it answers 503"),
)
OTHERS = (
    (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package\n"
        "    Django==5.2.19 from https://index.example.org/django.whl (from -r requirements.pip (line 1)):\n"
        "        Expected sha256 00\n             Got        59\n\n",
        "what the index has as Django==5.2.19 is not what its hash says",
        "Got        59",
    ),
    (
        "ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:\n"
        "    asgiref>=3.8.1 from https://index.example.org/asgiref.whl (from Django==5.2.19)\n",
        "some requirements have a hash, and one has none",
        "asgiref>=3.8.1",
    ),
    (
        "ERROR: Cannot install django==5.2.19 and sqlparse==0.2.0 because these package versions have conflicting "
        "dependencies.\n\nThe conflict is caused by:\n    The user requested sqlparse==0.2.0\n"
        "    django 5.2.19 depends on sqlparse>=0.3.1\n\nTo fix this you could try to:\n1. loosen\n",
        "the requirements contradict each other",
        "django 5.2.19 depends on sqlparse>=0.3.1",
    ),
    (
        "ERROR: thing-1-cp39-cp39-linux_x86_64.whl is not a supported wheel on this platform.\n",
        "thing-1-cp39-cp39-linux_x86_64.whl is made for another Python",
        "not a supported wheel",
    ),
    (
        "ERROR: Package 'thing' requires a different Python: 3.11.2 not in '>=3.12'\n",
        "thing needs another Python than the server has",
        "3.11.2 not in '>=3.12'",
    ),
    (
        "  fatal: Could not read from remote repository.\n\n  Please make sure you have the correct access rights\n"
        + NOTE,
        "a repository that is required can't be read",
        "fatal: Could not read",
    ),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
        "the disk of the server is full",
        "No space left",
    ),
    (NO_MATCH.format("Djagno", "none"), "no index has Djagno for this server", "No matching distribution"),
    (NO_MATCH.format("Django==99.1", "5.1, 5.2"), "no index has Django==99.1 for this server", "No matching"),
)


class Explained(unittest.TestCase):
    def test_what_a_build_lacks(self):
        for package, output, end, lacks, line in LACKING:
            with self.subTest(package=package, lacks=lacks):
                said = BUILDS.format(
                    package=package, what="Preparing metadata", said=output, end=end.format(package, NOTE)
                )
                reason, lines, helps = explain(said, "", "3.11")
                self.assertIn(f"{package} has to be built here, and the server lacks {lacks}", reason)
                self.assertIn(line, helps)
                self.assertIn("`packages", helps)
                self.assertTrue(lines and lines[0].strip() in output, lines)
                self.assertLessEqual(len(lines), 4)

    def test_a_file_that_is_missing_in_a_package_is_no_program(self):
        output = "      FileNotFoundError: [Errno 2] No such file or directory: 'README'"
        said = BUILDS.format(package="thing", what="Preparing metadata", said=output, end=METADATA_23)
        self.assertIsNone(explain(said, "", "3.11"))

    def test_an_index_out_of_reach(self):
        said = NO_MATCH.format("Django==5.2.19", "none")
        for why, reads in UNREACHED:
            with self.subTest(why=why):
                reason, lines, helps = explain(said, FETCH.format(why), "3.11")
                self.assertEqual(reason, f"pip can't get packages from index.example.org: {reads}")
                self.assertNotIn("word", " ".join([*lines, helps]))
                self.assertIn("https://index.example.org", helps)
        absent = FETCH.format("404 Client Error: Not Found for url: https://index.example.org/simple/django/")
        self.assertIn("no index has Django==5.2.19", explain(said, absent, "3.11")[0])
        lost = "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='files.example.org', "
        reason = explain(f"{lost}port=443): Read timed out.\n", "", "3.11")[0]
        self.assertEqual(reason, "pip can't get packages from files.example.org: it does not answer")

    def test_a_version_for_another_python(self):
        for wants, needs in (("==6.0", "6.0 needs Python >=3.12"), (">=6.1,<7", "6.1 needs Python >=3.13")):
            with self.subTest(wants=wants):
                said = IGNORED + NO_MATCH.format(f"Django[argon2]{wants}", "5.1, 5.2")
                reason, _, helps = explain(said, "", "3.10")
                self.assertEqual(reason, f"Django {needs}, and the server has 3.10")
                self.assertIn("runs on Python 3.10", helps)
        self.assertIn(
            "no index has Django==99.1", explain(IGNORED + NO_MATCH.format("Django==99.1", "5"), "", "3.10")[0]
        )

    def test_what_a_version_satisfies(self):
        for wants, version, does in (
            ("==6.0", "6.0", True),
            ("==6.0", "6.0.0", True),
            ("==6.0", "6.0.1", False),
            ("==6.*", "6.1.2", True),
            ("==6.*", "5.2", False),
            ("~=6.0", "6.1", True),
            ("~=6.0.1", "6.1", False),
            (">=5,<6", "6.0", False),
            (">5,!=6.0", "6.0", False),
            ("", "6.0", True),
            (">=6", "6.1rc1", False),
        ):
            with self.subTest(wants=wants, version=version):
                self.assertEqual(satisfies(version, wants), does)

    def test_others(self):
        for said, reads, shown in OTHERS:
            with self.subTest(reads=reads):
                reason, lines, helps = explain(said, "", "3.11")
                self.assertIn(reads, reason)
                self.assertIn(shown, " ".join(lines))
                self.assertTrue(helps)

    def test_what_nobody_knows(self):
        self.assertIsNone(explain("ERROR: Invalid requirement: 'a b'\n", "", "3.11"))
        self.assertIsNone(explain("", "", "3.11"))


class OfApplications(unittest.TestCase):
    def test_static_files(self):
        for line, why in (
            (
                "ValueError: Missing staticfiles manifest entry for 'a/b.css'",
                "The manifest of static files has no a/b.css.",
            ),
            ("ValueError: The file 'c.png' could not be found with <Storage object>.", "Static files name c.png"),
        ):
            for refused in (Refused("django", line, [], "A log."), Refused("health", "no", ["x", line], "A log.")):
                advice = with_help(refused).advice
                self.assertIn(why, advice)
                self.assertIn("`collectstatic: false`", advice)
                self.assertTrue(advice.endswith(" A log."))

    def test_what_nobody_knows(self):
        self.assertEqual(with_help(Refused("django", "no", [], "A log.")).advice, "A log.")
        error = KeyError("Missing staticfiles manifest entry for 'a'")
        self.assertIs(with_help(error), error)


class Pushed(EngineTest):
    def tearDown(self):
        self.site.git("reset", "--quiet", "--hard", "HEAD^")

    def refused(self, subject, **env):
        self.site.commit(subject)
        return self.bad(self.site.push(env={**os.environ, "PIP_FIND_LINKS": "", **env}))

    def test_an_index_that_does_not_answer(self):
        self.site.write("requirements.pip", "Django==5.2.19\ngunicorn==27.0.1\nno-such-package-of-greenpush\n")
        said = self.refused("Out of reach", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_RETRIES="0")
        self.assertIn(
            "REFUSED at virtualenv: requirements.pip: pip can't get packages from 127.0.0.1:1: it refuses the", said
        )
        self.assertNotIn("No matching distribution", said)

    def test_a_server_without_a_compiler(self):
        self.site.write("thing/thing.c", "")
        self.site.write(
            "thing/setup.py",
            "from setuptools import Extension, setup\n"
            "setup(name='thing', version='1', ext_modules=[Extension('thing', ['thing.c'])])\n",
        )
        self.site.write("requirements.pip", "Django==5.2.19\ngunicorn==27.0.1\n./thing\n")
        said = self.refused("Not built", CC="no-such-gcc")
        self.assertIn("REFUSED at virtualenv: requirements.pip: thing has to be built here", said)
        self.assertIn("the server lacks a C compiler for it", said)
        self.assertIn("`packages: [build-essential, python3-dev]`", said)
        self.assertIn("virtualenv: requirements.pip: thing has to", self.site.record()[-1]["reason"])


if __name__ == "__main__":
    unittest.main()
