import type { HostSettings, ServerSettings } from "../stacks/schema";
import { type PrivateKey, privateKeyOf } from "./credentials";
import { type TestServerAccess, testServerPlace } from "./test-server";

/** A server of the stack file, and what of this machine it is reached with. */
export type ServerAccess = HostAccess | TestServerAccess;

/** One that exists already. */
export interface HostAccess {
  settings: HostSettings;
  /** Without one the SSH agent is asked. */
  privateKey: PrivateKey | undefined;
}

/**
 * What of this machine a server is reached with.
 *
 * @param folder where relative paths of the stack file start from, and test servers are kept
 * @throws pulumi.RunError where a private key can't be read
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
