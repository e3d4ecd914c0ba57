import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  applicationSecrets,
  applicationVariables,
  generatedSecrets,
  ownKey,
} from "../stacks/application-variables";
import type { GivenFiles } from "./given-files";
import { remoteScript } from "./remote/remote-script";
import { type SiteArgs, siteNames, siteUrl } from "./site";

/** What AppEnvironment takes besides the site. */
export interface AppEnvironmentArgs extends SiteArgs {
  /** Values of the site's `secrets`, by name. */
  secrets: pulumi.Input<Record<string, string>>;
  files: GivenFiles;
}

/**
 * What an application is given that is no secret, as the engine takes it. It fills in `${NAME}`.
 *
 * A file stands here line by line, for a preview shows which lines change. One that names a secret is among the secrets.
 */
export function settingsConfiguration(
  { settings, files }: Pick<AppEnvironmentArgs, "settings" | "files">,
  httpPort: number,
): string {
  const texts = Object.entries(files).map(
    ([place, { text, secret }]) => [place, secret ? null : text.split("\n")] as const,
  );
  const configuration = {
    variables: applicationVariables(settings, siteUrl(settings, httpPort)),
    secrets: applicationSecrets(settings),
    references: true,
    files: Object.fromEntries(texts),
  };
  return `${JSON.stringify(configuration, undefined, 1)}\n`;
}

/** The files that name a secret, by a name that no variable can have. */
function secretFiles(files: GivenFiles): Record<string, string> {
  const secret = Object.entries(files).filter(([, file]) => file.secret);
  return Object.fromEntries(secret.map(([place, { text }]) => [`files/${place}`, text]));
}

/** A secret that is made once and kept for life: nothing of it may depend on the others. */
function generatedSecret(name: string, parent: pulumi.Resource): random.RandomPassword {
  return new random.RandomPassword(name, { length: 64, special: false }, { parent });
}

/** The application's settings and secrets, which the engine writes to var/env. */
export class AppEnvironment extends pulumi.ComponentResource {
  constructor(name: string, args: AppEnvironmentArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:AppEnvironment", name, {}, options);
    const made = {
      [ownKey]: generatedSecret(`${name}-secret-key`, this).result,
      ...Object.fromEntries(
        generatedSecrets(args.settings).map((variable) => [
          variable,
          generatedSecret(`${name}-generated-${variable}`, this).result,
        ]),
      ),
    };
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
            .all([pulumi.all(made), args.secrets])
            .apply(
              ([own, given]) =>
                `${JSON.stringify({ ...own, ...given, ...secretFiles(args.files) }, undefined, 1)}\n`,
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
        laterFiles: {
          configuration: args.server.address.apply(({ httpPort }) =>
            settingsConfiguration(args, httpPort),
          ),
        },
      },
      { parent: this, dependsOn: [secrets] },
    );
    this.registerOutputs();
  }
}
