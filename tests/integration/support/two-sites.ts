import { Application } from "../../../testing/application";
import { copyCheckout } from "../../../testing/checkout";
import type { Host } from "../../../testing/host";
import { Stack } from "../../../testing/stack";

/** The host name that the site of an account answers to. */
export const nameOf = (account: string) => `${account}.example.org`;

/** A view that runs the Python of a request, with the rights of the application. */
const runsAnything = `
import contextlib
import io
import json
import traceback

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def run(request):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(request.body.decode(), {"request": request})
        except BaseException:
            traceback.print_exc(file=printed)
    return HttpResponse(printed.getvalue(), content_type="text/plain")
`;

/** Write a stack file with these sites on a server. */
export function describeSites(
  stack: Stack,
  host: Host,
  accounts: Record<string, Record<string, unknown>>,
): void {
  const described = Object.entries(accounts).map(([account, settings]) => [
    account,
    {
      serverNames: [nameOf(account)],
      settings: "codebase.settings.test",
      health: "/health",
      user: account,
      gunicorn: { workers: 1 },
      ...settings,
    },
  ]);
  const sites = Object.fromEntries(described) as Record<string, unknown>;
  stack.describe({ servers: { own: host.settings() }, sites });
}

/** Set up a server with a site for each account, whose page `/run` runs the Python that is posted to it. */
export async function setUpSites(
  host: Host,
  accounts: Record<string, Record<string, unknown>>,
): Promise<{ stack: Stack; sites: Record<string, Application> }> {
  await host.installWithoutSyncs();
  const stack = new Stack(await copyCheckout());
  await stack.create();
  describeSites(stack, host, accounts);
  await stack.up();
  const outputs = await stack.output<Record<string, Record<string, string>>>("sites");
  const sites: Record<string, Application> = {};
  for (const account of Object.keys(accounts)) {
    const site = new Application(outputs[account]?.["gitRemote"] ?? "", host);
    await site.make();
    site.write("pages/run.py", runsAnything);
    site.edit("codebase/urls.py", "urlpatterns = [", 'urlpatterns = [\n    path("run", run),');
    site.edit(
      "codebase/urls.py",
      "from pages import views",
      "from pages import views\nfrom pages.run import run",
    );
    await site.commit("A page that runs anything");
    await site.pushWell();
    sites[account] = site;
  }
  return { stack, sites };
}
