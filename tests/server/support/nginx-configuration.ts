// nginx's configuration of a site in a scratch folder, as servers get it: what belongs into its http block.
// On stdin: the site's settings as a stack file has them, and the folder that its `www` stands in.

import { readFileSync } from "node:fs";
import { nginxConfiguration } from "../../../components/nginx/nginx-site";
import { pagesConfiguration } from "../../../components/nginx/pages";
import { serverFile } from "../../../components/remote/program";
import type { SiteArgs } from "../../../components/site";
import { parseStack } from "../../../stacks/load";

const { settings, home, proxyProtocol } = JSON.parse(readFileSync(0, "utf8")) as {
  settings: Record<string, unknown>;
  home: string;
  proxyProtocol: boolean;
};
const site = { serverNames: ["localhost"], settings: "site.settings", tls: "off", ...settings };
const servers = { own: { testServer: "bookworm" } };
const { sites } = parseStack(JSON.stringify({ servers, sites: { site } }), "own.yaml");
// No server has a home below /tmp, and no stack file may name one.
const args = { site: "site", proxyProtocol, settings: { ...sites["site"], home } } as SiteArgs;
console.log(
  serverFile("templates/nginx/maps.conf") + pagesConfiguration() + nginxConfiguration(args),
);
