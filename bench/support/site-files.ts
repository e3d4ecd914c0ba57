import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dump } from "js-yaml";
import { settingsConfiguration } from "../../components/app-environment";
import { gunicornFiles } from "../../components/gunicorn-process";
import { nginxConfiguration } from "../../components/nginx/nginx-site";
import { sharedNginxFiles } from "../../components/server-packages";
import type { SiteArgs } from "../../components/site";
import { deployConfig } from "../../components/site-layout";
import { parseStack } from "../../stacks/load";

/**
 * Write the files of the example application's site into a folder, as `pulumi up` with this stack file writes them to the
 * server: what the other tools copy. Its secrets are not among them.
 */
export function writeSiteFiles(stackFile: unknown, folder: string): void {
  const { sites } = parseStack(dump(stackFile), "the bench's stack file");
  const args = { site: "codebase", settings: sites["codebase"] } as SiteArgs;
  const {
    configuration = "",
    unit = "",
    sudoers_systemd = "",
    sudoers_python = "",
  } = gunicornFiles(args);
  const files = {
    "config/deploy.json": deployConfig(args, 80),
    "config/settings.json": settingsConfiguration({ settings: args.settings, files: {} }, 80),
    "config/gunicorn.json": configuration,
    "gunicorn@.service": unit,
    sudoers: sudoers_systemd + sudoers_python,
    "nginx/site.conf": nginxConfiguration(args),
    ...Object.fromEntries(
      Object.entries(sharedNginxFiles(false)).map(([name, text]) => [`nginx/${name}.conf`, text]),
    ),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
