import type { HostSettings, ServerSettings } from "../stacks/schema";
import { type PrivateKey, privateKeyOf } from "./credentials";
import { type TestServerAccess, testServerPlace } from "./test-server";

/** A server of the stack file, and what this machine needs to reach it. */
export type ServerAccess = HostAccess | TestServerAccess;

/** Access to a server that exists already. */
export interface HostAccess {
  settings: HostSettings;
  /** If undefined, ssh asks the SSH agent. */
  privateKey: PrivateKey | undefined;
}

/**
 * What this machine needs to reach a server.
 *
 * @param folder the start of relative paths in the stack file, and the place of test servers' files
 * @throws pulumi.RunError if a private key can't be read
 */
export function accessTo(
  name: string,
  settings: ServerSettings,
  { stack, folder }: { stack: string; folder: string },
): ServerAccess {
  return "testServer" in settings
    ? { settings, place: testServerPlace(folder, stack, name) }
    : { settings, privateKey: privateKeyOf(name, settings, folder) };
}
