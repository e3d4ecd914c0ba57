// Send a server the files that its step server-engine installs. The step engine-files runs this on the operator's machine:
//   send-engine.ts STACK GENERATION SUM NAME HOST PORT USER HOST_KEY KEY_FILE <LIST
// The last six words are those of connect.sh. LIST and SUM are what the stack has declared (engine-files.ts). The files
// themselves are read only here, so that Pulumi has neither to keep nor to log them.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { asTail, engineFiles, listOf, readEarly, sumOf } from "./engine-files";
import { composeProgram } from "./program";

const [stack = "", generation = "", sum = "", name = "", ...address] = process.argv.slice(2);
const files = engineFiles();
const contents = asTail(files);
if (sumOf(contents) !== sum) {
  const declared = new Set(readFileSync(0, "utf8").split("\n"));
  const changed = listOf(files)
    .split("\n")
    .filter((line) => line !== "" && !declared.has(line))
    .map((line) => line.split(" ")[0]);
  process.stderr.write(
    `servers.${name}: files of Greenpush have changed since this began: ${changed.join(", ") || "one is gone"}\n  Run it again.\n`,
  );
  process.exit(1);
}
const program = composeProgram({
  component: "engine-files",
  name,
  server: name,
  stack,
  generation,
  script: "resources/engine-files",
  values: { sum, read_here: readEarly.join(" ") },
  input: gzipSync(contents).toString("base64").replace(/.{76}/g, "$&\n"),
});
const connect = join(__dirname, "connect.sh");
const { status } = spawnSync("sh", [connect, name, ...address, "apply"], {
  input: program,
  stdio: ["pipe", "inherit", "inherit"],
});
process.exit(status ?? 1);
