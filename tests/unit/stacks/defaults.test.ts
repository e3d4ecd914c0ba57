// The engine and the stack file have the same defaults and the same settings.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { deployConfig } from "../../../components/site-layout";
import type { SiteArgs } from "../../../components/site";
import { serverFolder } from "../../../components/remote/program";
import { parseStack } from "../../../stacks/load";

/** The defaults in the engine's own configuration. */
function engineDefaults(): Record<string, unknown> {
  const program = `
import json
from engine.config import Config, Limits
def defaults(kind):
    return {name: value for name, value in vars(kind).items() if name in kind.__annotations__}
print(json.dumps({**defaults(Config), "limits": defaults(Limits)}))`;
  const environment = { ...process.env, PYTHONPATH: serverFolder, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout, stderr } = spawnSync("python3", ["-c", program], {
    encoding: "utf8",
    env: environment,
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The engine's configuration of a site whose stack file has only the required settings. */
function toldByDefault(): Record<string, unknown> {
  const stack = {
    servers: { own: { testServer: "bookworm" } },
    sites: { codebase: { serverNames: ["www.example.org"], settings: "codebase.settings" } },
  };
  const { sites } = parseStack(JSON.stringify(stack), "own.yaml");
  const site = { site: "codebase", settings: sites["codebase"] } as SiteArgs;
  return JSON.parse(deployConfig(site, 80)) as Record<string, unknown>;
}

/** Settings that come from a site's names and its server, and have no default in a stack file. */
const derived = ["site", "url", "host", "names", "nginx", "unit", "refuses"];
/** Settings that no stack file has. */
const unset = ["tools"];

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
