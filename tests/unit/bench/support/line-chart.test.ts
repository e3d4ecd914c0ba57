// The drawing of how something grows.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Lines, lineChart } from "../../../../bench/support/line-chart";

const servers: Lines = {
  title: "Servers & time",
  across: "servers",
  unit: "s",
  lines: [
    {
      name: "preview",
      points: [
        { x: 1, y: 1 },
        { x: 5, y: 1.5 },
        { x: 10, y: 2 },
      ],
    },
    {
      name: "up",
      points: [
        { x: 1, y: 2 },
        { x: 10, y: 10 },
      ],
    },
  ],
};

/** The points of the nth line, as numbers. */
function pointsOf(svg: string, index: number): number[][] {
  const path = [...svg.matchAll(/<path d="M([^"]*)" fill="none"/g)][index]?.[1] ?? "";
  return path.split("L").map((point) => point.split(" ").map(Number));
}

describe("a chart of lines", () => {
  const svg = lineChart([servers]);

  it("puts both axes at zero and lets the greatest reach their ends", () => {
    const [first, middle, last] = pointsOf(svg, 0);
    // 400 wide with 60 before and 25 after the axis, which is 10 long; 222 high, of which the greatest is 10.
    assert.deepEqual(first, [91.5, 233.8]);
    assert.deepEqual(middle, [217.5, 222.7]);
    assert.deepEqual(last, [375, 211.6]);
    assert.deepEqual(pointsOf(svg, 1), [
      [91.5, 211.6],
      [375, 34],
    ]);
  });

  it("marks each point once, and each number of the horizontal axis", () => {
    assert.equal(svg.match(/<circle /g)?.length, 5);
    for (const mark of [1, 5, 10])
      assert.equal(svg.match(new RegExp(`middle" fill="#555">${mark}</text>`, "g"))?.length, 1);
  });

  it("says in words what it shows, whatever is in them", () => {
    for (const word of ["Servers &amp; time", ">preview<", ">up<", ">servers<", ">10 s<"])
      assert.ok(svg.includes(word), word);
  });

  it("puts several side by side, with one legend", () => {
    const two = lineChart([servers, { ...servers, title: "Sites", across: "sites" }]);
    assert.match(two, /^<svg [^>]* width="800" height="328"/);
    assert.match(two, /translate\(400 28\)/);
    assert.equal(two.match(/>preview</g)?.length, 1);
  });
});
