import {
  boolCoreTag,
  constructFromEvents,
  CORE_SCHEMA,
  type Event,
  floatCoreTag,
  intCoreTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  type ScalarTagDefinition,
} from "js-yaml";
import type { Path } from "./position";

/** The most values of a file, aliases written out. A few lines of them can stand for billions. */
export const mostValues = 20_000;
/** The most mappings and lists within each other; an alias of what it stands in has no end. */
const mostLevels = 100;

/** A file that would be too much with its aliases written out. */
export class TooManyValues extends Error {}

/** What a YAML text says, and where. */
export interface Document {
  data: unknown;
  events: Event[];
  /** How many documents the text has; one is read. */
  count: number;
}

/**
 * Read a YAML text.
 *
 * @param isText whether a scalar at a path is its own text as it stands there, whatever YAML takes it for: `1.10` is
 *   no 1.1 then
 * @throws YAMLException, TooManyValues
 */
export function readYaml(text: string, isText: (path: Path) => boolean): Document {
  const events = parseEvents(text, {});
  const documents = constructFromEvents(events, { source: text, schema });
  let values = 0;
  const settled = (value: unknown, path: Path): unknown => {
    if (++values > mostValues || path.length > mostLevels) throw new TooManyValues();
    if (value instanceof Written) {
      return isText(path) && value.text !== "" ? value.text : value.value;
    }
    if (Array.isArray(value)) return value.map((item, index) => settled(item, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, settled(inner, [...path, key])]),
    );
  };
  return { data: settled(documents[0], []), events, count: documents.length };
}

/** A scalar that YAML takes for something else than a text, with its text. */
class Written {
  constructor(
    readonly value: unknown,
    readonly text: string,
  ) {}
}

function written<Value>(tag: ScalarTagDefinition<Value>): ScalarTagDefinition {
  return {
    ...tag,
    resolve: (source, isExplicit, tagName) => {
      const value = tag.resolve(source, isExplicit, tagName);
      return value === NOT_RESOLVED ? value : new Written(value, source);
    },
  };
}

const keyOf = (key: unknown) => (key instanceof Written ? key.text : key);

const schema = CORE_SCHEMA.withTags(
  mergeTag,
  ...[nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag].map((tag) =>
    written(tag as ScalarTagDefinition),
  ),
  {
    ...mapTag,
    // What checks the file would pass over a name that every object has.
    addPair: (map: Record<string, unknown>, key, value) =>
      keyOf(key) === "__proto__"
        ? "__proto__ is no name that can stand here"
        : mapTag.addPair(map, keyOf(key), value),
    has: (map: Record<string, unknown>, key) => mapTag.has(map, keyOf(key)),
  },
);
