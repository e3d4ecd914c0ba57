import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { edgeSecrets } from "../stacks/edge";
import type { HostSettings, StackSettings } from "../stacks/schema";
import { variableTroubles } from "../stacks/variables";
import type { EdgeSecrets } from "./certificates/given-certificate";

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

/** The secrets of a stack, by site and then by name. */
export interface StackSecrets {
  /** Variables of the applications. */
  variables: Record<string, Record<string, string>>;
  /** What nginx and certbot need; no application gets it. */
  edge: Record<string, EdgeSecrets>;
}

/**
 * The values of all sites' secrets.
 *
 * @throws pulumi.RunError that names every secret that is missing or can't be used
 */
export async function secretsOf(
  { sites }: StackSettings,
  secrets: pulumi.Output<Secrets>,
  stack: string,
): Promise<StackSecrets> {
  const all = await new Promise<Secrets>((resolve) => void secrets.apply(resolve));
  const troubles: string[] = [];
  const chosen: StackSecrets = { variables: {}, edge: {} };
  for (const [name, site] of Object.entries(sites)) {
    try {
      chosen.variables[name] = chosenSecrets(name, site.secrets, all, stack, site.environment);
    } catch (error) {
      troubles.push((error as Error).message);
    }
    const named = edgeSecrets(site);
    troubles.push(
      ...named.flatMap(([setting, secret]) => whyNoText(name, setting, secret, all, stack)),
    );
    chosen.edge[name] = Object.fromEntries(
      named.map(([, secret]) => [secret, String(all[name]?.[secret])]),
    );
  }
  if (troubles.length > 0) throw new pulumi.RunError(troubles.join("\n"));
  return chosen;
}

/** Why a secret has no value that is a text, and the command that sets one; nothing if it has. */
function whyNoText(
  site: string,
  setting: string,
  name: string,
  all: Secrets,
  stack: string,
): string[] {
  const given: unknown = all[site]?.[name];
  if (["string", "number", "boolean"].includes(typeof given)) return [];
  const howToSet = `Set it: npx pulumi config set --stack ${stack} --secret --path secrets.${site}.${name}`;
  return [
    given === undefined
      ? `sites.${site}.${setting} names ${name}, which has no value in stack ${stack}. ${howToSet}`
      : `sites.${site}.${setting}: the value of ${name} in stack ${stack} is not a text. ${howToSet}`,
  ];
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
  const troubles = names.flatMap((name) => whyNoText(site, "secrets", name, all, stack));
  const chosen = Object.fromEntries(names.map((name) => [name, String(all[site]?.[name])]));
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
