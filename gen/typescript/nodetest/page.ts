// SPDX-License-Identifier: Apache-2.0

// Pages of the generated files in Chromium, with a real framework and a real server.

import type { TestContext } from "node:test";
import { build, type BuildOptions } from "esbuild";
import { chromium, type Page } from "playwright-core";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Bundles a page's program. */
export async function bundle(options: BuildOptions): Promise<string> {
  const { outputFiles = [] } = await build({
    bundle: true,
    write: false,
    format: "iife",
    define: {
      "process.env.NODE_ENV": '"development"', // React mounts twice
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    ...options,
  });
  return outputFiles[0]?.text ?? "";
}

/** A page that runs a program, which has a function show for the name to connect as. */
export interface Shown {
  readonly page: Page;
  readonly problems: readonly string[];
  readonly see: (id: string, text: string | RegExp) => Promise<void>;
  readonly show: (name?: string) => Promise<void>;
}

/** Opens a page, which ends with the test. */
export async function open(
  t: TestContext,
  url: string,
  script: string,
): Promise<Shown> {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // A poll that is on its way when its session ends is answered with 400.
    const late = message.text().includes("status of 400");
    if (message.type() === "error" && !late) problems.push(message.text());
  });
  await page.goto(url);
  await page.addScriptTag({ content: script });
  return {
    page,
    problems,
    see: (id, text) =>
      page.locator(`#${id}`).filter({ hasText: text }).waitFor(),
    show: (name) => page.evaluate(`show(${JSON.stringify(name) ?? ""})`),
  };
}
