import { z } from "zod";
import { stackSchema } from "../stacks/schema";

/** The parts of a JSON Schema that the reference shows. */
interface Schema {
  type?: string | string[];
  description?: string | undefined;
  default?: unknown;
  enum?: unknown[];
  const?: string | number | boolean;
  minimum?: number;
  maximum?: number;
  anyOf?: Schema[];
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

/** The stack file's JSON Schema, for editors, made from the schema that the program checks with. */
export function jsonSchema(): Schema {
  return z.toJSONSchema(stackSchema, { io: "input" }) as Schema;
}

/** The page docs/reference/configuration.md. */
export function configurationPage(): string {
  const { properties = {} } = jsonSchema();
  const servers = valueOf(properties["servers"]);
  const [host = {}, test = {}] = servers.anyOf ?? [];
  const site = valueOf(properties["sites"]);
  const nested = Object.entries(site.properties ?? {}).flatMap(([name, schema]) =>
    inner(name, schema),
  );
  return `${[
    "# Settings of a stack",
    "A stack file, `stacks/STACK.yaml`, describes a stack: its servers and its sites, by name. This page has every setting. An unknown setting, or a value that is not allowed, stops `pulumi` before it touches anything, and the message names the line. `npm run reference` makes this page and `stacks/stack.schema.json`, which editors use to complete and check stack files, from the schema that the program checks with. The [glossary](../glossary.md) explains the words.",
    "## `servers.NAME`: a server that exists already",
    table(host),
    "## `servers.NAME`: a test server",
    `${test.description ?? ""}.`,
    table(test),
    "## `sites.NAME`",
    table(site),
    ...nested.flatMap(([name, schema]) => [
      `### \`sites.NAME.${name}\``,
      `${schema.description ?? ""}.`,
      table(schema),
    ]),
  ].join("\n\n")}\n`;
}

function valueOf(schema: Schema | undefined): Schema {
  const value = schema?.additionalProperties;
  if (typeof value !== "object") throw new Error("the schema has no mapping where one is expected");
  return value;
}

/** The settings below one, each with the name that they stand below. */
function inner(name: string, schema: Schema): [name: string, schema: Schema][] {
  const value = schema.additionalProperties;
  if (typeof value === "object")
    return inner(`${name}.NAME`, { ...value, description: schema.description });
  const mapping = asMapping(schema);
  if (mapping === undefined) return [];
  const below = Object.entries(mapping.properties ?? {}).flatMap(([each, its]) =>
    inner(`${name}.${each}`, its),
  );
  return [[name, mapping], ...below];
}

/** The settings that a value may have, of all its kinds together; required is what each kind wants. */
function asMapping({ description, properties, required, anyOf = [] }: Schema): Schema | undefined {
  if (properties) return { description, properties, required: required ?? [] };
  const kinds = anyOf.filter((each) => each.properties);
  if (kinds.length === 0) return undefined;
  const all = kinds.map((each) => each.required ?? []);
  return {
    description,
    properties: Object.assign({}, ...kinds.map((each) => each.properties)) as Record<
      string,
      Schema
    >,
    required: (all[0] ?? []).filter((each) => all.every((names) => names.includes(each))),
  };
}

function table({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const nested = schema.properties !== undefined;
    const shown = required.includes(name)
      ? "**required**"
      : schema.default === undefined || nested
        ? ""
        : code(JSON.stringify(schema.default));
    return `| ${code(name)} | ${kind(schema)} | ${shown} | ${cell(schema.description ?? "")} |`;
  });
  return ["| setting | is | default | means |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function kind(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.properties) return "see below";
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kind))].join(" or ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.items?.anyOf?.some((each) => each.properties)) return "list";
  if (schema.items) return `list of ${kind(schema.items)}s`;
  if (schema.additionalProperties) return "mapping";
  const words: Record<string, string> = {
    string: "text",
    integer: "number",
    boolean: "true or false",
  };
  const type = String(schema.type);
  const { minimum, maximum } = schema;
  const range = type === "integer" ? ` from ${String(minimum)} to ${String(maximum)}` : "";
  return `${words[type] ?? type}${range}`;
}

const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll("|", "\\|");
