import { dirname, relative, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Secrets } from "./components/credentials";
import { declareStack } from "./components/stack";
import { loadStack, StackFileError } from "./stacks/load";

/** The program: a stack's file says what its servers and sites are. */
export = async () => {
  const config = new pulumi.Config();
  const stack = pulumi.getStack();
  const file = config.get("stackFile") || `stacks/${stack}.yaml`;
  const path = resolve(__dirname, file);
  const settings = readSettings(path);
  const secrets = config.getSecretObject<Secrets>("secrets") ?? pulumi.output<Secrets>({});
  return declareStack(settings, {
    stack,
    folder: __dirname,
    fileFolder: dirname(path),
    secrets,
  });
};

// A RunError is shown without the stack trace of the program, which says nothing about the file.
function readSettings(file: string) {
  try {
    return loadStack(relative(process.cwd(), file));
  } catch (error) {
    if (error instanceof StackFileError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
