// @ts-check
"use strict";

const tseslint = require("typescript-eslint");

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".demo/", ".greenpush/", "eslint.config.js", "examples/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["tsconfig.json", "tsconfig.js.json"], tsconfigRootDir: __dirname },
    },
  },
  {
    files: ["**/*.js"],
    // Plain JavaScript that runs before anything is installed: CommonJS.
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      // A component of Pulumi is made for its effect.
      "@typescript-eslint/no-extraneous-class": "off",
      "no-new": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      eqeqeq: "error",
    },
  },
  // What tests and benches share stands in testing/. Only a test of a piece of bench/ itself reaches into it.
  closedTo("tests/**", "bench"),
  closedTo("tests/unit/**", "bench|integration"),
  closedTo("tests/unit/bench/**", "integration"),
  closedTo("bench/**", "tests"),
  closedTo("testing/**", "bench|tests"),
);

/**
 * Files that may not import from a folder.
 *
 * @param {string} files a pattern; of several that match a file, the last counts
 * @param {string} folder its name, as a regular expression
 */
function closedTo(files, folder) {
  const message = "Share it in testing/ instead.";
  const patterns = [{ regex: `^(\\.\\./)+(${folder})/`, message }];
  return { files: [files], rules: { "no-restricted-imports": ["error", { patterns }] } };
}
