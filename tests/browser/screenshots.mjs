// Pictures of every page for docs/screenshots, light and dark: node tests/browser/screenshots.mjs
// It walks the same way as main_path.mjs and stops to look.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withDemo } from "./browser.mjs";
import * as steps from "./steps.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const TRIES = 3;

/** One picture of a page, or of an element on it, in each colour scheme. */
async function picture(page, name, element = page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const path = `${FOLDER}${name}-${colorScheme}.png`;
    await take(element, element === page ? { path, fullPage: true } : { path });
    console.log(`docs/screenshots/${name}-${colorScheme}.png`);
  }
}

/** The pages refresh themselves: a picture that a refresh interrupts is taken again. */
async function take(element, options) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await element.screenshot({ ...options, timeout: 5_000 });
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

async function walk(page, places) {
  await steps.registerBetterModel(page, places);
  const link = await steps.approvalLink(page, places);
  await link.waitFor();
  await picture(page, "channel");
  await picture(page, "card", page.locator("#messages > li").filter({ hasText: /approval needed/i }).first());
  const approval = await steps.openApproval(page, link);
  await picture(approval, "sign-in");
  await steps.signIn(approval);
  await approval.getByLabel(/comment/i).waitFor();
  await picture(approval, "approval");
  await steps.approve(approval, "Better on every metric.");
  await steps.waitUntilLive(page, places, 240_000);
  await picture(page, "board");
  await page.getByRole("link", { name: /diabetes 2/i }).first().click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await picture(page, "promotion");
  await page.goto(places.cloud);
  await picture(page, "cloud");
}

await mkdir(FOLDER, { recursive: true });
await withDemo(walk);
