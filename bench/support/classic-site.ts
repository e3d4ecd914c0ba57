import { readFileSync } from "node:fs";
import { Application } from "../../testing/application";
import type { Host } from "../../testing/host";

/** The host name that the site set up by hand answers to. */
export const classicName = "classic.example.org";

const account = "classic";

/** The nginx site of the classic layout. */
const nginx = `server {
  listen 80;
  server_name ${classicName};
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

/** The hook of the classic layout, unchanged. */
const hook = `#!/bin/sh

# update the source tree
cd ..
env -i git reset --hard

# execute the deploy.sh script
sh deploy.sh
`;

/**
 * Set the example application up by hand in the classic layout (docs/explanation/design.md), beside a site of Greenpush on the
 * same server: a second account with its own ~/www, behind the same nginx, with as many workers of gunicorn.
 *
 * @returns a clone that pushes to it; the site answers already
 */
export async function classicSite(host: Host): Promise<Application> {
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
  if (push.status !== 0) throw new Error(`the classic site refuses the push:\n${push.output}`);

  await host.sh(
    `cd www/codebase && git reset --quiet --hard
     ../bin/pip install --quiet -r requirements.pip
     export DJANGO_SETTINGS_MODULE=codebase.settings.test SECRET_KEY=of-a-bench ALLOWED_HOSTS=${classicName}
     ../bin/python manage.py migrate --verbosity 0
     ../bin/python manage.py collectstatic --no-input --verbosity 0
     ../bin/gunicorn --daemon --workers 2 --pid ../var/pid --bind unix:../var/socket codebase.wsgi
     cat >.git/hooks/post-receive <<'END'
${hook}END
     chmod +x .git/hooks/post-receive`,
    account,
  );
  await host.sh(`cat >/etc/nginx/sites-enabled/${account} <<'END'
${nginx}END
    nginx -s reload`);
  return site;
}
