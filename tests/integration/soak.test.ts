// A short soak test. `npm run soak` is the same with a thousand pushes.

import assert from "node:assert/strict";
import { it } from "node:test";
import { soak } from "./support/soak";

it(
  "of 25 pushes under load every fifth is refused, no page and no file of it fails and nothing grows",
  {
    timeout: 600_000,
  },
  async () => {
    const { good, refused, pages, files, filled } = await soak(25, () => undefined);
    assert.deepEqual([good, refused, filled.length], [20, 5, 2]);
    assert.ok(pages > 0 && files > 0, `${pages} pages, ${files} files`);
  },
);
