import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { type ComponentName, registered, scriptOf } from "../registry";
import { composeProgram, type ProgramParts } from "./program";
import type { Server } from "./server";

/** What a component says of its step on a server. */
export interface RemoteScriptArgs extends Pick<ProgramParts, "name" | "files"> {
  /** Its script is the one that components/registry.ts has for it. */
  component: ComponentName;
  /** Shell variables of the script; those known only later may be outputs. */
  values: Record<string, pulumi.Input<string>>;
  server: Server;
  /** Whether values or files are secret: then a preview doesn't show them, and what the script says isn't logged. @default false */
  secret?: boolean;
  /** Texts like `files` that are known only later. */
  laterFiles?: Record<string, pulumi.Input<string>>;
  /** Whether a step of its own has to confirm what this one did, which the server takes back otherwise: see server/lib/way-in.sh. @default false */
  confirmed?: boolean;
}

/**
 * The only place that makes a remote command: a script under server/resources/ with its values, applied when the resource is
 * made or changed, undone when it goes.
 *
 * The text is the command's standard input, not the command: a failing command is echoed whole in the provider's
 * error, and a changed line of stdin is shown as that line.
 */
export function remoteScript(
  name: string,
  args: RemoteScriptArgs,
  options: pulumi.CustomResourceOptions,
): remote.Command {
  const { server, secret, laterFiles, confirmed, values, ...parts } = args;
  const finding = server.findings.of(args.component, args.name);
  const component = registered(args.component);
  const stdin = pulumi
    .all([pulumi.output(values), pulumi.output(laterFiles ?? {})])
    .apply(([known, texts]) =>
      composeProgram({
        ...parts,
        script: `resources/${scriptOf(component)}`,
        // What all sites of a server stand on has brought it.
        installed: component.of === "site",
        values: known,
        server: server.name,
        stack: pulumi.getStack(),
        generation: finding.generation,
        files: { ...parts.files, ...texts },
      }),
    );
  const prefix = server.sudo ? "sudo -n " : "";
  const command = new remote.Command(
    name,
    {
      connection: server.connection,
      create: `${prefix}sh -s apply`,
      delete: `${prefix}sh -s remove`,
      stdin: secret ? pulumi.secret(stdin) : stdin,
      // What a step printed is for the person who watches; the next run of it must not depend on it.
      addPreviousOutputInEnv: false,
      // What moves to another server goes from the one it was on.
      triggers: [server.name],
      ...(secret ? { logging: remote.Logging.None } : {}),
    },
    {
      ...options,
      deletedWith: server.resource,
      ...(secret ? { additionalSecretOutputs: ["stdout", "stderr"] } : {}),
    },
  );
  if (confirmed) confirmation(name, args, stdin, { ...options, dependsOn: [command] });
  for (const sentence of finding.drift) {
    void pulumi.log.warn(`changed by hand on ${server.name}: ${sentence}`, command);
  }
  return command;
}

/** The step that confirms another one, `NAME-apply`, each time that one was run: whoever can still connect has a way in. */
function confirmation(
  name: string,
  { component, name: of, server }: RemoteScriptArgs,
  applied: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): void {
  new remote.Command(
    name.replace(/-apply$/, "-confirm"),
    {
      connection: server.connection,
      create: `${server.sudo ? "sudo -n " : ""}sh -s confirm`,
      stdin: applied.apply((text) =>
        composeProgram({
          component,
          name: of,
          server: server.name,
          stack: pulumi.getStack(),
          values: { confirms: createHash("sha256").update(text).digest("hex").slice(0, 12) },
        }),
      ),
      addPreviousOutputInEnv: false,
      triggers: [server.name],
    },
    { ...options, deletedWith: server.resource },
  );
}
