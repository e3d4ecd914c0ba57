// What an application gets as its environment: defaults that its settings usually ask for, and what the stack file says.

import type { SiteSettings } from "./schema";

/** Variables that the engine sets itself, for it knows the release. */
export const engineVariables = [
  ...["VAR_DIR", "STATIC_ROOT", "MEDIA_ROOT", "GREENPUSH_REVISION", "GREENPUSH_RELEASE_NUMBER"],
];

/** The key that every site has of its own. */
export const ownKey = "SECRET_KEY";

/**
 * An application's variables that are no secrets. A value of the stack file wins.
 *
 * @param url the site's URL
 */
export function applicationVariables(settings: SiteSettings, url: string): Record<string, string> {
  return {
    ...(settings.settings === undefined ? {} : { DJANGO_SETTINGS_MODULE: settings.settings }),
    DJANGO_SECRET_KEY: `\${${ownKey}}`,
    ALLOWED_HOSTS: settings.serverNames.map(djangoHost).join(","),
    DJANGO_ALLOWED_HOSTS: "${ALLOWED_HOSTS}",
    CSRF_TRUSTED_ORIGINS: trustedOrigins(settings, url).join(","),
    DJANGO_CSRF_TRUSTED_ORIGINS: "${CSRF_TRUSTED_ORIGINS}",
    ...settings.environment,
  };
}

/** The names of an application's secrets, those that Greenpush makes among them. */
export function applicationSecrets(settings: SiteSettings): string[] {
  const { environment, secrets, generated } = settings;
  const own = Object.hasOwn(environment, ownKey) ? [] : [ownKey];
  return [...new Set([...own, ...secrets, ...generated])].sort();
}

/** The secrets that Greenpush makes besides the site's own key. */
export function generatedSecrets({ generated }: SiteSettings): string[] {
  return [...new Set(generated)].filter((name) => name !== ownKey).sort();
}

/** A server name as Django's ALLOWED_HOSTS has it: a wildcard is a dot. */
function djangoHost(name: string): string {
  return name.replace(/^\*\./, ".");
}

/** The origins that forms may come from: that of the URL, and each server name by the URL's scheme. */
function trustedOrigins({ serverNames }: SiteSettings, url: string): string[] {
  const scheme = url.startsWith("https:") ? "https" : "http";
  const names = serverNames.flatMap((name) => {
    // Django knows no wildcard at the end.
    if (name.endsWith(".*")) return [];
    return name.startsWith(".") ? [name.slice(1), `*${name}`] : [name];
  });
  const own = URL.canParse(url) ? [new URL(url).origin] : [];
  return [...new Set([...own, ...names.map((name) => `${scheme}://${name}`)])];
}
