// The demo, and a page of headless Chromium to look at it with; both end when the visit does.
import { chromium } from "playwright-core";
import { startDemo } from "./demo.mjs";

const STEP_MS = 60_000;

// As root in a container there is no sandbox to be had; the rest keeps the browser from calling out.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs `visit(page, places)` against a demo of its own, with these options. */
export async function withDemo(visit, options = []) {
  const demo = await startDemo(options);
  try {
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      page.context().setDefaultTimeout(STEP_MS);
      await visit(page, demo.places);
    } finally {
      await browser.close();
    }
  } finally {
    await demo.stop();
  }
}

/** Headless Chromium: the one of CHROMIUM, or where Debian puts it. */
export function launch() {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}
