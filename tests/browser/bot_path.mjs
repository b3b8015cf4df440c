// A decision without leaving the channel, as people click it on the simulated Teams page: the official renderer draws the
// bot's card, a person types and clicks, the card changes for everybody. Prints steps, then `ok …` or `not ok …`.
import { withDemo } from "./browser.mjs";
import * as steps from "./steps.mjs";
import { step } from "./steps.mjs";

const LIVE_MS = 240_000;

/** Whose Teams the page shows from now on. */
async function become(page, places, name) {
  await page.goto(places.channel);
  await page.getByLabel("You are").selectOption({ label: name });
  await page.waitForURL(/as=/);
}

/** The card that asks. */
function question(page) {
  return page.locator("#messages > li").filter({ hasText: /approval needed/i }).first();
}

async function approve(page, comment) {
  const card = question(page);
  await card.getByRole("textbox").first().fill(comment);
  await card.getByRole("button", { name: /^approve/i }).click();
  // Whoever leaves before the answer is there has perhaps not clicked at all.
  await page.waitForFunction(() => !document.body.classList.contains("waiting"));
}

async function walk(page, places) {
  await step("cloud page: register the better model", () => steps.registerBetterModel(page, places));
  await step("channel: Tina, who trained it, is asked as well", async () => {
    await become(page, places, "Tina Trainer");
    await question(page).waitFor();
  });
  await step("Tina approves and is told why that does not count", async () => {
    await approve(page, "I trust myself.");
    await page.getByText(/you trained|somebody else has to judge/i).first().waitFor();
  });
  await step("Ada approves in the channel", async () => {
    await become(page, places, steps.APPROVER);
    await approve(page, "Better on every metric.");
  });
  await step("the card says live, to Ben as well", async () => {
    await become(page, places, "Ben Approver");
    await page.locator("#messages > li").filter({ hasText: /\blive\b/i }).first().waitFor({ timeout: LIVE_MS });
    if (await page.getByRole("button", { name: /^approve/i }).count()) throw new Error("a card still asks");
  });
}

try {
  await withDemo(walk, ["--bot"]);
  console.log("ok a decision in the channel");
} catch (error) {
  console.log(`not ok ${error.message}`);
  process.exitCode = 1;
}
