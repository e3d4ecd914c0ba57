/** The kernel's limit for one variable, `NAME=value`: 128 KiB with the NUL at its end. */
export const mostOfOne = 131_071;
/** The limit for all variables together: half of the kernel's 2 MiB. The other half is for a program's arguments. */
const mostOfAll = 1_048_576;

/** Why an environment can't have a value, as the end of a sentence that begins with the variable's name. */
export interface VariableTrouble {
  /** The variable; undefined if all of them together are the trouble. */
  name?: string;
  message: string;
}

/** What is wrong with variables of an environment. No message contains a value. */
export function variableTroubles(values: Record<string, string>): VariableTrouble[] {
  const troubles: VariableTrouble[] = [];
  let all = 0;
  for (const [name, value] of Object.entries(values)) {
    const size = Buffer.byteLength(`${name}=${value}`);
    all += size + 1;
    const message = troubleOf(value, size);
    if (message !== undefined) troubles.push({ name, message });
  }
  if (troubles.length === 0 && all > mostOfAll) {
    const message = `has variables of ${all} bytes altogether; ${mostOfAll} fit. Put what is long into a file, and its path here`;
    troubles.push({ message });
  }
  return troubles;
}

function troubleOf(value: string, size: number): string | undefined {
  if (value.includes("\0")) return "has a NUL (character 0), which ends a value of an environment";
  if (value.includes("\r")) {
    return "has a carriage return, which does not reach the application as it is: end lines with a line feed alone";
  }
  if (/\p{Surrogate}/u.test(value)) {
    return "has half a character (a surrogate without its other half), which can't be stored";
  }
  if (size <= mostOfOne) return undefined;
  return `is ${size} bytes long with its name; ${mostOfOne} fit. Put what is long into a file, and its path here`;
}
