// @ts-check
"use strict";
// Looking for programs on PATH.

const fs = require("node:fs");
const path = require("node:path");

/**
 * @param {string} file
 * @returns {boolean} whether it is a file that can be executed
 */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @returns {string[]} every executable of this name on PATH, the first found first
 */
function findAllOnPath(name) {
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, name))
    .filter(isExecutable);
}

/**
 * The pulumi executables on PATH, without those of npm packages: the one that this process was started as, and Pulumi's
 * npm launcher, which downloads what it starts.
 * @returns {string[]}
 */
function findPulumiOnPath() {
  const ourselves = fs.realpathSync(process.argv[1] ?? process.execPath);
  return findAllOnPath("pulumi").filter((file) => {
    const real = fs.realpathSync(file);
    const inPackage = [file, real].some((one) => one.split(path.sep).includes("node_modules"));
    return real !== ourselves && !inPackage;
  });
}

module.exports = { findAllOnPath, findPulumiOnPath, isExecutable };
