// The same decision in Microsoft's own simulator of Teams, the Agents Playground, which draws the card, sends the click and
// takes the updates: node tests/browser/playground.mjs. It signs nothing, so its activities go through the simulated
// cloud's gateway, which adds the Bot Connector's token: our own check of tokens is never off.
// scripts/playground.sh installs it first. With `open [ada|tina|ben|sam]` it stays for hands-on work until Ctrl-C.
import { existsSync } from "node:fs";
import { launch } from "./browser.mjs";
import { clickedThere } from "./playground_echo.mjs";
import { CHANNEL, CLI, INTERRUPTED, PEOPLE, interrupted, withPlayground } from "./playground_world.mjs";
import * as steps from "./steps.mjs";
import { step } from "./steps.mjs";

const STEP_MS = 60_000;
const LIVE_MS = 240_000;

/** The channel's window. It is opened before anything is posted: the Playground tells a post only once. */
async function openChannel(page, playground) {
  await page.goto(playground.url);
  await page.getByText(CHANNEL).first().click();
  await page.getByText("Start a new post").first().waitFor();
}

/** The card that asks, once the better model was registered in another window. */
async function question(page, places) {
  const cloud = await page.context().newPage();
  await steps.registerBetterModel(cloud, places);
  const card = page.locator(".ac-adaptiveCard").filter({ hasText: /approval needed/i }).first();
  await card.waitFor();
  await cloud.close();
  return card;
}

/** Types as a person does: a value that is only set is not sent along there. */
async function decide(card, button, comment) {
  const field = card.getByRole("textbox").first();
  await field.click();
  await field.pressSequentially(comment);
  await card.getByRole("button", { name: button }).click();
}

/** A browser beside a demo and a Playground of its own, in which this persona sits. */
async function inBrowser(persona, walk) {
  await withPlayground(persona, async (playground, places) => {
    const browser = await launch();
    try {
      // Of its own: the cloud's page is opened beside the channel.
      const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
      context.setDefaultTimeout(STEP_MS);
      const page = await context.newPage();
      await walk(page, playground, places);
    } finally {
      await browser.close();
    }
  });
}

/** Nobody but Teams is listened to; and the app has a bot at all. */
async function tokensAreAskedFor(places) {
  const endpoint = new URL("/api/messages", places.board);
  const { status } = await fetch(endpoint, { method: "POST", body: "{}" });
  if (status === 404) throw new Error("the app has no endpoint for a bot");
  if (status !== 401) throw new Error(`the answer was ${status}, not 401`);
}

async function wayThere(page, playground, places) {
  await step("Playground: open the channel", () => openChannel(page, playground));
  const clicked = () => clickedThere(page, places, playground.connector, decide);
  await step("a click comes to a bot with the Bot Connector's token, its answer and an update to the card", clicked);
}

async function approverApproves(page, playground, places) {
  await step("the app takes nothing without a token", () => tokensAreAskedFor(places));
  await step("Playground: open the channel", () => openChannel(page, playground));
  const card = await step("register the better model: a card asks for an approval", () => question(page, places));
  await step("Ada approves in the channel, with a comment", () => decide(card, /^approve/i, "Better on every metric."));
  await step("the card says live", async () => {
    // An updated card is drawn anew, in another frame than a posted one.
    await page.getByText(/→ prod: live/).first().waitFor({ timeout: LIVE_MS });
    const asking = page.getByRole("button", { name: /^approve/i });
    if (await asking.count()) throw new Error("a card still asks");
  });
}

async function trainerIsRefused(page, playground, places) {
  await step("Playground: open the channel", () => openChannel(page, playground));
  const card = await step("register the better model: a card asks for an approval", () => question(page, places));
  await step("Tina, who trained it, tries to approve", () => decide(card, /^approve/i, "I trust myself."));
  await step("she is told why not", () => page.getByText(/you trained|somebody else has to judge/i).first().waitFor());
  await step("the board still waits for an approval", async () => {
    await page.goto(places.board);
    await steps.signIn(page);
    await page.getByText(/awaiting approval/i).first().waitFor();
  });
}

/** Prints what a test's end is called in the other scripts. */
async function test(name, persona, walk) {
  try {
    await inBrowser(persona, walk);
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}

/** For hands-on work, until Ctrl-C. */
async function open(persona) {
  if (!PEOPLE[persona]) throw new Error(`nobody is called ${persona}: ${Object.keys(PEOPLE).join(", ")}`);
  await withPlayground(persona, async (playground, places) => {
    console.log(`\n  Playground, as ${PEOPLE[persona][0]}: ${playground.url} > ${CHANNEL}`);
    console.log(`  cloud ${places.cloud}, board ${places.board}\n  Ctrl-C ends all of it.`);
    await interrupted;
  }).catch((error) => {
    if (error !== INTERRUPTED) throw error;
  });
}

if (!existsSync(CLI)) {
  console.log(`the Playground is not installed at ${CLI}: run scripts/playground.sh`);
  process.exitCode = 1;
} else if (process.argv[2] === "open") {
  await open(process.argv[3] ?? "ada");
} else {
  await test("a click's way through Microsoft's simulator of Teams", "ada", wayThere);
  if (process.argv.includes("decisions")) await decisions();
}

async function decisions() {
  await test("an approver decides in Microsoft's simulator of Teams", "ada", approverApproves);
  await test("whoever trained the model is refused there", "tina", trainerIsRefused);
}
