/** A summary of several measurements of one thing. */
export interface Summary {
  runs: number;
  median: number;
  min: number;
  max: number;
}

/** @throws Error if nothing was measured */
export function summarize(values: number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number): number => {
    const value = sorted[index];
    if (value === undefined) throw new Error("nothing was measured");
    return value;
  };
  const middle = (sorted.length - 1) / 2;
  return {
    runs: sorted.length,
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}
