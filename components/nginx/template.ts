import { serverFile } from "../remote/program";
import { linesOf, render, type TemplateValues } from "../remote/template";

/** The lines of a part of nginx's configuration: a template under server/templates/nginx/, without the extension. */
export function nginxLines(template: string, values: TemplateValues = {}): string[] {
  return linesOf(render(serverFile(`templates/nginx/${template}.conf`), values));
}
