// SPDX-License-Identifier: Apache-2.0

// Has eslint and typescript-eslint judge the generated modules by their strictest
// sets of rules: node lint.mjs [folder …]
import { fileURLToPath } from "node:url";
import js from "@eslint/js";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folders = process.argv.slice(2);
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: tseslint.config(
    js.configs.recommended,
    tseslint.configs.strictTypeChecked,
    tseslint.configs.stylisticTypeChecked,
    {
      languageOptions: {
        parserOptions: {
          project: "./tsconfig.json",
          tsconfigRootDir: root,
        },
      },
      // A schema that deprecates a type goes on using it.
      // A map that names itself by lists cannot be a Record, nor an interface.
      rules: {
        "@typescript-eslint/no-deprecated": "off",
        "@typescript-eslint/consistent-type-definitions": "off",
        "@typescript-eslint/consistent-indexed-object-style": "off",
      },
      linterOptions: { reportUnusedDisableDirectives: "error" },
    },
  ),
});
const results = await eslint.lintFiles(
  folders.length > 0
    ? folders
    : [
        "generated/ts/*.ts",
        "gen/typescript/helpers/*.ts",
        "gen/typescript/testdata/*.ts",
      ],
);
const formatter = await eslint.loadFormatter("stylish");
process.stdout.write(await formatter.format(results));
if (results.some((r) => r.errorCount + r.warningCount > 0))
  process.exitCode = 1;
