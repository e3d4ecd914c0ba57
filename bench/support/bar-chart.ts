import { colour, escapeText, shortNumber, ticks } from "./axis";

/** A bar: the median is its length, and a line goes from the least to the greatest. */
export interface Bar {
  name: string;
  median: number;
  min: number;
  max: number;
}

/** Bars in groups over one axis that begins at zero. */
export interface Bars {
  title: string;
  unit: string;
  /** Each group has the bars of the same names, in the same order. */
  groups: { name: string; bars: Bar[] }[];
}

const width = 800;
const left = 220;
const right = 70;
const barHeight = 18;
const groupGap = 14;
const headHeight = 34;
const axisHeight = 30;

/** A drawing of bars that lie, one set below the other. */
export function barChart(sets: Bars[]): string {
  const names = sets[0]?.groups[0]?.bars.map(({ name }) => name) ?? [];
  const legendHeight = 28;
  let top = legendHeight;
  const parts = [legend(names)];
  for (const set of sets) {
    parts.push(`<g transform="translate(0 ${top})">`, ...drawSet(set), "</g>");
    top += setHeight(set);
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${top}" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function legend(names: string[]): string {
  const entries = names.map(
    (name, index) =>
      `<rect x="${left + index * 160}" y="10" width="12" height="12" fill="${colour(index)}"/><text x="${left + 18 + index * 160}" y="20">${escapeText(name)}</text>`,
  );
  return entries.join("");
}

function groupHeight(group: Bars["groups"][number]): number {
  return group.bars.length * barHeight + groupGap;
}

function setHeight({ groups }: Bars): number {
  return headHeight + groups.reduce((sum, group) => sum + groupHeight(group), 0) + axisHeight;
}

function drawSet(set: Bars): string[] {
  const greatest = Math.max(...set.groups.flatMap(({ bars }) => bars.map(({ max }) => max)));
  const marks = ticks(greatest);
  const end = marks.at(-1) ?? greatest;
  const x = (value: number) => round(left + (value / end) * (width - left - right));
  const bottom = setHeight(set) - axisHeight;
  const lines = [`<text x="12" y="24" font-weight="bold">${escapeText(set.title)}</text>`];
  for (const mark of marks) {
    lines.push(
      `<path d="M${x(mark)} ${headHeight}V${bottom}" stroke="#ddd"/>`,
      `<text x="${x(mark)}" y="${bottom + 16}" text-anchor="middle" fill="#555">${shortNumber(mark)} ${escapeText(set.unit)}</text>`,
    );
  }
  let y = headHeight;
  for (const group of set.groups) {
    const middle = y + (group.bars.length * barHeight) / 2 + 4;
    lines.push(
      `<text x="${left - 10}" y="${middle}" text-anchor="end">${escapeText(group.name)}</text>`,
    );
    group.bars.forEach((bar, index) => lines.push(...drawBar(bar, index, y, x)));
    y += groupHeight(group);
  }
  return lines;
}

function drawBar(
  bar: Bar,
  index: number,
  groupTop: number,
  x: (value: number) => number,
): string[] {
  const y = groupTop + index * barHeight;
  const middle = y + barHeight / 2 - 1;
  return [
    `<rect x="${left}" y="${y}" width="${round(x(bar.median) - left)}" height="${barHeight - 3}" fill="${colour(index)}"/>`,
    `<path d="M${x(bar.min)} ${middle}H${x(bar.max)}" stroke="#333"/>`,
    `<text x="${round(x(bar.max) + 6)}" y="${y + 12}" fill="#333">${shortNumber(bar.median)}</text>`,
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
