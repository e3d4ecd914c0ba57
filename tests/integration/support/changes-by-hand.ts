import { libraryText, serverFile } from "../../../components/remote/program";
import type { ComponentName } from "../../../components/registry";

/** A change that somebody makes on a server by hand. */
export interface ChangeByHand {
  /** The command, in a root shell there. */
  by: string;
  /** The component that it belongs to: the only one that a preview shows and `up` applies. */
  of: ComponentName;
  /** The sentence of the preview: what was found, and what is wanted. */
  says: string;
  /** Lines of the inventory that may differ after the repair, because the change has side effects. */
  leaves?: RegExp;
  /** Why no other change is made together with it. */
  alone?: string;
}

const unit = "/etc/systemd/system/gunicorn-codebase@.service";
const site = "/etc/nginx/sites-available/greenpush-codebase";
const enabled = "/etc/nginx/sites-enabled/greenpush-codebase";
const openFiles = "/etc/systemd/system/nginx.service.d/greenpush.conf";
const refuse = "/etc/nginx/conf.d/greenpush-refuse.conf";
const pages = "/etc/nginx/conf.d/greenpush-pages.conf";
const sudoers = "/etc/sudoers.d/greenpush-codebase";
const home = "/home/deploy";
const www = `${home}/www`;
const configuration = "/etc/greenpush/codebase";
const engine = "/usr/lib/greenpush";
const git = `${www}/codebase/.git`;

const restarts = "it restarts what other repairs have to leave running";
const hidesHome = "without it nothing in the home is compared";
const hidesRelease = "without it nobody knows what the live release does";

const linesOf = (name: string) => serverFile(name).trimEnd().split("\n").length;

const asDeploy = "runuser -u deploy --";

const nginxStarts = /^process nginx/;
const gunicornStarts = /^process gunicorn|^path \S+\/(releases\/2\/var\/pid|gunicorn\.ctl) /;

/** Each in what Greenpush manages, on a server whose release 2 is live in the slot green. KEY is the key's comment. */
export const changesByHand: ChangeByHand[] = [
  // packages, and what all sites share of nginx
  {
    by: "apt-get remove -qy virtualenv",
    of: "server-packages",
    says: "the package virtualenv is not installed",
  },
  {
    by: "ln -s /etc/nginx/sites-available/default /etc/nginx/sites-enabled/default",
    of: "server-packages",
    says: "/etc/nginx/sites-enabled/default: is there again, wanted away",
  },
  { by: `rm ${refuse}`, of: "server-packages", says: `${refuse}: the file is missing` },
  {
    by: `sed -i '3i # by hand' ${refuse}`,
    of: "server-packages",
    says: `${refuse}: line 3 "# by hand" was added`,
  },
  {
    by: `sed -i '3i # by hand' ${pages}`,
    of: "server-packages",
    says: `${pages}: line 3 "# by hand" was added`,
  },
  {
    by: `sed -i s/LimitNOFILE=.*/LimitNOFILE=1024/ ${openFiles}`,
    of: "server-packages",
    says: `${openFiles}: line 3 is "LimitNOFILE=1024", wanted "LimitNOFILE=16384"`,
  },
  {
    by: "systemctl stop nginx",
    of: "server-packages",
    says: "the unit nginx.service is inactive, wanted active",
    leaves: nginxStarts,
    alone: restarts,
  },
  {
    by: "systemctl mask -q nginx",
    of: "server-packages",
    says: "the unit nginx.service is masked, wanted enabled",
  },

  // the engine
  {
    by: "echo '# by hand' >>/var/lib/greenpush/engine-files.own/library.sh",
    of: "engine-files",
    says: `/var/lib/greenpush/engine-files.own/library.sh: line ${libraryText().trimEnd().split("\n").length + 1} "# by hand" was added`,
  },
  {
    by: `sed -i 1d ${engine}/engine/pipeline/recovery.py`,
    of: "server-engine",
    says: `${engine}/engine/pipeline/recovery.py: line 1 """"Bringing a site to rest, from what the disk says."""" is missing`,
    leaves: /\/__pycache__\//,
  },
  {
    by: `chmod -x ${engine}/deploy`,
    of: "server-engine",
    says: `${engine}/deploy: mode is 644, wanted 755`,
    alone: hidesRelease,
  },
  {
    by: `rm ${engine}/home.py`,
    of: "server-engine",
    says: `${engine}/home.py: the file is missing`,
    alone: hidesHome,
  },
  {
    by: `rm ${engine}/in_home/undo.py`,
    of: "server-engine",
    says: `${engine}/in_home/undo.py: the file is missing`,
    leaves: /\/__pycache__\//,
    alone: hidesHome,
  },
  {
    by: `echo exit >>${engine}/resources/nginx-site.sh`,
    of: "server-engine",
    says: `${engine}/resources/nginx-site.sh: line ${linesOf("resources/nginx-site.sh") + 1} "exit" was added`,
    alone: "it ends what compares nginx-site",
  },
  {
    by: `sed -i '1d' ${engine}/library.sh`,
    of: "server-engine",
    says: `${engine}/library.sh: line 1 "# Where things lie on a server. The tests of this library have paths of their own in the place of this file." is missing`,
  },
  {
    by: `rm -r ${engine}/engine/__pycache__`,
    of: "server-engine",
    says: `${engine}: is not compiled for this server's Python`,
    leaves: /\/__pycache__\//,
  },

  // uv, pip, gunicorn and Pythons
  {
    by: "echo >>/opt/greenpush/uv",
    of: "server-tools",
    says: "/opt/greenpush: uv or a wheel of pip or gunicorn is not what was installed",
  },
  {
    by: "chmod -x /opt/greenpush/install-python",
    of: "server-tools",
    says: "/opt/greenpush/install-python: mode is 644, wanted 755",
  },

  // the account and the folders
  {
    by: "usermod --shell /usr/sbin/nologin deploy",
    of: "site-layout",
    says: "the shell of the user deploy is /usr/sbin/nologin, wanted /bin/bash",
  },
  {
    by: "sed -i '/^deploy:/s|:/home/deploy:|:/srv:|' /etc/passwd",
    of: "site-layout",
    says: "the home of the user deploy is /srv, wanted /home/deploy",
  },
  {
    by: "echo deploy:guessed | chpasswd",
    of: "site-layout",
    says: "the user deploy has a password, wanted none",
  },
  {
    by: "usermod --expiredate 2020-01-31 deploy",
    of: "site-layout",
    says: "the account deploy expires on 2020-01-31, wanted never",
  },
  // The site's files then belong to a number. The account comes back with that number.
  {
    by: "userdel --force deploy 2>/dev/null",
    of: "site-layout",
    says: "the user deploy is missing",
    alone: "it is who owns the home",
  },
  {
    by: `chmod 700 ${home}`,
    of: "site-layout",
    says: `${home}: mode is 700, wanted 710`,
  },
  {
    by: `>${home}/.ssh/authorized_keys`,
    of: "site-layout",
    says: `${home}/.ssh/authorized_keys: the key KEY is missing`,
  },
  {
    by: `chown root: ${home}/.ssh`,
    of: "site-layout",
    says: `${home}/.ssh: belongs to root:root, wanted deploy:deploy`,
  },
  { by: `chmod 700 ${www}`, of: "site-layout", says: `${www}: mode is 700, wanted 710` },
  {
    by: `chgrp root ${www}/var`,
    of: "site-layout",
    says: `${www}/var: belongs to deploy:root, wanted deploy:www-data`,
  },
  {
    by: `rmdir ${www}/var/media`,
    of: "site-layout",
    says: `${www}/var/media: the directory is missing`,
  },
  {
    by: `chmod 755 ${configuration}`,
    of: "site-layout",
    says: `${configuration}: mode is 755, wanted 750`,
  },
  {
    by: `ln -sfn /bin/true ${www}/deploy`,
    of: "site-layout",
    says: `${www}/deploy: links to /bin/true, wanted ${engine}/deploy`,
  },
  {
    by: `mv ${www}/var/media /tmp/media && ln -s /tmp/media ${www}/var/media`,
    of: "site-layout",
    says: `${www}/var/media: is a link to /tmp/media, wanted a directory`,
    leaves: /var\/media\.aside-/,
  },
  {
    by: `rm ${configuration}/deploy.json && mkdir ${configuration}/deploy.json`,
    of: "site-layout",
    says: `${configuration}/deploy.json: is a directory, wanted a file`,
    alone: hidesRelease,
  },
  { by: `rm ${www}/bin`, of: "site-layout", says: `${www}/bin: the link to live/bin is missing` },
  {
    by: `ln -sfn ../releases/1/var/socket ${www}/var/socket`,
    of: "site-layout",
    says: `${www}/var/socket: links to ../releases/1/var/socket, wanted ../live/var/socket`,
  },

  // the repository
  {
    by: `${asDeploy} git -C ${www}/codebase config --unset receive.denyCurrentBranch`,
    of: "git-repository",
    says: `git setting receive.denyCurrentBranch in ${www}/codebase is "", wanted "ignore"`,
    // It comes back as the last line of its section.
    leaves: /\.git\/config /,
  },
  {
    by: `${asDeploy} git -C ${www}/codebase symbolic-ref HEAD refs/heads/other`,
    of: "git-repository",
    says: `HEAD of ${www}/codebase is "refs/heads/other", wanted refs/heads/main`,
  },
  {
    by: `sed -i 1d ${www}/codebase/pages/views.py`,
    of: "git-repository",
    says: `${www}/codebase: pages/views.py is not as in main`,
  },
  {
    by: `chown root: ${git}/objects`,
    of: "git-repository",
    says: `${git}/objects: belongs to root, wanted deploy`,
  },

  // the hooks
  {
    by: `sed -i 's/prepare/status/' ${git}/hooks/pre-receive`,
    of: "deploy-hooks",
    says: `${git}/hooks/pre-receive: line 4 is "exec ../../deploy status", wanted "exec ../../deploy prepare"`,
  },
  {
    by: `chmod -x ${git}/hooks/post-receive`,
    of: "deploy-hooks",
    says: `${git}/hooks/post-receive: mode is 644, wanted 755`,
  },
  {
    by: `rm -r ${git}/hooks`,
    of: "deploy-hooks",
    says: `${git}/hooks: the directory is missing`,
    leaves: /\.sample /,
  },
  {
    by: `${asDeploy} git -C ${www}/codebase config core.hooksPath /etc/git/hooks`,
    of: "deploy-hooks",
    says: `git setting core.hooksPath in ${www}/codebase is "/etc/git/hooks", wanted "${git}/hooks"`,
  },

  // the application's environment
  {
    by: `sed -i 's/settings.test/settings.production/' ${configuration}/settings.json`,
    of: "app-settings",
    says: `${configuration}/settings.json: line 3 is "  "DJANGO_SETTINGS_MODULE": "codebase.settings.production",", wanted "  "DJANGO_SETTINGS_MODULE": "codebase.settings.test","`,
  },
  {
    by: `rm ${configuration}/settings.json`,
    of: "app-settings",
    says: `${configuration}/settings.json: the file is missing`,
  },
  {
    by: `echo MORE=yes >>${www}/var/env`,
    of: "app-settings",
    says: `${www}/var/env: the content was changed`,
  },
  {
    by: `chmod 644 ${www}/var/env`,
    of: "app-settings",
    says: `${www}/var/env: mode is 644, wanted 600`,
  },
  {
    by: `sed -i 's/"SECRET_KEY": "./&typed by hand/' ${configuration}/secrets.json`,
    of: "app-secrets",
    says: `${configuration}/secrets.json: the content was changed`,
  },

  // gunicorn
  {
    by: `sed -i 's/"options"/"workers": 9, &/' ${configuration}/gunicorn.json`,
    of: "gunicorn-process",
    says: `${configuration}/gunicorn.json: line 3 is " "workers": 9, "options": [],", wanted " "options": [],"`,
  },
  {
    by: `sed -i 's/NOPASSWD: GREENPUSH.*/NOPASSWD: ALL/' ${sudoers}`,
    of: "gunicorn-process",
    says: `${sudoers}: line 6 is "deploy ALL=(root) NOPASSWD: ALL", wanted "deploy ALL=(root) NOPASSWD: GREENPUSH_CODEBASE_SYSTEMD"`,
  },
  {
    by: `chmod 644 ${sudoers}`,
    of: "gunicorn-process",
    says: `${sudoers}: mode is 644, wanted 440`,
  },
  {
    by: `sed -i 's/^Restart=always/Restart=no/' ${unit} && systemctl daemon-reload`,
    of: "gunicorn-process",
    says: `${unit}: line 22 is "Restart=no", wanted "Restart=always"`,
  },
  {
    by: `mkdir ${unit}.d && printf '[Service]\\nNice=19\\n' >${unit}.d/override.conf && systemctl daemon-reload`,
    of: "gunicorn-process",
    says: `${unit}.d: overrides the unit of gunicorn, wanted away`,
  },
  {
    by: "systemctl disable -q gunicorn-codebase@green",
    of: "gunicorn-process",
    says: "the unit gunicorn-codebase@green.service is disabled, wanted enabled",
  },
  {
    by: "systemctl mask -q gunicorn-codebase@blue",
    of: "gunicorn-process",
    says: "the unit gunicorn-codebase@blue.service is masked, wanted enabled",
  },
  {
    by: "systemctl stop gunicorn-codebase@green",
    of: "gunicorn-process",
    says: "gunicorn of release 2, which is live, does not run",
    leaves: gunicornStarts,
    alone: restarts,
  },
  {
    by: `ln -sfn releases/1 ${www}/live`,
    of: "gunicorn-process",
    says: `${www}/live: links to release 1, wanted release 2`,
  },
  {
    by: `rm ${www}/slots/green`,
    of: "gunicorn-process",
    says: `${www}/slots: no link to release 2, which is live`,
  },

  // nginx
  {
    by: `sed -i '/root .*public;/d' ${site}`,
    of: "nginx-site",
    says: `${site}: line 62 "    root ${www}/live/public;" is missing`,
  },
  { by: `rm ${enabled}`, of: "nginx-site", says: `${enabled}: the link to ${site} is missing` },
  {
    by: `ln -sf /etc/nginx/sites-available/default ${enabled}`,
    of: "nginx-site",
    says: `${enabled}: links to /etc/nginx/sites-available/default, wanted ${site}`,
  },
  {
    by: `rm ${enabled} && cp ${site} ${enabled}`,
    of: "nginx-site",
    says: `${enabled}: is a file, wanted a link to ${site}`,
  },

  // the records themselves
  {
    by: "rm -r /var/lib/greenpush/deploy-hooks.codebase",
    of: "deploy-hooks",
    says: "/var/lib/greenpush/deploy-hooks.codebase: the record is missing",
    alone: "a new record takes what it finds for the operator's own",
  },
  {
    by: "echo another >/var/lib/greenpush/nginx-site.codebase/generation",
    of: "nginx-site",
    says: "/var/lib/greenpush/nginx-site.codebase: is not as the last up has left it",
  },
];
