import * as pulumi from "@pulumi/pulumi";
import { remoteScript } from "./remote/remote-script";
import { serverFile } from "./remote/program";
import type { Server } from "./remote/server";

/** What ServerTools takes. */
export interface ServerToolsArgs {
  server: Server;
  /**
   * Versions of Python that sites ask for; a push installs what its tree asks for.
   * @example ["3.13", "3.14"]
   */
  pythons: string[];
  /** Where Pythons are fetched from, in the place of the releases of python-build-standalone. */
  pythonMirror?: string | undefined;
  /** The list of Pythons that there are, in the place of the one that uv has. */
  pythonDownloads?: string | undefined;
}

/** Variables of uv, a line each, as install-python reads them. */
function pythonSource({ pythonMirror, pythonDownloads }: ServerToolsArgs): string {
  const lines = ["# Where Pythons are fetched from. Made by Greenpush."];
  if (pythonMirror) lines.push(`UV_PYTHON_INSTALL_MIRROR=${pythonMirror}`);
  if (pythonDownloads) lines.push(`UV_PYTHON_DOWNLOADS_JSON_URL=${pythonDownloads}`);
  return `${lines.join("\n")}\n`;
}

/** What virtualenvs are made with, in /opt/greenpush: uv, pip, gunicorn, and Pythons besides the server's own. Root's own. */
export class ServerTools extends pulumi.ComponentResource {
  constructor(name: string, args: ServerToolsArgs, options?: pulumi.ComponentResourceOptions) {
    super("greenpush:index:ServerTools", name, {}, options);
    remoteScript(
      `${name}-apply`,
      {
        component: "server-tools",
        name: args.server.name,
        server: args.server,
        values: { pythons: [...new Set(args.pythons)].sort().join(" ") },
        files: {
          requirements: serverFile("tools/requirements.txt"),
          install: serverFile("tools/install.sh"),
          install_python: serverFile("tools/install-python.sh"),
          python_source: pythonSource(args),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
