import { readFileSync } from "node:fs";
import { Application } from "../../testing/application";
import type { Host } from "../../testing/host";

/** A site that is set up by hand: its account, the host name that it answers to, and its post-receive hook. */
export interface ByHand {
  account: string;
  name: string;
  /** What the socket and the pid file of the gunicorn that is started first are called in var/. */
  socket: string;
  pid: string;
  hook: string;
}

/** The classic layout (docs/explanation/design.md), with its hook, unchanged. */
export const classic: ByHand = {
  account: "classic",
  name: "classic.example.org",
  socket: "socket",
  pid: "pid",
  hook: `#!/bin/sh

# update the source tree
cd ..
env -i git reset --hard

# execute the deploy.sh script
sh deploy.sh
`,
};

/** What the application needs to start. */
const environment = (name: string) =>
  `export DJANGO_SETTINGS_MODULE=codebase.settings.test SECRET_KEY=of-a-bench ALLOWED_HOSTS=${name}`;

const least = "least.example.org";

/**
 * The least that a hook can do which lets a new version answer before the old one goes: a second gunicorn beside the first,
 * and nginx' socket is that of the new one once it has answered. It checks nothing, installs nothing unless the
 * requirements change, and then into the virtualenv of the version that serves.
 */
export const secondGunicorn: ByHand = {
  account: "least",
  name: least,
  socket: "b.sock",
  pid: "b.pid",
  hook: `#!/bin/sh
set -e
cd ..
before=$(sha1sum requirements.pip)
env -i git reset --quiet --hard
[ "$(sha1sum requirements.pip)" = "$before" ] || ../bin/pip install --quiet -r requirements.pip
case $(readlink ../var/socket) in a.sock) new=b old=a ;; *) new=a old=b ;; esac
${environment(least)}
../bin/gunicorn --daemon --workers 2 --pid "../var/$new.pid" --bind "unix:../var/$new.sock" codebase.wsgi
tries=0
until curl --silent --fail --output /dev/null --unix-socket "../var/$new.sock" http://${least}/health; do
  tries=$((tries + 1))
  [ "$tries" -lt 1000 ]
  sleep 0.01
done
ln -s "$new.sock" ../var/socket.new
mv -T ../var/socket.new ../var/socket
kill "$(cat "../var/$old.pid")" 2>/dev/null || :
`,
};

/** The nginx site of both. */
const nginx = ({ account, name }: ByHand) => `server {
  listen 80;
  server_name ${name};
  location /static/ {
    alias /home/${account}/www/codebase/static/;
  }
  location / {
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_pass http://unix:/home/${account}/www/var/socket;
  }
}
`;

/**
 * Set the example application up by hand, beside a site of Greenpush on the same server: another account with its own
 * ~/www, behind the same nginx, with as many workers of gunicorn.
 *
 * @returns a clone that pushes to it; the site answers already
 */
export async function siteByHand(host: Host, way: ByHand): Promise<Application> {
  const { account, hook } = way;
  const { host: address, port, privateKeyFile } = host.address;
  const key = readFileSync(`${privateKeyFile}.pub`, "utf8").trim();
  await host.sh(`useradd --create-home --shell /bin/bash ${account}
    chmod 755 /home/${account}
    install -d -m 700 -o ${account} -g ${account} /home/${account}/.ssh
    echo '${key}' >/home/${account}/.ssh/authorized_keys
    chown ${account}: /home/${account}/.ssh/authorized_keys`);
  await host.sh(
    `mkdir www && cd www && virtualenv --quiet . && mkdir var
     git init --quiet --initial-branch main codebase
     git -C codebase config receive.denyCurrentBranch ignore`,
    account,
  );

  const site = new Application(`ssh://${account}@${address}:${port}/~/www/codebase`, host);
  await site.make();
  const push = await site.push();
  if (push.status !== 0)
    throw new Error(`the site of ${account} refuses the push:\n${push.output}`);

  await host.sh(
    `cd www/codebase && git reset --quiet --hard
     ../bin/pip install --quiet -r requirements.pip
     ${environment(way.name)}
     ../bin/python manage.py migrate --verbosity 0
     ../bin/python manage.py collectstatic --no-input --verbosity 0
     ../bin/gunicorn --daemon --workers 2 --pid ../var/${way.pid} --bind unix:../var/${way.socket} codebase.wsgi
     [ ${way.socket} = socket ] || ln -s ${way.socket} ../var/socket
     cat >.git/hooks/post-receive <<'END'
${hook}END
     chmod +x .git/hooks/post-receive`,
    account,
  );
  await host.sh(`cat >/etc/nginx/sites-enabled/${account} <<'END'
${nginx(way)}END
    nginx -s reload`);
  return site;
}
