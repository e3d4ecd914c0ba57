import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The line of a requirements file that names the Django of an application. */
const django = /^Django==.*$/m;

/** Let a copy of the example application run on Pythons for which today's Django is not made. */
export function useOlderDjango(folder: string): void {
  const older = django.exec(readFileSync(join(__dirname, "older-django.txt"), "utf8"))?.[0] ?? "";
  const requirements = join(folder, "requirements.pip");
  writeFileSync(requirements, readFileSync(requirements, "utf8").replace(django, older));
  // It asks for a newer Python.
  rmSync(join(folder, "pyproject.toml"), { force: true });
}
