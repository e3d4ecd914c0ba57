import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Application } from "../../../../testing/application";
import type { Host } from "../../../../testing/host";

/** A push that can't serve. */
export interface BadPush {
  /** What is wrong with it. */
  what: string;
  /** Make it so in the clone, or on the server. */
  make: (site: Application, host: Host) => unknown;
  /** Give the server back what `make` took from it. */
  giveBack?: (host: Host) => Promise<unknown>;
  /** What the person who pushes reads. */
  reads: RegExp;
  /** What may be left of it, and is said instead of "nothing was changed". */
  leaves?: RegExp;
}

/** Add lines to a file of the clone. */
export const append = (site: Application, file: string, text: string) =>
  site.edit(file, /$/, `\n${text}\n`);
/** Write a file of the clone. */
export const write = (site: Application, file: string, text: string) =>
  writeFileSync(join(site.folder, file), text);
export const wsgi = "codebase/wsgi.py";

/** The text of a migration with one operation, or several. */
export const migration = (
  operation: string,
  before = "0001_entry",
) => `from django.db import migrations, models
def work(apps, schema_editor):
    apps.get_model("pages", "Entry").objects.create(name="by a migration", text="")
def fail(apps, schema_editor):
    raise ValueError("the data does not fit")
def wait(apps, schema_editor):
    import time; time.sleep(600)
class Migration(migrations.Migration):
    dependencies = [("pages", "${before}")]
    operations = [${operation}]
`;

/** The operation that adds a column. */
export const addField = `migrations.AddField("entry", "colour", models.CharField(max_length=9, default=""))`;
