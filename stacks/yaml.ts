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

/** The most values of a file with its aliases expanded. A few lines of aliases can stand for billions of values. */
export const mostValues = 20_000;
/** The most levels of mappings and lists. An alias within its own value has no end. */
const mostLevels = 100;

/** A file that is too large with its aliases expanded. */
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
 * @param isText whether a scalar at a path counts as it is written, whatever type YAML gives it: `1.10` is not 1.1 then
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

/** A scalar that YAML reads as another type than text, with its text. */
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
    // The schema would ignore a key that every object has.
    addPair: (map: Record<string, unknown>, key, value) =>
      keyOf(key) === "__proto__"
        ? "__proto__ is not a valid name here"
        : mapTag.addPair(map, keyOf(key), value),
    has: (map: Record<string, unknown>, key) => mapTag.has(map, keyOf(key)),
  },
);
