import { addField, append, migration, write, wsgi, type BadPush } from "./bad-push";

// SQLite adds and drops this column in one statement. For another one it rebuilds the table, which no transaction covers here.
const addNullable = `migrations.AddField("entry", "colour", models.CharField(max_length=9, null=True))`;

/** Pushes with migrations that fail, that can't be undone, or that the application needs too early. */
export const migrations: BadPush[] = [
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
];
