import * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../../stacks/schema";

/** A password as nginx can check it: what `openssl passwd` and htpasswd make, without crypt's oldest kind. */
const hashed = new RegExp(
  `^(?:${[
    String.raw`\$(?:apr)?1\$[^$:]{1,8}\$[./0-9A-Za-z]{22}`,
    String.raw`\$5\$(?:rounds=\d+\$)?[^$:]{1,16}\$[./0-9A-Za-z]{43}`,
    String.raw`\$6\$(?:rounds=\d+\$)?[^$:]{1,16}\$[./0-9A-Za-z]{86}`,
    String.raw`\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}`,
    String.raw`\$y\$[./0-9A-Za-z]+\$[./0-9A-Za-z]+\$[./0-9A-Za-z]{43}`,
    String.raw`\{S?SHA\}[+/0-9A-Za-z]{26,}={0,2}`,
  ].join("|")})$`,
);

/** What is wrong with a file of names and hashed passwords, without a word of its content; undefined if it is right. */
export function htpasswdTrouble(text: string): string | undefined {
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }));
  const entries = lines.filter(({ line }) => line.trim() !== "" && !line.startsWith("#"));
  if (entries.length === 0) return "has no line with a name and a password";
  for (const { line, number } of entries) {
    if (/[\p{Cc}]/u.test(line)) return `has a control character in line ${number}`;
    const [, password] = /^[^:\s][^:]*:([^:]*)$/.exec(line) ?? [];
    if (password === undefined) return `has in line ${number} no NAME:HASH`;
    if (!hashed.test(password))
      return `has in line ${number} a password that is not hashed, or not in a way that nginx knows: write NAME: and what \`openssl passwd -6\` prints`;
  }
  return undefined;
}

/**
 * Check the names and hashed passwords that let visitors in, by site and secret.
 *
 * @throws pulumi.RunError that names every secret that can't be used, never a value
 */
export function checkHtpasswds(
  { sites }: StackSettings,
  secrets: Record<string, Record<string, string>>,
  stack: string,
): void {
  const troubles = Object.entries(sites).flatMap(([name, { access }]) => {
    const secret = access?.htpasswd;
    if (secret === undefined) return [];
    const trouble = htpasswdTrouble(secrets[name]?.[secret] ?? "");
    if (trouble === undefined) return [];
    const howToSet = `printf 'NAME:%s\\n' "$(openssl passwd -6)" | npx pulumi config set --stack ${stack} --secret --path secrets.${name}.${secret}`;
    return [`sites.${name}.access.htpasswd: the secret ${secret} ${trouble}. Set it: ${howToSet}`];
  });
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
}
