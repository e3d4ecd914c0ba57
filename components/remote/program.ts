import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "./quote";

/** The folder with what runs on the server. */
export const serverFolder = join(__dirname, "..", "..", "server");

/** What a remote program is composed of. */
export interface ProgramParts {
  /** The component as its record on the server names it, for example `nginx-site`. */
  component: string;
  /** The name of the component's site or server. */
  name: string;
  /** The server's name in the stack file, for messages. */
  server: string;
  /** The stack that the component belongs to. */
  stack: string;
  /** See docs/explanation/drift.md. @default "" */
  generation?: string;
  /** The script under server/, without its extension; undefined if the library is enough. */
  script?: string;
  /**
   * The folder on the server from which the program reads library and script. That keeps the program, and with it the
   * stack's state, small. If undefined, the program contains them.
   */
  folder?: string | undefined;
  /** Read-only shell variables of the script. */
  values: Record<string, string>;
  /** Texts that the script gets from functions: `unit` is what `file_unit` prints. */
  files?: Record<string, string>;
  /** What the program reads on its standard input, without a line `GREENPUSH_INPUT`. @default nothing */
  input?: string;
}

/** The library's files under server/lib/, in this order: the first two set up what the others use. */
const library = [
  "paths",
  "journal",
  "files",
  "home",
  "packages",
  "services",
  "undo",
  "verbs",
  "account",
  "push-access",
  "configured",
  "way-in",
  "certificates",
];

// Ends of here-documents; one that a text has as a line gets a longer word.
const endOfFile = "GREENPUSH_FILE";
const endOfProgram = "GREENPUSH_PROGRAM";
const endOfInput = "GREENPUSH_INPUT";

const made = new Map<string, string>();

/** A text that each step of each site asks for, made once. */
export function madeOnce(name: string, make: () => string): string {
  const text = made.get(name) ?? make();
  made.set(name, text);
  return text;
}

/** A file under server/. */
export function serverFile(name: string): string {
  return madeOnce(name, () => readFileSync(join(serverFolder, name), "utf8"));
}

/** The library in one file. */
export function libraryText(): string {
  return madeOnce("library", () => library.map((name) => serverFile(`lib/${name}.sh`)).join("\n"));
}

/** The files that a program contains. */
function ownFiles({ script }: ProgramParts): string[] {
  return [libraryText(), ...(script === undefined ? [] : [serverFile(`${script}.sh`)])];
}

/**
 * Lines that read the same files on the server. They contain a hash of the files, so that a changed file changes the step.
 *
 * If a file is missing, the program exits with 69 (EX_UNAVAILABLE). A probe ignores that, because the component that brings
 * the file reports it.
 */
function readFiles(parts: ProgramParts, folder: string): string[] {
  const version = madeOnce(`version of ${parts.script ?? "library"}`, () =>
    createHash("sha256").update(ownFiles(parts).join("\n")).digest("hex").slice(0, 12),
  );
  const files = ["library", ...(parts.script === undefined ? [] : [parts.script])];
  return [
    `# version ${version} of what follows`,
    `for file in ${files.join(" ")}; do`,
    `  [ -r "${folder}/$file.sh" ] && continue`,
    `  echo "greenpush: $server: $component of $name: ${folder}/$file.sh is missing" >&2`,
    '  echo "  Run \\`npx pulumi up\\`, which brings it back, then try again." >&2',
    "  exit 69",
    "done",
    ...files.map((file) => `. ${folder}/${file}.sh`),
  ];
}

/**
 * Compose the standard input of a remote command: a program that the server keeps to look for drift. The values come
 * first, one per line, because a preview shows which of these lines change.
 */
export function composeProgram(parts: ProgramParts): string {
  const common = {
    component: parts.component,
    name: parts.name,
    server: parts.server,
    stack: parts.stack,
    generation: parts.generation ?? "",
  };
  const inputs = { ...common, ...parts.values };
  const values = [
    ...Object.entries(inputs).map(([name, value]) => `${name}=${quote(value)}`),
    // A function that assigns to a value by mistake ends the program.
    `readonly ${Object.keys(inputs).join(" ")}`,
  ];
  const files = Object.entries(parts.files ?? {}).map(([name, text]) => printing(name, text));
  const program = [
    ...values,
    ...files,
    ...(parts.folder === undefined ? ownFiles(parts) : readFiles(parts, parts.folder)),
  ];
  const text = `${program.join("\n")}\ngreenpush "$@"\n`;
  const end = free(endOfProgram, text);
  const { input } = parts;
  // The line that runs the program comes last, so a connection that breaks while this is sent starts nothing.
  return [
    "umask 077",
    "program=$(mktemp)",
    `cat >"$program" <<'${end}'`,
    `${text}${end}`,
    ...(input === undefined
      ? ['sh "$program" "$@" </dev/null && status=0 || status=$?', 'rm -f "$program"']
      : [
          "input=$(mktemp)",
          `cat >"$input" <<'${endOfInput}'`,
          `${ended(input)}${endOfInput}`,
          'sh "$program" "$@" <"$input" && status=0 || status=$?',
          'rm -f "$program" "$input"',
        ]),
    'exit "$status"',
    "",
  ].join("\n");
}

/** A function that prints a text. */
function printing(name: string, text: string): string {
  const end = free(endOfFile, text);
  return `file_${name}() {\n  cat <<'${end}'\n${ended(text)}${end}\n}`;
}

/** A word that is no line of a text. The text is not taken apart, for the engine has ten thousand lines. */
function free(word: string, text: string): string {
  if (!text.includes(word)) return word;
  return `\n${text}\n`.includes(`\n${word}\n`) ? free(`${word}_`, text) : word;
}

function ended(text: string): string {
  return text.endsWith("\n") || text === "" ? text : `${text}\n`;
}
