import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shortNumber, ticks } from "../../../../bench/support/axis";
import { barChart } from "../../../../bench/support/bar-chart";

describe("an axis", () => {
  for (const { max, wanted } of [
    { max: 1, wanted: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    { max: 0.3, wanted: [0, 0.1, 0.2, 0.3] },
    { max: 3.6, wanted: [0, 1, 2, 3, 4] },
    { max: 12, wanted: [0, 5, 10, 15] },
    { max: 950, wanted: [0, 200, 400, 600, 800, 1000] },
  ])
    it(`to ${max} has its marks at ${wanted.join(", ")}`, () =>
      assert.deepEqual(ticks(max), wanted));

  for (const [value, wanted] of [
    [0.01234, "0.0123"],
    [2.5, "2.5"],
    [1234.5, "1235"],
  ] as const)
    it(`writes ${value} as ${wanted}`, () => assert.equal(shortNumber(value), wanted));
});

describe("a chart of bars", () => {
  const bar = (name: string, median: number) => ({
    name,
    median,
    min: median / 2,
    max: 2 * median,
  });
  const svg = barChart([
    {
      title: "Seconds <wanted>",
      unit: "s",
      groups: [
        { name: "a push", bars: [bar("one", 1), bar("other", 2)] },
        { name: "a rollback", bars: [bar("one", 0.5), bar("other", 0.25)] },
      ],
    },
  ]);
  const lengths = [...svg.matchAll(/<rect x="220" y="\d+" width="([\d.]+)" height="15"/g)].map(
    ([, length]) => Number(length),
  );

  it("has a bar for each median, in proportion", () => {
    const [one = 0] = lengths;
    assert.ok(one > 0);
    assert.deepEqual(
      lengths.map((length) => Number((length / one).toFixed(2))),
      [1, 2, 0.5, 0.25],
    );
  });

  it("has a line from the least to the greatest of each", () => {
    const lines = [...svg.matchAll(/<path d="M([\d.]+) \d+H([\d.]+)"/g)].map(
      ([, from, to]) => (Number(to) - 220) / (Number(from) - 220),
    );
    assert.deepEqual(
      lines.map((line) => line.toFixed(1)),
      ["4.0", "4.0", "4.0", "4.0"],
    );
  });

  it("says what each is, with nothing that SVG takes for its own", () => {
    for (const text of ["Seconds &lt;wanted&gt;", "a push", "a rollback", "one", "other"])
      assert.ok(svg.includes(`>${text}</text>`), text);
    assert.doesNotMatch(svg, /<wanted>|NaN|undefined/);
  });

  it("stays within its width", () => {
    const ends = [...svg.matchAll(/H([\d.]+)/g)].map(([, end]) => Number(end));
    assert.ok(Math.max(...ends) <= 730, ends.join(" "));
  });
});
