// @ts-check
"use strict";
// Loads .ts files as Node.js loads .js ones. The JavaScript of a file is cached under a hash of the file's text and of the
// compiler's version and options, so an edit always counts.
// Types are not checked here: `npm run lint` does that.

const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { SourceMap } = require("node:module");
const { basename, join, relative } = require("node:path");

const root = join(__dirname, "..");
const cache = join(root, "node_modules", ".cache", "greenpush");
const configFile = join(root, "tsconfig.json");

/** The JavaScript that was loaded, by file. @type {Map<string, string>} */
const loaded = new Map();
/** Made when the first error is looked at. @type {Map<string, SourceMap>} */
const maps = new Map();

function loadTypeScript() {
  const { version } = /** @type {{version: string}} */ (require("typescript/package.json"));
  const config = readFileSync(configFile, "utf8");
  require.extensions[".ts"] = (module, file) => {
    const source = readFileSync(file, "utf8");
    const hash = createHash("sha256");
    for (const part of [version, config, basename(file), source]) hash.update(part).update("\0");
    const code = cached(`${hash.digest("hex")}.js`, () => compile(source, file, config));
    loaded.set(file, code);
    /** @type {NodeJS.Module & {_compile(code: string, file: string): void}} */ (module)._compile(
      code,
      file,
    );
  };
}

/**
 * The place in a file that a place in its loaded JavaScript comes from.
 *
 * @param {string} file
 * @param {number} line from 1 on, as the column
 * @param {number} column
 * @returns {string} `file:line:column`
 */
function positionInSource(file, line, column) {
  const code = loaded.get(file);
  if (code === undefined) return `${file}:${line}:${column}`;
  let map = maps.get(file);
  if (map === undefined) {
    const encoded = code.slice(code.lastIndexOf("base64,") + "base64,".length);
    map = new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()));
    maps.set(file, map);
  }
  const { originalLine = line - 1, originalColumn = column - 1 } =
    /** @type {{originalLine?: number, originalColumn?: number}} */ (
      map.findEntry(line - 1, column - 1)
    );
  return `${file}:${originalLine + 1}:${originalColumn + 1}`;
}

/**
 * @param {string} source
 * @param {string} file
 * @param {string} config the text of tsconfig.json
 * @returns {string} JavaScript
 * @throws {SyntaxError} with all that is wrong, a line each
 */
function compile(source, file, config) {
  const ts = /** @type {typeof import("typescript")} */ (require("typescript"));
  const { compilerOptions } = ts.parseConfigFileTextToJson(configFile, config).config;
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: { ...compilerOptions, inlineSourceMap: true },
    reportDiagnostics: true,
  });
  if (diagnostics.length === 0) return outputText;
  const host = {
    getCurrentDirectory: () => root,
    getCanonicalFileName: (/** @type {string} */ name) => relative(root, name),
    getNewLine: () => "\n",
  };
  throw new SyntaxError(ts.formatDiagnostics(diagnostics, host).trim());
}

/**
 * @param {string} name
 * @param {() => string} make
 */
function cached(name, make) {
  const file = join(cache, name);
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Not cached yet.
  }
  const text = make();
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A cache that can't be written only costs time.
  }
  return text;
}

module.exports = { loadTypeScript, positionInSource };
