import * as pulumi from "@pulumi/pulumi";
import type { StackSettings } from "../stacks/schema";
import { variableTroubles } from "../stacks/variables";

/** Values of the sites' secrets: by site, then by variable. */
export type Secrets = Record<string, Record<string, string> | undefined>;

/**
 * The values of all sites' secrets, by site.
 *
 * @throws pulumi.RunError that names all that is missing or can't be used
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
 * The values of a site's secrets, which have to fit into an environment with the variables that are none.
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
        : `${setting}: the value of ${name} in stack ${stack} is no text. ${howToSet(name)}`,
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
