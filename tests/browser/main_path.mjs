// One model's way to production as a newcomer clicks it: cloud page, channel, card, sign-in, approval, board.
// Prints each step with its time, then `ok …` or `not ok …`, and exits by it.
import { withDemo } from "./browser.mjs";
import * as steps from "./steps.mjs";

const LIVE_MS = 240_000;
const began = Date.now();

async function step(name, action) {
  console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  try {
    return await action();
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

async function walk(page, places) {
  await step("cloud page: register the better model", () => steps.registerBetterModel(page, places));
  const link = await step("channel: a card asks for an approval", () => steps.approvalLink(page, places));
  const approval = await step("card: open the approval page", () => steps.openApproval(page, link));
  await step(`sign in as ${steps.APPROVER}`, () => steps.signIn(approval));
  await step("approve with a comment", () => steps.approve(approval, "Better on every metric."));
  await step("board: live", () => steps.waitUntilLive(page, places, LIVE_MS));
}

try {
  await withDemo(walk);
  console.log("ok cloud page to live");
} catch (error) {
  console.log(`not ok ${error.message}`);
  process.exitCode = 1;
}
