"""Which packages of Debian have what a build lacks."""

from __future__ import annotations

COMPILER = ("build-essential", "python3-dev")
POSTGRESQL = ("libpq-dev", *COMPILER)
MYSQL = ("default-libmysqlclient-dev", "pkg-config", *COMPILER)
XML = ("libxml2-dev", "libxslt1-dev", *COMPILER)
RUST = ("cargo", *COMPILER)

# Programs that a package is built with, or that tell where a library is, and the packages of Debian that have them.
PROGRAMS = {
    "cargo": RUST,
    "cmake": ("cmake", *COMPILER),
    "curl-config": ("libcurl4-openssl-dev", "libssl-dev", *COMPILER),
    "gdal-config": ("libgdal-dev", *COMPILER),
    "git": ("git",),
    "krb5-config": ("libkrb5-dev", *COMPILER),
    "make": COMPILER,
    "mysql_config": MYSQL,
    "mariadb_config": MYSQL,
    "pg_config": POSTGRESQL,
    "pkg-config": ("pkg-config", *COMPILER),
    "rustc": RUST,
    "swig": ("swig", *COMPILER),
    "xml2-config": XML,
    "xslt-config": XML,
}
# The same for files that a C compiler reads, by name or by the first folder of it, and for libraries.
HEADERS = {
    "Python.h": ("python3-dev",),
    "ffi.h": ("libffi-dev",),
    "gdal.h": ("libgdal-dev",),
    "geos_c.h": ("libgeos-dev",),
    "gssapi": ("libkrb5-dev",),
    "jpeglib.h": ("libjpeg-dev",),
    "lber.h": ("libldap-dev", "libsasl2-dev"),
    "ldap.h": ("libldap-dev", "libsasl2-dev"),
    "libmemcached": ("libmemcached-dev", "zlib1g-dev"),
    "libpq-fe.h": ("libpq-dev",),
    "libxml": XML[:2],
    "libxslt": XML[:2],
    "magic.h": ("libmagic-dev",),
    "mysql.h": MYSQL[:2],
    "pg_config.h": ("libpq-dev",),
    "openssl": ("libssl-dev",),
    "sasl": ("libsasl2-dev",),
    "sqlite3.h": ("libsqlite3-dev",),
    "xmlsec": ("libxmlsec1-dev",),
    "yaml.h": ("libyaml-dev",),
    "zlib.h": ("zlib1g-dev",),
}
LIBRARIES = {
    "ffi": ("libffi-dev",),
    "ldap": ("libldap-dev", "libsasl2-dev"),
    "mysqlclient": MYSQL[:2],
    "pq": ("libpq-dev",),
    "ssl": ("libssl-dev",),
    "xml2": XML[:2],
    "z": ("zlib1g-dev",),
}
# What known packages need, whatever their build asks for first: most stop at the compiler, and would at a library next.
OF_PACKAGE = {
    "lxml": XML,
    "mysqlclient": MYSQL,
    "psycopg-c": POSTGRESQL,
    "psycopg2": POSTGRESQL,
    "pycurl": PROGRAMS["curl-config"],
    "pylibmc": (*HEADERS["libmemcached"], *COMPILER),
    "python-ldap": (*HEADERS["ldap.h"], *COMPILER),
    "xmlsec": (*HEADERS["xmlsec"], "pkg-config", *COMPILER),
}
