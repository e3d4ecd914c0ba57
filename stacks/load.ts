import { readFileSync } from "node:fs";
import { CORE_SCHEMA, constructFromEvents, mergeTag, parseEvents, YAMLException } from "js-yaml";
import type { z } from "zod";
import { nearest } from "./nearest";
import { lineOf, type Path } from "./position";
import { type StackSettings, stackSchema } from "./schema";

/** A stack file that can't be used. Its message names the file, the line, the setting, what is wrong and what is allowed. */
export class StackFileError extends Error {}

/**
 * Read a stack file.
 *
 * @throws StackFileError with all that is wrong, one finding a line.
 */
export function loadStack(file: string): StackSettings {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new StackFileError(
      `${file}: there is no such stack file. Write it (stacks/staging.yaml is an example), or name another with \`npx pulumi config set stackFile PATH\`.`,
    );
  }
  return parseStack(text, file);
}

/** Check the text of a stack file; `file` is its name in messages. */
export function parseStack(text: string, file: string): StackSettings {
  let events: ReturnType<typeof parseEvents>;
  let data: unknown;
  try {
    events = parseEvents(text, { filename: file });
    [data] = constructFromEvents(events, {
      source: text,
      filename: file,
      schema: CORE_SCHEMA.withTags(mergeTag),
    });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new StackFileError(
      `${file}${error.mark ? `:${error.mark.line + 1}` : ""}: is no YAML: ${error.reason}`,
    );
  }
  const checked = stackSchema.safeParse(data ?? {}, { reportInput: true });
  const findings = checked.success
    ? crossFindings(checked.data)
    : checked.error.issues.flatMap((issue) => describe(issue, data));
  if (findings.length > 0 || !checked.success) {
    throw new StackFileError(
      findings
        .map(
          ({ path, message }) =>
            `${file}:${lineOf(text, events, path)}: ${path.join(".") || "the file"}: ${message}`,
        )
        .join("\n"),
    );
  }
  return checked.data;
}

interface StackFinding {
  path: Path;
  message: string;
}

/** An issue of the schema in words: what is wrong, and what is allowed. */
function describe(issue: z.core.$ZodIssue, data: unknown): StackFinding[] {
  const path = issue.path as Path;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is no setting${suggestion(key, path)}`,
      }));
    case "invalid_union": {
      // A server is one of two kinds: what it says tells which was meant.
      const meant =
        isRecord(valueAt(data, path)) && "testServer" in (valueAt(data, path) as object) ? 1 : 0;
      const branch = issue.errors[meant] ?? [];
      return branch.flatMap((inner) =>
        describe({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, data),
      );
    }
    case "invalid_key":
      return [
        {
          path,
          message: `is no name that can stand here: ${issue.issues.map((inner) => inner.message).join(", ")}`,
        },
      ];
    case "invalid_format":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed is ${issue.format === "regex" ? issue.message : `a ${issue.format}`}`,
        },
      ];
    case "invalid_type":
      return [
        {
          path,
          message:
            issue.input === undefined
              ? `is missing; wanted is ${article(issue.expected)}`
              : `is ${shown(issue.input)}, wanted is ${article(issue.expected)}`,
        },
      ];
    case "invalid_value":
      return [
        { path, message: `is ${shown(issue.input)}, allowed are ${issue.values.join(", ")}` },
      ];
    case "too_small":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed are ${String(issue.minimum)} and more`,
        },
      ];
    case "too_big":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed are ${String(issue.maximum)} and less`,
        },
      ];
    default:
      return [{ path, message: issue.message }];
  }
}

/** What the schema can't say: that one part of the file has to fit another. */
function crossFindings(stack: StackSettings): StackFinding[] {
  const findings: StackFinding[] = [];
  const servers = Object.keys(stack.servers);
  const places = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [site, settings] of Object.entries(stack.sites)) {
    const server = settings.server ?? (servers.length === 1 ? servers[0] : undefined);
    if (server === undefined) {
      findings.push({
        path: ["sites", site],
        message: `needs \`server\`, one of ${servers.join(", ") || "those under servers, of which there is none"}`,
      });
      continue;
    }
    if (!servers.includes(server)) {
      findings.push({
        path: ["sites", site, "server"],
        message: `is ${shown(server)}, allowed are ${servers.join(", ")}`,
      });
      continue;
    }
    const place = `${server}:${settings.user}/${settings.directory}`;
    const other = places.get(place);
    if (other !== undefined) {
      findings.push({
        path: ["sites", site],
        message: `stands in the folder of ${other}: give one of them another \`user\` or \`directory\``,
      });
    }
    places.set(place, site);
    for (const serverName of settings.serverNames) {
      const taken = names.get(`${server} ${serverName}`);
      if (taken !== undefined) {
        findings.push({
          path: ["sites", site, "serverNames"],
          message: `${serverName} is a server name of ${taken} already`,
        });
      }
      names.set(`${server} ${serverName}`, site);
    }
    for (const secret of settings.secrets) {
      if (secret in settings.environment) {
        findings.push({
          path: ["sites", site, "environment", secret],
          message: "is also one of `secrets`: say it in one place",
        });
      }
    }
  }
  return findings;
}

function suggestion(key: string, path: Path): string {
  const known = knownKeys(path);
  const near = nearest(key, known);
  return near === undefined ? `; known here are ${known.join(", ")}` : `; did you mean ${near}?`;
}

/** The settings that the schema knows at a path. */
function knownKeys(path: Path): string[] {
  let schemas: z.core.$ZodType[] = [stackSchema];
  for (const step of path) {
    schemas = schemas.flatMap((schema) => inner(schema, String(step)));
  }
  return [...new Set(schemas.flatMap((schema) => Object.keys(shapeOf(schema))))];
}

function inner(schema: z.core.$ZodType, step: string): z.core.$ZodType[] {
  const plain = unwrap(schema);
  const def = plain._zod.def as { type: string; valueType?: z.core.$ZodType };
  const next = def.type === "record" ? def.valueType : shapeOf(plain)[step];
  if (next === undefined) return [];
  const opened = unwrap(next);
  const options = (opened._zod.def as { options?: z.core.$ZodType[] }).options;
  return options ?? [opened];
}

function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> {
  return (unwrap(schema)._zod.def as { shape?: Record<string, z.core.$ZodType> }).shape ?? {};
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const wrapped = (schema._zod.def as { innerType?: z.core.$ZodType }).innerType;
  return wrapped === undefined ? schema : unwrap(wrapped);
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (isRecord(value) ? value[String(step)] : undefined),
    data,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}

function article(type: string): string {
  const words: Record<string, string> = {
    object: "a mapping",
    record: "a mapping",
    array: "a list",
    string: "a text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
  };
  return words[type] ?? type;
}
