import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cleanUp } from "./cleanup";
import { runWell } from "./run";

const root = join(__dirname, "..");

/** Make a temporary folder, which is removed at the end of the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "greenpush-test-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Make a copy of this checkout that a test may edit: all files that git doesn't ignore, with this one's npm packages. */
export async function copyCheckout(): Promise<string> {
  const copy = join(scratchFolder(), "greenpush");
  const files = await runWell(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root },
  );
  for (const file of files.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}
