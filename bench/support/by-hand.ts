import type { Host } from "../../testing/host";

/** Installs the same dependencies as a push, by hand, in an account of its own on the same server. */
export class ByHand {
  private runs = 0;

  private constructor(private readonly host: Host) {}

  /** @param requirements the text of the requirements file */
  static async prepare(host: Host, requirements: string): Promise<ByHand> {
    await host.sh("useradd --create-home hand");
    await host.sh(`cat >/home/hand/requirements.txt <<'END'\n${requirements}\nEND`);
    // pip's settings, in the words of uv, as the engine has them.
    await host.sh(`cd /usr/lib/greenpush && python3 -B - >/home/hand/settings <<'END'
import os, shlex
from engine.venv.pip_settings import uv_settings
for name, value in uv_settings(os.environ)[0].items():
    print(f"export {name}={shlex.quote(value)}")
END`);
    return new ByHand(host);
  }

  /** Make a virtualenv with uv, and return the seconds. `cache` is a folder that uv keeps between runs of the same. */
  uv(cache: string, ...options: string[]): Promise<number> {
    return this.time(
      `export UV_CACHE_DIR=/home/hand/${cache} UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1`,
      `/opt/greenpush/uv venv --quiet --python /usr/bin/python3 venv
       /opt/greenpush/uv pip install --quiet --python venv/bin/python ${options.join(" ")} -r ~/requirements.txt`,
    );
  }

  /** The same with virtualenv and pip, as in the classic layout. */
  pip(cache: string): Promise<number> {
    return this.time(
      `export VIRTUALENV_OVERRIDE_APP_DATA=/home/hand/${cache}/app-data`,
      `virtualenv --quiet venv
       venv/bin/pip install --quiet --disable-pip-version-check --cache-dir ~/${cache}/pip -r ~/requirements.txt`,
    );
  }

  /** Run commands in a new folder, and return their seconds. */
  private async time(prepare: string, text: string): Promise<number> {
    const folder = `run-${++this.runs}`;
    const printed = await this.host.sh(`sync; exec runuser -u hand -- sh -eu <<'END'
      export HOME=/home/hand
      . ~/settings
      ${prepare}
      mkdir ~/${folder}
      cd ~/${folder}
      begun=$(date +%s.%N)
      (${text}) >&2
      echo "$begun $(date +%s.%N)"
      rm -rf ~/${folder}/venv
END`);
    const [begun, ended] = printed.trim().split(" ").map(Number);
    return (ended ?? NaN) - (begun ?? NaN);
  }
}
