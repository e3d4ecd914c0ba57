import { parts } from "../../stacks/nginx/statements";

/** Lines of a server block with a header for all its answers. */
export function withHeader(lines: string[], header: string): string[] {
  return [header, ...withHeaderInside(lines, header)];
}

/**
 * Lines of a server block that has a header for all its answers. nginx forgets the headers of a block in each block within
 * it that adds one of its own, so each of those gets it too.
 */
export function withHeaderInside(lines: string[], header: string): string[] {
  const text = lines.join("\n");
  /** Open blocks: where each begins, and whether it adds a header. */
  const open: { from: number; adds: boolean }[] = [];
  const places: number[] = [];
  let isStart = true;
  for (const { 0: part, 1: comment, index } of text.matchAll(parts)) {
    if (comment !== undefined || (isStart && /\s/.test(part))) continue;
    const block = open.at(-1);
    if (isStart && block !== undefined && /^add_header\s/.test(text.slice(index, index + 11)))
      block.adds = true;
    isStart = [";", "{", "}"].includes(part);
    if (part === "{") open.push({ from: index + 1, adds: false });
    if (part === "}") {
      const closed = open.pop();
      if (closed?.adds === true) places.push(closed.from);
    }
  }
  const whole = places
    .sort((one, other) => other - one)
    .reduce((all, place) => `${all.slice(0, place)}\n    ${header}${all.slice(place)}`, text);
  return whole.split("\n");
}
