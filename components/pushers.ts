import type { SiteSettings } from "../stacks/schema";

/** What sshd lets a person's key do, besides the command that it is bound to. */
const options = { push: "restrict,", operate: "restrict,pty,", shell: "" };

/**
 * The lines of an authorized_keys file that let people push to a site.
 *
 * A person of the stack file gets the engine's command alone, with the name that deploys are recorded under; it decides
 * by the role.
 *
 * @param www the site's folder, absolute
 * @param own the operator's public key, for a site that names nobody
 */
export function authorizedLines(
  settings: Pick<SiteSettings, "authorizedKeys" | "pushers">,
  www: string,
  own: string[],
): string[] {
  const people = Object.entries(settings.pushers).map(([name, { key, role }]) => {
    const [kind = "", blob = ""] = key.split(" ");
    return `${options[role]}command="${www}/deploy shell ${role} ${name}" ${kind} ${blob} ${name}`;
  });
  return [...people, ...(settings.authorizedKeys ?? (people.length > 0 ? [] : own))];
}
