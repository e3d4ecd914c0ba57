import { Application } from "../../testing/application";
import type { Host } from "../../testing/host";
import { serverName } from "../../testing/one-site";

/**
 * Push the example application to a server that any of the tools has set up.
 *
 * @throws Error if the site does not answer then, because the set-up was not complete
 */
export async function firstPush(host: Host): Promise<Application> {
  const { address } = host;
  const remote = `ssh://deploy@${address.host}:${address.port}/~/www/codebase`;
  const application = new Application(remote, host);
  await application.make();
  const push = await application.push();
  if (push.status !== 0) throw new Error(`the first push failed:\n${push.output}`);
  const page = await host.get("/", serverName);
  if (!page.body.includes('id="version">v1<')) throw new Error(`no page came: ${page.body}`);
  return application;
}
