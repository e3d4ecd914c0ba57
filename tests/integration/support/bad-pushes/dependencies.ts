import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { append, write, type BadPush } from "./bad-push";

/** Pushes whose dependencies can't be installed, or whose tree is not whole. */
export const dependencies: BadPush[] = [
  {
    what: "no requirements",
    make: (site) => {
      for (const name of ["requirements.pip", "pyproject.toml"])
        rmSync(join(site.folder, name), { force: true });
    },
    reads:
      /REFUSED at virtualenv: the pushed tree has no uv\.lock, .*\n.*Commit one: a requirements\.txt/,
  },
  {
    what: "a package that nobody has",
    make: (site) => append(site, "requirements.pip", "greenpush-has-no-such-package==1"),
    reads: /REFUSED at virtualenv: requirements\.pip: no index has greenpush-has-no-such-package/,
  },
  {
    what: "requirements that exclude each other",
    make: (site) => append(site, "requirements.pip", "Django<4"),
    reads: /REFUSED at virtualenv: requirements\.pip: the requirements contradict each other/,
  },
  {
    what: "a package that fails to build",
    make: (site) => {
      mkdirSync(join(site.folder, "broken"));
      write(site, "broken/setup.py", 'raise RuntimeError("no compiler here")\n');
      append(site, "requirements.pip", "./broken");
    },
    reads: /REFUSED at virtualenv: .*no compiler here/s,
  },
  {
    what: "an index out of reach",
    make: (site) =>
      append(site, "requirements.pip", "--index-url http://127.0.0.1:9/simple\nsqlparse==0.5.0"),
    reads: /REFUSED at virtualenv: .*(127\.0\.0\.1.*9|No matching distribution)/s,
  },
  {
    what: "a package that has to be compiled",
    make: (site) => {
      mkdirSync(join(site.folder, "compiled"));
      write(site, "compiled/compiled.c", "");
      write(
        site,
        "compiled/setup.py",
        `from setuptools import Extension, setup
setup(name="compiled", version="1", ext_modules=[Extension("compiled", ["compiled.c"])])
`,
      );
      append(site, "requirements.pip", "./compiled");
    },
    reads:
      /REFUSED at virtualenv: .*compiled has to be built here, and the server lacks a C compiler.*packages: \[build-essential, /s,
  },
  {
    what: "a submodule without an address",
    make: async (site) => {
      mkdirSync(join(site.folder, "vendor"));
      const entry = `160000,${"1".repeat(40)},vendor`;
      await site.git("update-index", "--add", "--cacheinfo", entry);
    },
    reads: /REFUSED at export: vendor is a submodule, and \.gitmodules have no url for it/,
  },
  {
    what: "a file that Git LFS has",
    make: (site) =>
      write(
        site,
        "logo.png",
        `version https://git-lfs.github.com/spec/v1\noid sha256:${"0a".repeat(32)}\nsize 9\n`,
      ),
    reads: /REFUSED at export: Git LFS has the content of 1 file, .*\n +logo\.png/,
  },
  {
    what: "requirements without Django",
    make: (site) => site.edit("requirements.pip", /^Django.*$/m, ""),
    reads: /REFUSED at virtualenv: requirements\.pip brings no Django\n.*Add Django/,
  },
];
