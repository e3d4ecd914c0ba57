import * as pulumi from "@pulumi/pulumi";
import type { SiteSettings } from "../stacks/schema";
import { siteNames } from "./site";

/** What sshd lets a person's key do, besides the command that it is bound to. */
const options = { push: "restrict,", operate: "restrict,pty,", shell: "" };

/** Who may push to a site, as lines of an authorized_keys file; warns where it is nobody. */
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
 * A person of the stack file gets the engine's command alone, with the name that deploys are recorded under; it decides
 * by the role.
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
