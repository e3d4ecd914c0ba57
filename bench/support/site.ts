import type { Host } from "../../tests/integration/support/host";

/** The host name that the example application's site answers to. */
export const serverName = "www.example.org";

/** What a stack file says of the example application's site. */
export const siteSettings = {
  serverNames: [serverName],
  settings: "codebase.settings.test",
  health: "/health",
  keep: false,
};

/** A stack file with one server and the example application on it. */
export function oneSite(host: Host) {
  return { servers: { own: host.settings() }, sites: { codebase: siteSettings } };
}
