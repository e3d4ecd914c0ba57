import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { append, write, type BadPush } from "./bad-push";

/** Pushes whose project or deploy.sh fails. */
export const project: BadPush[] = [
  {
    what: "settings that raise",
    make: (site) =>
      append(site, "codebase/settings/test.py", 'raise RuntimeError("no such switch")'),
    reads: /REFUSED at django: .*RuntimeError: no such switch/s,
  },
  {
    what: "an import of nothing",
    make: (site) => append(site, "pages/views.py", "import nothing_of_that_name"),
    reads:
      /REFUSED at django: ModuleNotFoundError: No module named 'nothing_of_that_name'\n.*views\.py/s,
  },
  {
    what: "a syntax error",
    make: (site) => append(site, "pages/views.py", "def ("),
    reads: /REFUSED at django: .*SyntaxError/s,
  },
  {
    what: "a failing system check",
    make: (site) =>
      append(
        site,
        "pages/apps.py",
        "from django.core import checks\n@checks.register\ndef unfit(**_):\n    return [checks.Error('unfit to serve')]",
      ),
    reads: /REFUSED at django: .*unfit to serve/s,
  },
  {
    what: "a deploy.sh that is a link to nothing",
    make: (site) => {
      rmSync(join(site.folder, "deploy.sh"));
      symlinkSync("deploy-production.sh", join(site.folder, "deploy.sh"));
    },
    reads: /REFUSED at deploy\.sh: deploy\.sh is a link to nothing\n.*Commit the file itself/,
  },
  {
    what: "a deploy.sh that fails",
    make: (site) => append(site, "deploy.sh", "echo 'no luck' >&2\nexit 3"),
    reads: /REFUSED at deploy\.sh: exit status 3\n.*no luck/s,
  },
  {
    what: "a deploy.sh that goes on after an error",
    make: (site) => write(site, "deploy.sh", "#!/bin/sh\ncat /nothing/there\necho 'all is well'\n"),
    reads: /REFUSED at deploy\.sh: exit status 1\n.*\/nothing\/there/s,
  },
  {
    what: "a deploy.sh that does not end",
    make: (site) => append(site, "deploy.sh", "echo waiting\nsleep 600"),
    reads: /REFUSED at deploy\.sh: not done after 3 s\n.*waiting\n.*limits\.deploy/s,
  },
  {
    what: "uploads that are the tree itself",
    make: (site) =>
      append(site, "codebase/settings/test.py", "MEDIA_ROOT = BASE_DIR  # noqa: F405"),
    reads: /REFUSED at data: MEDIA_ROOT is the tree itself/,
  },
  {
    what: "a deploy.sh of Windows",
    make: (site) => write(site, "deploy.sh", "#!/bin/sh\r\necho ok\r\n"),
    reads: /REFUSED at deploy\.sh: it is saved as Windows does/,
  },
];
