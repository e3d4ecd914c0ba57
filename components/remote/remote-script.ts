import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { type ComponentName, folderOf, registered, scriptOf } from "../registry";
import type { Finding } from "../drift/generation";
import { composeProgram, type ProgramParts } from "./program";
import type { Server } from "./server";

/** A component's step on a server. */
export interface RemoteScriptArgs extends Pick<ProgramParts, "name" | "files"> {
  /** components/registry.ts names its script. */
  component: ComponentName;
  /** Shell variables of the script; they may be outputs. */
  values: Record<string, pulumi.Input<string>>;
  server: Server;
  /** Whether values or files are secret: then a preview doesn't show them, and the script's output isn't logged. @default false */
  secret?: boolean;
  /** Texts like `files` that are known only later. */
  laterFiles?: Record<string, pulumi.Input<string>>;
  /** Whether a second step has to confirm this one, which the server otherwise takes back: see server/lib/way-in.sh. @default false */
  confirmed?: boolean;
}

/**
 * Declare a step: a script under server/resources/ with its values, applied when the resource is created or changed, and
 * undone when it is deleted. No other file makes remote commands.
 *
 * The program is the command's standard input: the provider's error prints a failing command, but not its input, and a
 * preview shows a changed line of stdin as that line.
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
        folder: folderOf(component, server.name),
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
      // A step's output is for the person who watches. Its next run must not depend on it.
      addPreviousOutputInEnv: false,
      // What moves to another server is removed from the old one.
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
  warnOfDrift(server, finding, command);
  return command;
}

/** Say what was changed by hand of a component, whose step puts it right. */
export function warnOfDrift(server: Server, { drift }: Finding, step: pulumi.Resource): void {
  for (const sentence of drift) {
    void pulumi.log.warn(`changed by hand on ${server.name}: ${sentence}`, step);
  }
}

/** Declare the step that confirms `NAME-apply` each time that has run: if it can connect, the operator still has a way in. */
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
          folder: folderOf(registered(component), server.name),
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
