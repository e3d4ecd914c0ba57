import { z } from "zod";
import * as texts from "../texts";

const packages = z
  .array(texts.debianPackage)
  .default([])
  .describe("Debian packages to install besides git, nginx, python3, sudo and virtualenv");

const catchAll = z
  .boolean()
  .default(true)
  .describe(
    "Whether nginx refuses host names that no site has; set it to false if another site of the server is nginx's default",
  );

const proxyProtocol = z
  .boolean()
  .default(false)
  .describe(
    "Whether all visitors come through proxies that say by the PROXY protocol who they are; each site then needs `trustedProxies`",
  );

/** Where a server gets Pythons from. */
const pythonSource = {
  pythonMirror: texts.url
    .optional()
    .describe(
      "Where uv fetches Pythons from, in the place of the releases of python-build-standalone",
    ),
  pythonDownloads: texts.pythonDownloads
    .optional()
    .describe(
      "A list of the Pythons that there are, as a URL or a file on the server, in the place of uv's own",
    ),
};

/** Further options of a server; none is on by default. */
const serverOptions = {
  firewall: z
    .boolean()
    .default(false)
    .describe("Whether a firewall (nftables) lets in SSH, HTTP and HTTPS only"),
  unattendedUpgrades: z
    .boolean()
    .default(false)
    .describe("Whether the server installs security updates by itself; they don't reboot it"),
  sshHardening: z
    .boolean()
    .default(false)
    .describe("Whether sshd accepts keys only, and no passwords"),
  fail2ban: z
    .boolean()
    .default(false)
    .describe("Whether fail2ban bans addresses that fail to log in by SSH again and again"),
};

/** What any server has, whoever made it. */
const ofEveryServer = {
  packages,
  ...pythonSource,
  catchAll,
  proxyProtocol,
  probe: z
    .boolean()
    .default(true)
    .describe("Whether a preview asks the server what somebody changed by hand"),
  ...serverOptions,
};

/** A server that exists already. */
export const hostServer = z
  .strictObject({
    host: texts.host.describe("Name or address of the server; `~/.ssh/config` does not count"),
    port: z.int().min(1).max(65_535).default(22).describe("Port of its sshd"),
    user: texts.account
      .default("root")
      .describe(
        "The account that Greenpush connects as: root, or one that may use sudo without a password",
      ),
    hostKey: texts.hostKey.describe(
      "The server's public host key, Ed25519 or ECDSA; Greenpush refuses to connect to another one",
    ),
    privateKey: texts.localFile
      .optional()
      .describe(
        "The file of the private key to connect with, without a passphrase; if left out, Greenpush asks the SSH agent",
      ),
    ...ofEveryServer,
  })
  .describe("A server that exists already");

/** A server that the stack makes in a container on the operator's machine. */
export const testServer = z
  .strictObject({
    testServer: z
      .enum(["bookworm", "trixie", "noble", "resolute"])
      .describe(
        "The release to make a test server of: bookworm (Debian 12), trixie (Debian 13), noble (Ubuntu 24.04), resolute (Ubuntu 26.04)",
      ),
    ...ofEveryServer,
  })
  .describe("A server that the stack makes in a container (Podman or Docker) on this machine");
