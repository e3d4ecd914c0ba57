// A default is the same wherever it is said, and so is the name of a setting.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deployConfig } from "../../../components/site-layout";
import type { SiteArgs } from "../../../components/site";
import { serverFolder } from "../../../components/remote/program";
import { parseStack } from "../../../stacks/load";

/** The engine's own defaults, as they stand in its configuration. */
function engineDefaults(): Record<string, unknown> {
  const program = `
import ast, json, sys
for node in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(node, ast.Assign) and node.targets[0].id == "DEFAULTS":
        print(json.dumps(ast.literal_eval(node.value)))`;
  const file = join(serverFolder, "engine", "config.py");
  const { stdout, stderr } = spawnSync("python3", ["-c", program, file], { encoding: "utf8" });
  assert.notEqual(stdout, "", `${file} has no DEFAULTS: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** What the engine is told of a site whose stack file says only what it has to. */
function toldByDefault(): Record<string, unknown> {
  const stack = {
    servers: { own: { testServer: "bookworm" } },
    sites: { codebase: { serverNames: ["www.example.org"], settings: "codebase.settings" } },
  };
  const { sites } = parseStack(JSON.stringify(stack), "own.yaml");
  const site = { site: "codebase", settings: sites["codebase"] } as SiteArgs;
  return JSON.parse(deployConfig(site, 80)) as Record<string, unknown>;
}

/** What is made of a site's names and of its server, and has no default in a stack file. */
const derived = ["site", "url", "host", "names", "nginx", "unit"];
/** What no stack file sets. */
const unset = ["python"];

describe("the engine", () => {
  it("knows the settings that it is told, by these names, and no other", () => {
    assert.deepEqual(
      Object.keys(engineDefaults()).sort(),
      [...Object.keys(toldByDefault()), ...unset].sort(),
    );
  });

  it("has the defaults of a stack file", () => {
    const only = (all: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(all).filter(([name]) => ![...derived, ...unset].includes(name)),
      );
    assert.deepEqual(only(engineDefaults()), only(toldByDefault()));
  });
});
