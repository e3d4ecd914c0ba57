// The soak in short: `npm run soak` is the same with a thousand pushes.

import assert from "node:assert/strict";
import { it } from "node:test";
import { soak } from "./support/soak";

it(
  "of 25 pushes under load every fifth is refused, no request fails and nothing grows",
  {
    timeout: 600_000,
  },
  async () => {
    const { good, refused, requests, filled } = await soak(25, () => undefined);
    assert.deepEqual([good, refused, filled.length], [20, 5, 2]);
    assert.ok(requests > 0);
  },
);
