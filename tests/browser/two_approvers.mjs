// A question that two people have to agree to, each in a browser of their own: whoever trained the model has no form, the
// first approval is one of two, the second one ends in a live model. Prints steps, then `ok …` or `not ok …`.
import { mkdir } from "node:fs/promises";
import { withDemo } from "./browser.mjs";
import * as steps from "./steps.mjs";
import { step } from "./steps.mjs";

const LIVE_MS = 240_000;
const ONE_OF_TWO = /needs 2 approvals of different people.*1 approval so far/i;
/** With a folder named, pictures of what the three see are put there: node tests/browser/two_approvers.mjs docs/screenshots */
const FOLDER = process.argv[2];

async function picture(page, name) {
  if (!FOLDER) return;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${FOLDER}/${name}-${colorScheme}.png`, fullPage: true });
  }
}

/** The question's page as this person sees it, in a browser in which nobody else has signed in. */
async function asSeenBy(page, question, who) {
  const context = await page.context().browser().newContext({ viewport: page.viewportSize() });
  const theirs = await context.newPage();
  await theirs.goto(question);
  await steps.signIn(theirs, who);
  await theirs.getByText(who).first().waitFor();
  return theirs;
}

async function says(page, words) {
  await page.getByText(words).first().waitFor();
}

async function walk(page, places) {
  await step("cloud page: register the better model", () => steps.registerBetterModel(page, places));
  const question = await step("channel: a card asks for an approval", async () => {
    const link = await steps.approvalLink(page, places);
    return (await steps.openApproval(page, link)).url();
  });
  await step("Tina, who trained it, is told so and has nothing to press", async () => {
    const theirs = await asSeenBy(page, question, "Tina Trainer");
    await says(theirs, /you trained/i);
    if (await theirs.getByRole("button", { name: /^(approve|reject)/i }).count()) throw new Error("she has a button");
    if (await theirs.getByLabel(/comment/i).count()) throw new Error("she has a form");
    await picture(theirs, "approval-of-own-work");
  });
  const ada = await step("Ada approves: one of two", async () => {
    const theirs = await asSeenBy(page, question, "Ada Approver");
    await steps.approve(theirs, "Better on every metric.");
    await theirs.goto(question);
    await says(theirs, /waits for 1 more approval by other people/i);
    await says(theirs, ONE_OF_TWO);
    if (await theirs.getByRole("button", { name: /^approve/i }).count()) throw new Error("she may approve twice");
    await picture(theirs, "approval-one-of-two");
    return theirs;
  });
  await step("board: it is not live, and waits for one more", async () => {
    await ada.goto(places.board);
    await says(ada, /awaiting approval/i);
  });
  await step("Ben sees whose word is there, and approves", async () => {
    const theirs = await asSeenBy(page, question, "Ben Approver");
    await says(theirs, /Ada Approver/);
    await says(theirs, ONE_OF_TWO);
    await picture(theirs, "approval-second");
    await steps.approve(theirs, "I agree with Ada.");
  });
  await step("board: live", () => steps.waitUntilLive(ada, places, LIVE_MS));
}

try {
  if (FOLDER) await mkdir(FOLDER, { recursive: true });
  await withDemo(walk, ["--approvals", "2", ...(process.env.PORT ? ["--port", process.env.PORT] : [])]);
  console.log("ok two approvers");
} catch (error) {
  console.log(`not ok ${error.message}`);
  process.exitCode = 1;
}
