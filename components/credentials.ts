import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { HostSettings, StackSettings } from "../stacks/schema";
import { variableTroubles } from "../stacks/variables";

/** A private key of the operator. */
export interface PrivateKey {
  file: string;
  text: string;
  /** The public key that lies beside it, `FILE.pub`. */
  publicKey?: string;
}

/**
 * The private key that a server's settings name; undefined if the SSH agent has the key.
 *
 * @param server its name in the stack file
 * @param folder where a relative path starts from
 * @throws pulumi.RunError that names the setting, where the file can't be read
 */
export function privateKeyOf(
  server: string,
  { privateKey }: HostSettings,
  folder: string,
): PrivateKey | undefined {
  if (privateKey === undefined) return undefined;
  const file = resolve(folder, privateKey.replace(/^~(?=\/)/, homedir()));
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new pulumi.RunError(
      `servers.${server}.privateKey: ${file} can't be read (${(error as NodeJS.ErrnoException).code}). Name the private key's file, or leave it out to use the SSH agent.`,
    );
  }
  const beside = `${file}.pub`;
  return existsSync(beside) ? { file, text, publicKey: readPublicKey(beside) } : { file, text };
}

/** A public key's line from its file. */
export function readPublicKey(file: string): string {
  return readFileSync(file, "utf8").trim();
}

/** Values of the sites' secrets: by site, then by variable. */
export type Secrets = Record<string, Record<string, string> | undefined>;

/**
 * The values of all sites' secrets, by site.
 *
 * @throws pulumi.RunError that names every secret that is missing or can't be used
 */
export async function secretsOf(
  { sites }: StackSettings,
  secrets: pulumi.Output<Secrets>,
  stack: string,
): Promise<Secrets> {
  const all = await new Promise<Secrets>((resolve) => void secrets.apply(resolve));
  const troubles: string[] = [];
  const chosen: Secrets = {};
  for (const [name, site] of Object.entries(sites)) {
    try {
      chosen[name] = chosenSecrets(name, site.secrets, all, stack, site.environment);
    } catch (error) {
      troubles.push((error as Error).message);
    }
  }
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
  return chosen;
}

/**
 * The values of a site's secrets. Together with `environment` they have to fit into the environment of a process.
 *
 * @throws pulumi.RunError that names the secrets and the commands which set them, never a value.
 */
export function chosenSecrets(
  site: string,
  names: string[],
  all: Secrets,
  stack: string,
  environment: Record<string, string> = {},
): Record<string, string> {
  const setting = `sites.${site}.secrets`;
  const howToSet = (name: string) =>
    `Set it: npx pulumi config set --stack ${stack} --secret --path secrets.${site}.${name}`;
  const given = (name: string): unknown => all[site]?.[name];
  const isText = (name: string) => ["string", "number", "boolean"].includes(typeof given(name));
  const troubles = names
    .filter((name) => !isText(name))
    .map((name) =>
      given(name) === undefined
        ? `${setting} names ${name}, which has no value in stack ${stack}. ${howToSet(name)}`
        : `${setting}: the value of ${name} in stack ${stack} is not a text. ${howToSet(name)}`,
    );
  const chosen = Object.fromEntries(names.map((name) => [name, String(given(name))]));
  if (troubles.length === 0) {
    for (const { name, message } of variableTroubles({ ...environment, ...chosen })) {
      troubles.push(
        name === undefined
          ? `sites.${site}, with its secrets, ${message}`
          : `${setting}: the value of ${name} in stack ${stack} ${message}`,
      );
    }
  }
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
  return chosen;
}
