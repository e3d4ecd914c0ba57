import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import { render, type TemplateValues } from "./remote/template";
import { type SiteArgs, siteNames } from "./site";

/**
 * gunicorn's options, in the form that the engine reads.
 *
 * They include a hash of the manager's files: a change of those takes effect when a release starts, so it has to make one.
 */
export function gunicornConfiguration(
  { settings }: Pick<SiteArgs, "settings">,
  manager: Record<string, string> = {},
): string {
  // The engine finds in the tree what is left out, and JSON has no place for it.
  const { wsgi, asgi } = settings;
  const { memory: _memory, tasks: _tasks, unit: _unit, ...options } = settings.gunicorn;
  const started = createHash("sha256").update(JSON.stringify(manager)).digest("hex").slice(0, 12);
  return `${JSON.stringify({ wsgi, asgi, ...options, started }, undefined, 1)}\n`;
}

/** Files for the chosen process manager only: another manager's template doesn't change the site. */
function managerFiles({ settings }: SiteArgs, values: TemplateValues): Record<string, string> {
  const file = (name: string) => render(serverFile(`templates/${name}`), values);
  switch (settings.gunicorn.manager) {
    case "systemd":
      return { unit: file("gunicorn@.service") };
    case "supervisor":
      return { program: file("supervisor.conf") };
    case "direct":
      return {};
  }
}

/** What gunicorn's step writes to the server. */
export function gunicornFiles(args: SiteArgs): Record<string, string> {
  const { settings } = args;
  const { home, www, unit } = siteNames(args);
  const values = {
    site: args.site,
    user: settings.user,
    home,
    www,
    unit,
    alias: args.site.toUpperCase().replace(/-/g, "_"),
    // A slot waits for Django before it boots.
    bootLimit: settings.limits.django + settings.limits.boot,
    stopLimit: settings.limits.stop,
    memory: settings.gunicorn.memory ?? "infinity",
    tasks: settings.gunicorn.tasks,
    unitLines: settings.gunicorn.unit,
  };
  const manager = managerFiles(args, values);
  return {
    configuration: gunicornConfiguration(args, manager),
    ...manager,
    sudoers_python: render(serverFile("templates/sudoers-python"), values),
    sudoers_systemd: render(serverFile("templates/sudoers-systemd"), values),
    sudoers_supervisor: render(serverFile("templates/sudoers-supervisor"), values),
  };
}

/** gunicorn in two slots, blue and green, of which one is live: what starts them, and the right to start and stop them. */
export class GunicornProcess extends pulumi.ComponentResource {
  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:GunicornProcess", name, {}, options);
    const { settings } = args;
    const { home, www, unit, configuration } = siteNames(args);
    remoteScript(
      `${name}-apply`,
      {
        component: "gunicorn-process",
        name: args.site,
        server: args.server,
        values: {
          site_user: settings.user,
          home,
          www,
          configuration,
          unit,
          manager: settings.gunicorn.manager,
          branch: settings.branch,
        },
        files: gunicornFiles(args),
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
