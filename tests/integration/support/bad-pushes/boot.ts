import { addField, append, migration, write, wsgi, type BadPush } from "./bad-push";

/** Pushes whose application does not start. */
export const boot: BadPush[] = [
  {
    what: "an application that ends at its start",
    make: (site) => append(site, wsgi, 'raise SystemExit("no queue")'),
    reads: /REFUSED at boot: gunicorn's workers end at their start\n.*no queue/s,
  },
  {
    what: "one that ends at its start, with a migration",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      append(site, wsgi, 'raise ValueError("no queue")');
    },
    // On a slow machine supervisord may start it anew some times until it is looked at.
    reads:
      /REFUSED at boot: gunicorn(?: ended at its|'s workers end at their) start\n.*ValueError: no queue/s,
  },
  {
    what: "an application that hangs at its start",
    make: (site) => append(site, wsgi, "import time\ntime.sleep(600)"),
    reads: /REFUSED at boot: gunicorn takes no connection after 10 s/,
  },
  {
    what: "one that wants more memory than there is",
    make: (site, host) => {
      append(
        site,
        wsgi,
        // In huge pages, which are filled the quickest.
        "import mmap\nhog = mmap.mmap(-1, 8_000_000_000)\nhog.madvise(mmap.MADV_HUGEPAGE)\nfor i in range(0, len(hog), 4096): hog[i] = 1",
      );
      // As little as a slow machine fills long before the limit of the boot, also one whose memory nobody has used yet.
      return host.limitMemory("640m");
    },
    giveBack: (host) => host.limitMemory("2g"),
    reads: /REFUSED at boot: .*(too little memory|MemoryError)/s,
  },
];
