/** Texts that mean something to a shell, YAML, JSON, systemd or a template. */
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

/** Variables whose values are made from these parts, the same ones at each run. */
export function oddValues(count: number): Record<string, string> {
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
