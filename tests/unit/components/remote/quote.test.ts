import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { quote } from "../../../../components/remote/quote";

describe("quote", () => {
  for (const text of ["", "plain", "two words", "it's", '$HOME `id` \\ "', "a\nb", "-n", "ümläut"])
    it(`gives a shell ${JSON.stringify(text)} as it is`, () => {
      const { stdout } = spawnSync("sh", ["-c", `printf %s ${quote(text)}`], { encoding: "utf8" });
      assert.equal(stdout, text);
    });
});
