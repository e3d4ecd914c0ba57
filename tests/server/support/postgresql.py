"""A PostgreSQL server in a scratch folder, on a socket there."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile


class PostgreSQL:
    """Runs until close(); `folder` has its socket, `user` may do everything, with the password `password`."""

    user, password = "owner", "of a test's database"

    def __init__(self):
        (self.programs, *_) = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        self.folder = tempfile.mkdtemp(prefix="greenpush-postgresql-")
        self.account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        secret = os.path.join(self.folder, "password")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(self.password)
        if self.account:
            for path in (self.folder, secret):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.run("initdb", "-D", self.data, "-U", self.user, f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "-o", options, "start")
        self.ask("CREATE DATABASE site", "postgres")

    def run(self, program, *words, check=True):
        account = {"user": self.account.pw_uid, "group": self.account.pw_gid} if self.account else {}
        command = [os.path.join(self.programs, program), *words]
        # The server that pg_ctl starts keeps pg_ctl's output open.
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **account)
        assert done.returncode == 0 or not check, f"{' '.join(command)} ended with {done.returncode}"

    def ask(self, statement, database="site"):
        """Run SQL, and return the rows of the answer, one line each."""
        words = ["psql", "-h", self.folder, "-U", self.user, "-d", database, "-AtX", "-v", "ON_ERROR_STOP=1"]
        environment = {**os.environ, "PGPASSWORD": self.password}
        done = subprocess.run([*words, "-c", statement], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def close(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.folder)
