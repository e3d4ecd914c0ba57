import { readFileSync, statSync } from "node:fs";
import { YAMLException } from "js-yaml";
import type { z } from "zod";
import { crossFindings, type StackFinding } from "./cross";
import { nearest } from "./nearest";
import { lineOf, type Path } from "./position";
import { printable, shown, shownPath } from "./printable";
import { type StackSettings, stackSchema } from "./schema";
import { type Document, mostValues, readYaml, TooManyValues } from "./yaml";

/** A stack file that can't be used. Its message names the file, the line, the setting, what is wrong and what is allowed. */
export class StackFileError extends Error {}

/** The most bytes of a stack file. */
const mostBytes = 1_048_576;
/** The most findings of a file that one message names. */
const mostFindings = 20;
/** The most names of settings that one finding lists. */
const mostOfNames = 20;
/** The most characters of one finding. */
const mostOfMessage = 1000;

/**
 * Read and check a stack file.
 *
 * @throws StackFileError with all that is wrong, one finding a line.
 */
export function loadStack(file: string): StackSettings {
  let text: string;
  try {
    if (statSync(file).size > mostBytes) throw tooLong(file);
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== "ENOENT") {
      throw new StackFileError(`${file}: the stack file can't be read (${code})`);
    }
    throw new StackFileError(
      `${file}: there is no such stack file. Write it (stacks/staging.yaml is an example), or name another with \`npx pulumi config set stackFile PATH\`.`,
    );
  }
  return parseStack(text, file);
}

/** Check the text of a stack file; `file` is its name in messages. */
export function parseStack(text: string, file: string): StackSettings {
  const { data, events } = readDocument(text, file);
  const checked = stackSchema.safeParse(data ?? {}, { reportInput: true });
  const findings = checked.success
    ? crossFindings(checked.data)
    : checked.error.issues.flatMap((issue) => describe(issue, data));
  if (findings.length > 0 || !checked.success) {
    const lines = findings
      .slice(0, mostFindings)
      .map(
        ({ path, message }) =>
          `${file}:${lineOf(text, events, path)}: ${shownPath(path) || "the file"}: ${printable(message, mostOfMessage)}`,
      );
    if (findings.length > mostFindings) lines.push(`${file}: and more of this kind`);
    throw new StackFileError(lines.join("\n"));
  }
  return checked.data;
}

function readDocument(text: string, file: string): Document {
  if (text.length > mostBytes) throw tooLong(file);
  try {
    const document = readYaml(text, isVariable);
    if (document.count < 2) return document;
  } catch (error) {
    if (error instanceof TooManyValues) {
      throw new StackFileError(
        `${file}: says too much: more than ${mostValues} values where each alias (*NAME) is written out, or one within itself`,
      );
    }
    if (!(error instanceof YAMLException)) throw error;
    throw new StackFileError(
      `${file}${error.mark ? `:${error.mark.line + 1}` : ""}: is not YAML: ${printable(error.reason, mostOfMessage)}`,
    );
  }
  throw new StackFileError(`${file}: has several documents (---); a stack file has one`);
}

/** Whether a path leads to a setting whose value is always a text: a variable of an application's environment, or `python`. */
function isVariable([top, , setting, name, ...rest]: Path): boolean {
  // 3.10 is a version, and not a number.
  if (top === "sites" && setting === "python" && name === undefined) return true;
  return top === "sites" && setting === "environment" && name !== undefined && rest.length === 0;
}

function tooLong(file: string): StackFileError {
  return new StackFileError(`${file}: is longer than ${mostBytes} bytes, which no stack file is`);
}

/** An issue of the schema in words: what is wrong, and what is allowed. */
function describe(issue: z.core.$ZodIssue, data: unknown): StackFinding[] {
  const path = issue.path as Path;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, mostFindings + 1).map((key) => ({
        path: [...path, key],
        message: `is not a setting${suggestion(key, path)}`,
      }));
    case "invalid_union": {
      const branch = meantBranch(issue, data);
      if (branch === undefined) return [{ path, message: issue.message }];
      return branch.flatMap((inner) =>
        describe({ ...inner, path: [...path, ...inner.path] }, data),
      );
    }
    case "invalid_key":
      return [
        {
          path,
          message: `is not a valid name here: ${issue.issues.map((inner) => inner.message).join(", ")}`,
        },
      ];
    case "invalid_format":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed: ${issue.format === "regex" ? issue.message : `a ${issue.format}`}`,
        },
      ];
    case "invalid_type":
      return [
        {
          path,
          message:
            issue.input === undefined
              ? `is missing; wanted ${article(issue.expected)}`
              : `is ${shown(issue.input)}, wanted ${article(issue.expected)}${inQuotes(issue)}`,
        },
      ];
    case "invalid_value":
      return [{ path, message: `is ${shown(issue.input)}, allowed: ${issue.values.join(", ")}` }];
    case "too_small":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed: ${String(issue.minimum)} or more`,
        },
      ];
    case "too_big":
      return [
        {
          path,
          message: `is ${shown(issue.input)}, allowed: ${String(issue.maximum)} or less`,
        },
      ];
    default:
      return [{ path, message: issue.message }];
  }
}

/** The issues of the kind of value that is meant, if a value may have several kinds. */
function meantBranch(
  { errors, path }: z.core.$ZodIssueInvalidUnion,
  data: unknown,
): z.core.$ZodIssue[] | undefined {
  if (path[0] === "servers") {
    // A server is one of two kinds; `testServer` tells which one is meant.
    const server = valueAt(data, path as Path);
    return errors[isRecord(server) && "testServer" in server ? 1 : 0];
  }
  const another = ["invalid_type", "invalid_value", "invalid_union"];
  const possible = errors.filter(
    (branch) =>
      !branch.some(({ code, path: within }) => within.length === 0 && another.includes(code)),
  );
  // A kind that knows all the settings that were written is the one that is meant.
  const knowsAll = (branch: z.core.$ZodIssue[]) =>
    !branch.some(({ code, path: within }) => within.length === 0 && code === "unrecognized_keys");
  return possible.find(knowsAll) ?? possible[0];
}

function suggestion(key: string, path: Path): string {
  const known = knownKeys(path);
  const near = nearest(key, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length > mostOfNames
    ? "; docs/reference/configuration.md has those that there are"
    : `; known here are ${known.join(", ")}`;
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
  const def = plain._zod.def as { valueType?: z.core.$ZodType; element?: z.core.$ZodType };
  const next = def.valueType ?? def.element ?? shapeOf(plain)[step];
  if (next === undefined) return [];
  const opened = unwrap(next);
  const options = (opened._zod.def as { options?: z.core.$ZodType[] }).options;
  return options ?? [opened];
}

function shapeOf(schema: z.core.$ZodType): Record<string, z.core.$ZodType> {
  return (unwrap(schema)._zod.def as { shape?: Record<string, z.core.$ZodType> }).shape ?? {};
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  // What a transformation is given has the settings.
  const def = schema._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const wrapped = def.innerType ?? def.in;
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

/** How to write a text that YAML reads as another type. */
function inQuotes({ expected, input }: z.core.$ZodIssueInvalidType): string {
  const isScalar = typeof input === "number" || typeof input === "boolean";
  return expected === "string" && isScalar ? ": put it in quotes" : "";
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
