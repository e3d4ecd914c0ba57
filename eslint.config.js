// @ts-check
"use strict";

const tseslint = require("typescript-eslint");

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".demo/", ".greenpush/", "eslint.config.js", "examples/"] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
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
);
