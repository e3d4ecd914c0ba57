// Where a test server is kept. With another container name, an existing server would be made again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testServerPlace } from "../../../components/test-server";

describe("the place of a test server", () => {
  it("is what it was", () =>
    assert.deepEqual(testServerPlace("/srv/greenpush", "test", "own"), {
      folder: "/srv/greenpush/.greenpush/test/own",
      container: "test-own-4372f0ea",
    }));

  it("is another one in another checkout", () => {
    const containers = ["/srv/one", "/srv/two"].map((root) => testServerPlace(root, "test", "own"));
    assert.equal(new Set(containers.map(({ container }) => container)).size, 2);
  });

  for (const [stack, name] of [
    ["Stack_1.of-a-person", "own"],
    ["_x", "own"],
    ["x".repeat(100), "y".repeat(40)],
  ] as const)
    it(`is a container's name for server ${name.slice(0, 9)} of ${stack.slice(0, 9)}`, () =>
      assert.match(testServerPlace("/srv", stack, name).container, /^[a-z0-9][a-z0-9-]{0,39}$/));
});
