// A demo whose Teams is Microsoft's Agents Playground: who sits there, both of them started and stopped together.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startDemo } from "./demo.mjs";

const PACKAGE = "../../.cache/playground/node_modules/@microsoft/m365agentsplayground/cli.js";
/** The Playground's program. */
export const CLI = process.env.PLAYGROUND ?? fileURLToPath(new URL(PACKAGE, import.meta.url));
const START_SECONDS = 30;

/** The simulated cloud's tenant, and the app id of its bot. */
export const TENANT = "00000000-0000-4000-8000-0000000000f0";
export const BOT = "00000000-0000-4000-8000-0000000000f4";
/** The channel in which the bot asks. */
export const CHANNEL = "Model promotions";
/** Whoever may sit there: name, and the end of their object id. */
export const PEOPLE = {
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
  return { url: `http://127.0.0.1:${port}/`, connector, stop };
}

/** Told where somebody ends this program: then whatever it has started ends, too. */
export const INTERRUPTED = new Error("interrupted");
export const interrupted = new Promise((_, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => reject(INTERRUPTED));
});
interrupted.catch(() => {});

/** A demo whose bot is in the Playground's channel, in which this persona sits. */
export async function withPlayground(persona, visit) {
  const port = await freePorts(3);
  const connector = `http://127.0.0.1:${port + 2}/_connector`;
  const endpoint = `http://127.0.0.1:${port + 1}/teams/gateway`;
  // The demo first: the Playground looks whether its bot answers.
  const demo = await startDemo(["--port", String(port), "--bot", connector]);
  try {
    const playground = await startPlayground(persona, port + 2, connector, endpoint);
    try {
      await Promise.race([visit(playground, demo.places), interrupted]);
    } finally {
      await playground.stop();
    }
  } finally {
    await demo.stop();
  }
}
