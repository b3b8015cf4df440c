// The same decision in Microsoft's own simulator of Teams, the Agents Playground, which draws the card, sends the click and
// takes the updates: node tests/browser/playground.mjs. It signs nothing, so its activities go through the simulated
// cloud's gateway, which adds the Bot Connector's token: our own check of tokens is never off.
// scripts/playground.sh installs it first. With `open [ada|tina|ben|sam]` it stays for hands-on work until Ctrl-C.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import * as steps from "./steps.mjs";

const PACKAGE = "../../.cache/playground/node_modules/@microsoft/m365agentsplayground/cli.js";
const CLI = process.env.PLAYGROUND ?? fileURLToPath(new URL(PACKAGE, import.meta.url));
const START_SECONDS = 30;
const STEP_MS = 60_000;
const LIVE_MS = 240_000;

const TENANT = "00000000-0000-4000-8000-0000000000f0";
const BOT = "00000000-0000-4000-8000-0000000000f4";
const CHANNEL = "Model promotions";
const PEOPLE = {
  ada: ["Ada Approver", "b"],
  tina: ["Tina Trainer", "a"],
  ben: ["Ben Approver", "c"],
  sam: ["Sam Stranger", "d"],
  // It wants to know six people.
  olaf: ["Olaf Ops", "f"],
  nina: ["Nina Newcomer", "e"],
};

/** What the Playground reads at its start: who clicks there, and in which team. JSON is YAML. */
function configuration(persona) {
  const user = ([id, [name, digit]]) => {
    const [givenName, surname] = name.split(" ");
    const address = `${id}@liftlock.example`;
    const aadObjectId = `00000000-0000-4000-8000-00000000000${digit}`;
    return { id: `29:${id}`, name, userPrincipleName: address, aadObjectId, givenName, surname, email: address };
  };
  const others = Object.entries(PEOPLE).filter(([id]) => id !== persona);
  return JSON.stringify({
    version: "0.1.1",
    tenantId: TENANT,
    bot: { id: `28:${BOT}`, name: "Liftlock" },
    currentUser: user([persona, PEOPLE[persona]]),
    users: others.map(user),
    personalChat: { id: "personal-chat" },
    groupChat: { id: "group-chat", name: "Group chat" },
    team: {
      id: "19:team@thread.tacv2",
      name: "Machine learning",
      aadGroupId: "00000000-0000-4000-8000-0000000000aa",
      channels: [{ id: "19:promotions@thread.tacv2", name: CHANNEL }],
    },
  });
}

/** The first of `count` ports in a row that are free. */
async function freePorts(count) {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port) {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function startPlayground(persona, port, connector, endpoint) {
  const folder = await mkdtemp(join(tmpdir(), "liftlock-playground-"));
  await writeFile(join(folder, ".m365agentsplayground.yml"), configuration(persona));
  // Its telemetry is off (--dt).
  const options = ["-e", endpoint, "-c", "msteams", "-p", String(port), "--su", connector, "--dt"];
  const child = spawn(process.execPath, [CLI, ...options], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  };
  const listening = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, where] = /Listening on (\d+)/.exec(line) ?? [];
      if (where === String(port)) resolve();
      // It takes another port where this one is taken, and the bot would post into the void.
      else if (where) reject(new Error(`the Playground listens on ${where}, not on ${port}`));
    });
  });
  const late = new Promise((_, reject) => {
    const complain = () => reject(new Error(`the Playground did not listen within ${START_SECONDS} s`));
    setTimeout(complain, START_SECONDS * 1000).unref();
  });
  try {
    await Promise.race([listening, late, exit.then(([code]) => Promise.reject(new Error(`the Playground ended with ${code}`)))]);
  } catch (error) {
    if (child.exitCode === null) await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}/`, stop };
}

/** Whoever ends this program ends what it has started, too. */
const INTERRUPTED = new Error("interrupted");
const interrupted = new Promise((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => reject(INTERRUPTED));
});
interrupted.catch(() => {});

/** A demo whose bot is in the Playground's channel, in which this persona sits. */
async function withPlayground(persona, visit) {
  const port = await freePorts(3);
  const connector = `http://127.0.0.1:${port + 2}/_connector`;
  const endpoint = `http://127.0.0.1:${port + 1}/teams/gateway`;
  // The demo first: the Playground looks whether its bot answers.
  const demo = await startDemo(["--port", String(port), "--bot", connector]);
  try {
    const playground = await startPlayground(persona, port + 2, connector, endpoint);
    try {
      await Promise.race([visit(playground, demo.places, port), interrupted]);
    } finally {
      await playground.stop();
    }
  } finally {
    await demo.stop();
  }
}

const began = Date.now();
async function step(name, action) {
  console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  try {
    return await action();
  } catch (error) {
    throw new Error(`${name}: ${error.message.split("\n")[0]}`, { cause: error });
  }
}

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

/** Opens the channel's window, after the bot has been asked whether it is there at all. */
async function inBrowser(persona, walk) {
  await withPlayground(persona, async (playground, places, port) => {
    const bot = await fetch(`http://127.0.0.1:${port}/api/messages`, { method: "POST", body: "{}" });
    if (bot.status === 404) throw new Error("the app has no endpoint for a bot");
    if (bot.status !== 401) throw new Error(`an activity without a token was answered by ${bot.status}, not 401`);
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      page.context().setDefaultTimeout(STEP_MS);
      await walk(page, playground, places);
    } finally {
      await browser.close();
    }
  });
}

async function approverApproves(page, playground, places) {
  await step("Playground: open the channel", () => openChannel(page, playground));
  const card = await step("register the better model: a card asks for an approval", () => question(page, places));
  await step("Ada approves in the channel, with a comment", () => decide(card, /^approve/i, "Better on every metric."));
  await step("the card says live", async () => {
    const live = page.locator(".ac-adaptiveCard").filter({ hasText: /\blive\b/i }).first();
    await live.waitFor({ timeout: LIVE_MS });
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
  await test("an approver decides in Microsoft's simulator of Teams", "ada", approverApproves);
  await test("whoever trained the model is refused there", "tina", trainerIsRefused);
}
