import * as pulumi from "@pulumi/pulumi";
import type { SiteSettings } from "../stacks/schema";
import { siteNames } from "./site";

/** sshd's options for a pusher's key, by role; `command` follows them. */
const options = { push: "restrict,", operate: "restrict,pty,", shell: "" };

/** Who may push to a site, as lines of an authorized_keys file; warns if nobody may. */
export function authorizedKeys(
  site: string,
  settings: SiteSettings,
  operator: pulumi.Input<string[]>,
): pulumi.Output<string[]> {
  const { www } = siteNames({ site, settings });
  return pulumi.output(operator).apply((own) => {
    const lines = authorizedLines(settings, www, own);
    if (lines.length === 0) {
      void pulumi.log.warn(
        `sites.${site}: nobody may push: name people under sites.${site}.pushers, or public keys under authorizedKeys`,
      );
    }
    return lines;
  });
}

/**
 * The lines that let people push.
 *
 * The key of a person in `pushers` runs only the engine's `shell` command, with the person's role, and the name that
 * deploys are recorded under.
 *
 * @param www the site's folder, absolute
 * @param own the operator's public keys, for a site that names nobody
 */
function authorizedLines(settings: SiteSettings, www: string, own: string[]): string[] {
  const people = Object.entries(settings.pushers).map(([name, { key, role }]) => {
    const [kind = "", blob = ""] = key.split(" ");
    return `${options[role]}command="${www}/deploy shell ${role} ${name}" ${kind} ${blob} ${name}`;
  });
  return [...people, ...(settings.authorizedKeys ?? (people.length > 0 ? [] : own))];
}
