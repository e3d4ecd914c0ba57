import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import { render } from "./remote/template";
import { type SiteArgs, siteNames } from "./site";

/** gunicorn's options, as the engine takes them. */
export function gunicornConfiguration({ settings }: Pick<SiteArgs, "settings">): string {
  const wsgi = settings.wsgi ?? `${settings.settings.split(".")[0]}.wsgi`;
  return `${JSON.stringify({ wsgi, ...settings.gunicorn }, undefined, 1)}\n`;
}

/** gunicorn in two slots, blue and green, of which one is live: systemd units and the right to start and stop them. */
export class GunicornProcess extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:GunicornProcess", name, {}, options);
    const { settings } = args;
    const { www, unit } = siteNames(args);
    const values = {
      site: args.site,
      user: settings.user,
      www,
      unit,
      bootLimit: settings.limits.boot,
      stopLimit: settings.limits.stop,
    };
    remoteScript(
      `${name}-apply`,
      {
        component: "gunicorn-process",
        name: args.site,
        server: args.server,
        helpers: ["configured"],
        values: { site_user: settings.user, www, unit },
        files: {
          configuration: gunicornConfiguration(args),
          unit: render(serverFile("templates/gunicorn@.service"), values),
          sudoers: render(serverFile("templates/sudoers"), values),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
