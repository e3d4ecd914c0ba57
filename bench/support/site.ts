import type { Host } from "../../tests/integration/support/host";

/** The host name that the example application's site answers to. */
export const serverName = "www.example.org";

/** What a stack file says of one server that exists already. */
export function serverSettings({ address }: Host) {
  const { host, port, user, hostKey, privateKeyFile } = address;
  return { host, port, user, hostKey, privateKey: privateKeyFile };
}

/** What a stack file says of the example application's site. */
export const siteSettings = {
  serverNames: [serverName],
  settings: "codebase.settings.test",
  health: "/health",
  keep: false,
};

/** A stack file with one server and the example application on it. */
export function oneSite(host: Host) {
  return { servers: { own: serverSettings(host) }, sites: { codebase: siteSettings } };
}
