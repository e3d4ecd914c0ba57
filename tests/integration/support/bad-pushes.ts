import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application } from "../../../testing/application";
import type { Host } from "../../../testing/host";
import type { BadPush } from "./bad-pushes/bad-push";
import { boot } from "./bad-pushes/boot";
import { dependencies } from "./bad-pushes/dependencies";
import { disk } from "./bad-pushes/disk";
import { health } from "./bad-pushes/health";
import { migrations } from "./bad-pushes/migrations";
import { project } from "./bad-pushes/project";

export type { BadPush };

/** Settings of a site that gets these pushes. */
export const badPushLimits = { deploy: 3, migrate: 5, boot: 10, health: 3 };

/**
 * Pushes that can't serve, each of another kind, in the order of the deploy's steps.
 *
 * The site's /home has to be a disk of its own, some hundred megabytes in size.
 */
export const badPushes: BadPush[] = [
  {
    what: "no requirements",
    make: (site) => rmSync(join(site.folder, "requirements.pip")),
    reads:
      /REFUSED at virtualenv: there is no requirements\.pip .*pyproject\.toml\n.*Commit what pip reads/,
  },
  {
    what: "a package that nobody has",
    make: (site) => append(site, "requirements.pip", "greenpush-has-no-such-package==1"),
    reads: /REFUSED at virtualenv: .*\n.*No matching distribution found for greenpush-has-no-such/s,
  },
  {
    what: "requirements that exclude each other",
    make: (site) => append(site, "requirements.pip", "Django<4"),
    reads: /REFUSED at virtualenv: .*conflict/is,
  },
  {
    what: "a package that fails to build",
    make: (site) => {
      mkdirSync(join(site.folder, "broken"));
      write(site, "broken/setup.py", 'raise RuntimeError("no compiler here")\n');
      append(site, "requirements.pip", "./broken");
    },
    reads: /REFUSED at virtualenv: .*no compiler here/s,
  },
  {
    what: "an index out of reach",
    make: (site) =>
      append(site, "requirements.pip", "--index-url http://127.0.0.1:9/simple\nsqlparse==0.5.0"),
    reads: /REFUSED at virtualenv: .*(127\.0\.0\.1.*9|No matching distribution)/s,
  },
  {
    what: "a package that has to be compiled",
    make: (site) => {
      mkdirSync(join(site.folder, "compiled"));
      write(site, "compiled/compiled.c", "");
      write(
        site,
        "compiled/setup.py",
        `from setuptools import Extension, setup
setup(name="compiled", version="1", ext_modules=[Extension("compiled", ["compiled.c"])])
`,
      );
      append(site, "requirements.pip", "./compiled");
    },
    reads:
      /REFUSED at virtualenv: .*compiled has to be built here, and the server lacks a C compiler.*packages: \[build-essential, /s,
  },
  {
    what: "a submodule without an address",
    make: async (site) => {
      mkdirSync(join(site.folder, "vendor"));
      const entry = `160000,${"1".repeat(40)},vendor`;
      await site.git("update-index", "--add", "--cacheinfo", entry);
    },
    reads: /REFUSED at export: vendor is a submodule, and \.gitmodules have no url for it/,
  },
  {
    what: "a file that Git LFS has",
    make: (site) =>
      write(
        site,
        "logo.png",
        `version https://git-lfs.github.com/spec/v1\noid sha256:${"0a".repeat(32)}\nsize 9\n`,
      ),
    reads: /REFUSED at export: Git LFS has the content of 1 file, .*\n +logo\.png/,
  },
  {
    what: "requirements without gunicorn",
    make: (site) => site.edit("requirements.pip", /^gunicorn.*$/m, ""),
    reads: /REFUSED at virtualenv: requirements\.pip brings no gunicorn\n.*Add gunicorn/,
  },
  {
    what: "settings that raise",
    make: (site) =>
      append(site, "codebase/settings/test.py", 'raise RuntimeError("no such switch")'),
    reads: /REFUSED at django: .*RuntimeError: no such switch/s,
  },
  {
    what: "an import of nothing",
    make: (site) => append(site, "pages/views.py", "import nothing_of_that_name"),
    reads:
      /REFUSED at django: ModuleNotFoundError: No module named 'nothing_of_that_name'\n.*views\.py/s,
  },
  {
    what: "a syntax error",
    make: (site) => append(site, "pages/views.py", "def ("),
    reads: /REFUSED at django: .*SyntaxError/s,
  },
  {
    what: "a failing system check",
    make: (site) =>
      append(
        site,
        "pages/apps.py",
        "from django.core import checks\n@checks.register\ndef unfit(**_):\n    return [checks.Error('unfit to serve')]",
      ),
    reads: /REFUSED at django: .*unfit to serve/s,
  },
  {
    what: "a deploy.sh that is a link to nothing",
    make: (site) => {
      rmSync(join(site.folder, "deploy.sh"));
      symlinkSync("deploy-production.sh", join(site.folder, "deploy.sh"));
    },
    reads: /REFUSED at deploy\.sh: deploy\.sh is a link to nothing\n.*Commit the file itself/,
  },
  {
    what: "a deploy.sh that fails",
    make: (site) => append(site, "deploy.sh", "echo 'no luck' >&2\nexit 3"),
    reads: /REFUSED at deploy\.sh: exit status 3\n.*no luck/s,
  },
  {
    what: "a deploy.sh that goes on after an error",
    make: (site) => write(site, "deploy.sh", "#!/bin/sh\ncat /nothing/there\necho 'all is well'\n"),
    reads: /REFUSED at deploy\.sh: exit status 1\n.*\/nothing\/there/s,
  },
  {
    what: "a deploy.sh that does not end",
    make: (site) => append(site, "deploy.sh", "echo waiting\nsleep 600"),
    reads: /REFUSED at deploy\.sh: not done after 3 s\n.*waiting\n.*limits\.deploy/s,
  },
  {
    what: "a migration that fails after one that works",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      write(
        site,
        "pages/migrations/0003_fail.py",
        migration("migrations.RunPython(fail, fail)", "0002_colour"),
      );
    },
    reads: /REFUSED at migrate: .*the data does not fit/s,
  },
  {
    what: "a migration that takes what visitors wrote",
    make: (site) =>
      write(
        site,
        "pages/migrations/0002_gone.py",
        migration('migrations.RemoveField("entry", "text")'),
      ),
    reads:
      /REFUSED at migrate: migrations to apply can't be undone, .*\n.*RemoveField Entry\.text .*\n.*git push -o migrate=anyway/,
  },
  {
    what: "a migration without a reverse",
    make: (site) =>
      write(site, "pages/migrations/0002_data.py", migration("migrations.RunPython(work)")),
    reads: /REFUSED at migrate: .*\n *pages\.0002_data: RunPython has no reverse/,
  },
  {
    what: "a migration that no transaction holds together and that does not end",
    make: (site) =>
      write(
        site,
        "pages/migrations/0002_slow.py",
        migration(`${addNullable}, migrations.RunPython(wait, migrations.RunPython.noop)`).replace(
          "    dependencies",
          "    atomic = False\n    dependencies",
        ),
      ),
    reads: /REFUSED at migrate: not done after 5 s\n.*limits\.migrate/s,
    leaves: /pages\.0002_slow: RunPython was ended in the middle of its work/,
  },
  {
    what: "one that reads a column as it loads that its migration brings",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      site.edit(
        "pages/models.py",
        "    class Meta",
        '    colour = models.CharField(max_length=9, default="")\n\n    class Meta',
      );
      append(site, wsgi, "from pages.models import Entry\nlist(Entry.objects.all())");
    },
    reads: /REFUSED at boot: .*no such column.*`migrate: before`/s,
  },
  {
    what: "uploads that are the tree itself",
    make: (site) =>
      append(site, "codebase/settings/test.py", "MEDIA_ROOT = BASE_DIR  # noqa: F405"),
    reads: /REFUSED at data: MEDIA_ROOT is the tree itself/,
  },
  {
    what: "a deploy.sh of Windows",
    make: (site) => write(site, "deploy.sh", "#!/bin/sh\r\necho ok\r\n"),
    reads: /REFUSED at deploy\.sh: it is saved as Windows does/,
  },
  {
    what: "an application that ends at its start",
    make: (site) => append(site, wsgi, 'raise SystemExit("no queue")'),
    reads: /REFUSED at boot: gunicorn's workers end at their start\n.*no queue/s,
  },
  {
    what: "one that ends at its start, with a migration",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      append(site, wsgi, 'raise ValueError("no queue")');
    },
    // On a slow machine supervisord may start it anew some times until it is looked at.
    reads:
      /REFUSED at boot: gunicorn(?: ended at its|'s workers end at their) start\n.*ValueError: no queue/s,
  },
  {
    what: "an application that hangs at its start",
    make: (site) => append(site, wsgi, "import time\ntime.sleep(600)"),
    reads: /REFUSED at boot: gunicorn takes no connection after 10 s/,
  },
  {
    what: "one that wants more memory than there is",
    make: (site, host) => {
      append(
        site,
        wsgi,
        // In huge pages, which are filled the quickest.
        "import mmap\nhog = mmap.mmap(-1, 8_000_000_000)\nhog.madvise(mmap.MADV_HUGEPAGE)\nfor i in range(0, len(hog), 4096): hog[i] = 1",
      );
      // As little as a slow machine fills long before the limit of the boot, also one whose memory nobody has used yet.
      return host.limitMemory("640m");
    },
    giveBack: (host) => host.limitMemory("2g"),
    reads: /REFUSED at boot: .*(too little memory|MemoryError)/s,
  },
  {
    what: "a health path that fails",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'raise ValueError("unwell")\n    return HttpResponse("ok"',
      ),
    reads: /REFUSED at health: \/health answered 500\n.*ValueError: unwell/s,
  },
  {
    what: "a front page that fails, beside a health path that does not",
    make: (site) =>
      site.edit(
        "pages/views.py",
        "    form = EntryForm",
        '    raise ValueError("unwell")\n    form = EntryForm',
      ),
    reads: /REFUSED at health: \/ answered 500\n.*ValueError: unwell/s,
  },
  {
    what: "settings for another host name",
    make: (site) =>
      append(site, "codebase/settings/test.py", 'ALLOWED_HOSTS = ["another.example.org"]'),
    reads: /REFUSED at health: \/health answered 400\n.*ALLOWED_HOSTS/s,
  },
  {
    what: "a redirect to https, which nobody serves",
    make: (site) => append(site, "codebase/settings/test.py", "SECURE_SSL_REDIRECT = True"),
    reads: /REFUSED at health: .* redirects to https, .*\n.*`url`/,
  },
  {
    what: "one that fails after a migration that works",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'raise ValueError("unwell")\n    return HttpResponse("ok"',
      );
    },
    reads: /undone: pages\.0002_colour.*REFUSED at health: \/health answered 500/s,
  },
  {
    what: "one that is not there",
    make: (site) => site.edit("codebase/urls.py", /"health/, '"sickness'),
    reads: /REFUSED at health: \/health answered 404/,
  },
  {
    what: "one that redirects in a circle",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'return redirect("/health")\n    return HttpResponse("ok"',
      ),
    reads: /REFUSED at health: \/health redirects in a circle: \/health -> \/health/,
  },
  {
    what: "one that is too slow",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'import time; time.sleep(60)\n    return HttpResponse("ok"',
      ),
    // The first page of a worker has the time of a boot.
    reads: /REFUSED at health: \/health did not answer within 10 s\n.*limits\.health/s,
  },
  {
    what: "static files that nginx can't read",
    make: (site) =>
      append(site, "deploy.sh", "umask 077\nmkdir ../static/built\necho >../static/built/own.css"),
    reads:
      /REFUSED at health: \/static\/built\/own\.css answered 404 through nginx\n.*static\/built is closed to nginx \(its mode is 2?700\)/,
  },
  {
    what: "a front page that names a script which is not there",
    make: (site) =>
      site.edit(
        "pages/templates/pages/index.html",
        "</head>",
        '<script src="/static/pages/none.js"></script></head>',
      ),
    reads:
      /REFUSED at health: \/static\/pages\/none\.js answered 404 through nginx\n.*none of that name/,
  },
  {
    what: "a page with more of a head than nginx takes",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'content_type="text/plain"',
        'content_type="text/plain", headers={"X-Large": "x" * 9000}',
      ),
    reads: /REFUSED at health: \/health answered 200, and through nginx 502\n.*error\.log/,
  },
  {
    what: "a disk that is full",
    make: (_, host) => fill(host, 3),
    giveBack: empty,
    reads: /REFUSED at export: the disk of \/home\/deploy\/www has \d+ MB left/,
  },
  {
    what: "a disk that new packages would fill",
    make: (site, host) => {
      append(site, "requirements.pip", "# another virtualenv");
      return fill(host, 70);
    },
    giveBack: empty,
    reads: /REFUSED at virtualenv: the disk of \/home\/deploy\/www has \d+ MB left/,
  },
];

/** Push a bad one, which has to be refused with its reason. Then restore the clone and the server. */
export async function pushBadly(site: Application, host: Host, bad: BadPush): Promise<void> {
  await bad.make(site, host);
  await site.commit(`Bad: ${bad.what}`);
  const push = await site.push();
  await bad.giveBack?.(host);
  await site.git("reset", "--quiet", "--hard", "HEAD^");
  await site.git("clean", "-dffxq");
  assert.notEqual(push.status, 0, `${bad.what}:\n${push.output}`);
  assert.match(push.output.replace(/^remote: ?| *$/gm, ""), bad.reads, bad.what);
  assert.match(
    push.output,
    bad.leaves ?? /Release \d+ \(\w{7}\) goes on serving; nothing was changed\./,
  );
}

/** Write into the database like a visitor: some bad pushes are bad because they would lose that. */
export function visitorWrites(host: Host): Promise<string> {
  return host.sh(
    `cd www && bin/python - <<'END'
import sqlite3
with sqlite3.connect("var/db.sqlite3") as connection:
    connection.execute("insert into pages_entry (name, text, written_at) values ('one', 'kept', '2026-01-01')")
END`,
    "deploy",
  );
}
