/**
 * Round numbers from zero to at least `max`, for the lines behind a chart.
 *
 * @param max what the axis has to reach, above zero
 * @param count how many steps are wanted at most
 */
export function ticks(max: number, count = 5): number[] {
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const steps = Math.ceil((max / step) * 0.999);
  // Rounded, because 3 times 0.1 is 0.30000000000000004.
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** A number beside a bar or point, with three significant digits. */
export function shortNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}

/** A text escaped for SVG. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Colours that people with red-green blindness can tell apart too, in any order. */
export const colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

/** A colour for the nth of those that are compared. */
export function colour(index: number): string {
  return colours[index % colours.length] ?? "#000";
}
