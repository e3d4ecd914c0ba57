import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { remoteScript } from "./remote/remote-script";
import { type SiteArgs, siteNames } from "./site";

/** What AppEnvironment takes besides the site. */
export interface AppEnvironmentArgs extends SiteArgs {
  /** Values of the site's `secrets`, by name. */
  secrets: pulumi.Input<Record<string, string>>;
}

/** The application's variables that are not secret, in the form that the engine reads. */
export function settingsConfiguration(args: SiteArgs): string {
  const { settings } = args;
  const variables = {
    ...(settings.settings === undefined ? {} : { DJANGO_SETTINGS_MODULE: settings.settings }),
    ALLOWED_HOSTS: settings.serverNames.join(","),
    ...settings.environment,
  };
  const secrets = [...new Set(["SECRET_KEY", ...settings.secrets])].sort();
  return `${JSON.stringify({ variables, secrets }, undefined, 1)}\n`;
}

/** The application's settings and secrets, which the engine writes to var/env. */
export class AppEnvironment extends pulumi.ComponentResource {
  constructor(name: string, args: AppEnvironmentArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:AppEnvironment", name, {}, options);
    const key = new random.RandomPassword(
      `${name}-secret-key`,
      { length: 64, special: false },
      { parent: this },
    );
    const common = {
      name: args.site,
      server: args.server,
    };
    const { home, www, configuration } = siteNames(args);
    const values = { site_user: args.settings.user, home, www, configuration };
    const secrets = remoteScript(
      `${name}-secrets`,
      {
        ...common,
        component: "app-secrets",
        values: { ...values, part: "secrets" },
        laterFiles: {
          configuration: pulumi
            .all([key.result, args.secrets])
            .apply(
              ([ownKey, given]) =>
                `${JSON.stringify({ SECRET_KEY: ownKey, ...given }, undefined, 1)}\n`,
            ),
        },
        secret: true,
      },
      { parent: this },
    );
    // Settings name the secrets that they need, so a new secret has to be there before them.
    remoteScript(
      `${name}-settings`,
      {
        ...common,
        component: "app-settings",
        values: { ...values, part: "settings" },
        files: { configuration: settingsConfiguration(args) },
      },
      { parent: this, dependsOn: [secrets] },
    );
    this.registerOutputs();
  }
}
