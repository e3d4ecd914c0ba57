import { colour, escapeText, shortNumber, ticks } from "./axis";

/** How one thing grows: points from left to right. */
export interface Line {
  name: string;
  points: { x: number; y: number }[];
}

/** Lines over two axes that begin at zero. */
export interface Lines {
  title: string;
  /** The text below the horizontal axis. */
  across: string;
  /** The unit of the vertical axis. */
  unit: string;
  /** The same names in the same order in each drawing: they share a legend. */
  lines: Line[];
}

const panel = { width: 400, height: 300 };
const inner = { left: 60, right: 25, top: 34, bottom: 44 };
const legendHeight = 28;

/** Drawings of lines side by side, with one legend. */
export function lineChart(drawings: Lines[]): string {
  const width = panel.width * drawings.length;
  const height = legendHeight + panel.height;
  const names = drawings[0]?.lines.map(({ name }) => name) ?? [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    legend(names),
    ...drawings.flatMap((drawing, index) => [
      `<g transform="translate(${index * panel.width} ${legendHeight})">`,
      ...draw(drawing),
      "</g>",
    ]),
    "</svg>",
    "",
  ].join("\n");
}

function legend(names: string[]): string {
  const entries = names.map((name, index) => {
    const x = inner.left + index * 200;
    return `<path d="M${x} 16h16" stroke="${colour(index)}" stroke-width="2"/><text x="${x + 22}" y="20">${escapeText(name)}</text>`;
  });
  return entries.join("");
}

function draw({ title, across, unit, lines }: Lines): string[] {
  const points = lines.flatMap((line) => line.points);
  const xMarks = [...new Set(points.map(({ x }) => x))];
  const yMarks = ticks(Math.max(...points.map(({ y }) => y)));
  const right = panel.width - inner.right;
  const bottom = panel.height - inner.bottom;
  const x = (value: number) =>
    round(inner.left + (value / Math.max(...xMarks)) * (right - inner.left));
  const y = (value: number) =>
    round(bottom - (value / (yMarks.at(-1) ?? value)) * (bottom - inner.top));
  return [
    `<text x="12" y="20" font-weight="bold">${escapeText(title)}</text>`,
    ...yMarks.map(
      (mark) =>
        `<path d="M${inner.left} ${y(mark)}H${right}" stroke="#ddd"/><text x="${inner.left - 6}" y="${y(mark) + 4}" text-anchor="end" fill="#555">${shortNumber(mark)} ${escapeText(unit)}</text>`,
    ),
    ...xMarks.map(
      (mark) =>
        `<text x="${x(mark)}" y="${bottom + 16}" text-anchor="middle" fill="#555">${shortNumber(mark)}</text>`,
    ),
    `<text x="${(inner.left + right) / 2}" y="${bottom + 34}" text-anchor="middle">${escapeText(across)}</text>`,
    ...lines.flatMap((line, index) => drawLine(line, colour(index), x, y)),
  ];
}

function drawLine(
  { points }: Line,
  ink: string,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const path = points.map((point) => `${x(point.x)} ${y(point.y)}`).join("L");
  return [
    `<path d="M${path}" fill="none" stroke="${ink}" stroke-width="2"/>`,
    ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${ink}"/>`),
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
