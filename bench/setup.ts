import { copyCheckout } from "../testing/checkout";
import type { Host } from "../testing/host";
import { firstPush } from "./support/first-push";
import { interleave, seconds } from "./support/interleave";
import type { Options } from "./support/options";
import { write } from "./support/report";
import { secondsTable } from "./support/seconds-table";
import { AptStore, freshServer } from "./support/server";
import { installTools, versions } from "./support/tools";
import { Ansible, pulumi, Pyinfra, stackFor } from "./support/ways";

/** The first set-up of a bare server, compared with Ansible and pyinfra. */
export async function setup(options: Options): Promise<void> {
  const tools = await installTools();
  const checkout = await copyCheckout();
  const store = await AptStore.fill();

  const onFreshServer = async (setUp: (host: Host) => Promise<number>): Promise<number> => {
    const host = await freshServer(store);
    const took = await setUp(host);
    // A quick set-up must also be complete.
    await firstPush(host);
    await host.remove();
    return took;
  };
  const withPulumi = (...words: string[]) =>
    onFreshServer(async (host) => {
      const stack = await stackFor(host, checkout);
      const took = await seconds(() => pulumi(stack, "up", "--yes", ...words));
      await stack.pulumi("stack", "rm", "--force", "--yes");
      return took;
    });
  const contestants = [
    { name: "Greenpush: `pulumi up`", measure: () => withPulumi() },
    { name: "Greenpush: `pulumi up --skip-preview`", measure: () => withPulumi("--skip-preview") },
    {
      name: "Ansible",
      measure: () =>
        onFreshServer((host) => {
          const ansible = new Ansible(tools, host);
          return seconds(() => ansible.play());
        }),
    },
    {
      name: "pyinfra",
      measure: () =>
        onFreshServer((host) => {
          const pyinfra = new Pyinfra(tools, host);
          return seconds(() => pyinfra.deploy("-y"));
        }),
    },
  ];
  const measured = await interleave(contestants, options.runs);
  await write(
    {
      name: "setup",
      title: "The first set-up of a server",
      about: [
        "From a bare Debian server to one that takes the example application by `git push`: packages, account, virtualenv, repository, hooks, settings and secrets, systemd units, nginx site, reload. The playbook is `bench/ansible/site.yml` (pipelining on, no facts gathered), the deploy is `bench/pyinfra/deploy.py`. After each set-up the example application is pushed, and has to answer.",
        "Each run gets a fresh server made from the same image. Downloads of packages would hide all else, so every server finds the packages' files in its apt cache beforehand, and package lists of two days ago that everybody brings up to date.",
      ],
      tables: [
        {
          heading: "Seconds until the server is ready",
          table: secondsTable(measured, ["Ansible", "pyinfra"]),
          notes: [
            "Pulumi and pyinfra say what they are about to do before they do it (`pulumi up` makes a preview); `--skip-preview` leaves that out. Ansible's apt module first installs python3-apt for itself.",
          ],
        },
      ],
      versions: Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    },
    options,
  );
}
