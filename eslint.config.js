// @ts-check
"use strict";

const tseslint = require("typescript-eslint");

/** The runner of tests waits for these by itself. */
const noFloatingPromises = [
  "error",
  {
    allowForKnownSafeCalls: [
      { from: "package", package: "node:test", name: ["describe", "it", "test"] },
    ],
  },
];

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".demo/", ".greenpush/", "eslint.config.js", "examples/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ["tsconfig.json", "tsconfig.js.json"], tsconfigRootDir: __dirname },
    },
    rules: {
      // A component of Pulumi is made for its effect.
      "@typescript-eslint/no-extraneous-class": "off",
      "no-new": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-floating-promises": noFloatingPromises,
      // An Output in a text is a text about an Output. Numbers say what they are.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An empty text counts as none.
      "@typescript-eslint/prefer-nullish-coalescing": [
        "error",
        { ignorePrimitives: { string: true } },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      eqeqeq: "error",
    },
  },
  {
    files: ["**/*.ts"],
    rules: {
      "@typescript-eslint/naming-convention": [
        "error",
        { selector: "default", format: ["camelCase"], leadingUnderscore: "allow" },
        { selector: "typeLike", format: ["PascalCase"] },
        // Names that a file, a shell or another library gives.
        {
          selector: ["objectLiteralProperty", "typeProperty", "variable"],
          modifiers: ["destructured"],
          format: null,
        },
        { selector: ["objectLiteralProperty", "typeProperty"], format: null },
      ],
    },
  },
  {
    // Plain JavaScript that runs before anything is installed: CommonJS, and JSON that has no type.
    files: ["**/*.js"],
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-floating-promises": noFloatingPromises,
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { properties: false } },
      ],
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
