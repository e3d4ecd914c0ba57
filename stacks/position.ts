import { EVENT_ID, type Event, getScalarValue } from "js-yaml";

/** The path of a setting: keys of mappings, indexes of list items. */
export type Path = (string | number)[];

interface Found {
  /** Offset in the text where the key or item stands. */
  at: number;
  /** How many steps of the path lead there. */
  depth: number;
}

/**
 * The line of a setting, from 1; for a missing setting, the line of the mapping that should have it.
 */
export function lineOf(text: string, events: Event[], path: Path): number {
  const best: Found = { at: 0, depth: -1 };
  let index = 0;

  // Read one node from the events; its path is `steps`, and its key is at the offset `at`.
  const node = (steps: Path, at: number | undefined): void => {
    const event = events[index++];
    if (event === undefined) return;
    const start = at ?? startOf(event);
    const leads = steps.every((step, depth) => String(step) === String(path[depth]));
    if (leads && steps.length > best.depth) Object.assign(best, { at: start, depth: steps.length });
    if (event.type === EVENT_ID.SEQUENCE) {
      for (let item = 0; events[index]?.type !== EVENT_ID.POP; item++)
        node([...steps, item], undefined);
      index++;
    } else if (event.type === EVENT_ID.MAPPING) {
      while (events[index]?.type !== EVENT_ID.POP) {
        const key = events[index];
        const keyAt = key === undefined ? 0 : startOf(key);
        const keyName = key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : "";
        index++;
        node([...steps, keyName], keyAt);
      }
      index++;
    }
  };

  if (events[index]?.type === EVENT_ID.DOCUMENT) index++;
  node([], undefined);
  return text.slice(0, best.at).split("\n").length;
}

function startOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  return "start" in event ? event.start : 0;
}
