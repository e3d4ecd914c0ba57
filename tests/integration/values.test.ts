// Values that mean something to a shell, YAML, JSON, systemd or a template reach the application as they are written.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Host } from "../../testing/host";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";

const parts = [
  ...[
    "'",
    '"',
    "`",
    "\\",
    "$",
    "$$",
    "$'",
    "$&",
    "$(id)",
    "${HOME}",
    "%",
    "%i",
    "%%",
    "!",
    "#",
    ";",
    "&",
    "|",
  ],
  ...[
    "<",
    ">",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    "{{www}}",
    "{{",
    "}}",
    "~",
    "=",
    ":",
    ",",
    "@",
    "^",
    "-",
    "--",
    " ",
  ],
  ...[
    "\n",
    "\t",
    "\n\n",
    "\n#",
    "EOF",
    "GREENPUSH_FILE",
    "\\n",
    "\\0",
    "\\x41",
    "é",
    "ü",
    "日本",
    "🐍",
    "\u2028",
  ],
  ...[
    "\u0085",
    "\u00a0",
    "null",
    "true",
    "yes",
    "007",
    "1e3",
    "0x10",
    "&a",
    "*a",
    "!!str",
    "- x",
    "? y",
    "a: b",
  ],
];

/** Make values from these parts, the same ones at each run. */
function values(count: number): Record<string, string> {
  let state = 20_261;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const length = at < parts.length ? 1 : 1 + next(12);
      const chosen = Array.from(
        { length },
        () => parts[at < parts.length ? at : next(parts.length)],
      );
      return [`V${at}`, chosen.join("")];
    }),
  );
}

describe("500 values of the stack file", { timeout: 300_000 }, () => {
  it("are what the application gets", async () => {
    const wanted = { ...values(499), V499: "x".repeat(100_000) };
    const host = await Host.make();
    // `${` begins a name in a stack file, and `$${` stands for it.
    const environment = Object.fromEntries(
      Object.entries(wanted).map(([variable, text]) => [variable, text.replaceAll("${", "$$${")]),
    );
    const { site } = await setUpSite(host, oneSite(host, { environment }));
    site.edit(
      "pages/views.py",
      'return HttpResponse("ok"',
      'import os\n    from django.http import JsonResponse\n    if "values" in request.GET: return JsonResponse({name: text for name, text in os.environ.items() if name[0] == "V" and name[1:].isdigit()})\n    return HttpResponse("ok"',
    );
    await site.commit("Tells its variables");
    await site.pushWell();
    const { body } = await host.get("/health?values", name);
    assert.deepEqual(JSON.parse(body), wanted);
  });
});
