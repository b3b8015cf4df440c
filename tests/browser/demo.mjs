// Starts the demo and learns from what it prints where to look. Stops it by SIGINT, as a person does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

const START_SECONDS = 60;
const STOP_SECONDS = 10;
const PLACE = /\b(cloud|channel|board)\b.*?(http:\/\/127\.0\.0\.1:\d+\S*)/i;
const BINARIES = ["target/debug/liftlock-local", "target/demo/liftlock-local"];

function binary() {
  const found = process.env.DEMO ?? BINARIES.find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`no demo is built: looked for ${BINARIES.join(" and ")}`);
}

/** With these options of `demo`. Resolves with `{ places: { cloud, channel, board }, stop }` once all three places are printed. */
export async function startDemo(options = []) {
  const child = spawn(binary(), ["demo", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const places = {};
  const complete = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, name, url] = PLACE.exec(line) ?? [];
      if (name) places[name.toLowerCase()] ??= url;
      if (places.cloud && places.channel && places.board) resolve();
    });
  });
  const ended = exit.then(([code]) => {
    throw new Error(`the demo ended with ${code} before it said where to look`);
  });
  const stop = () => stopChild(child, exit);
  try {
    await Promise.race([complete, ended, timeout(START_SECONDS, "the demo did not say where to look")]);
  } catch (error) {
    await stop();
    throw error;
  }
  ended.catch(() => {});
  return { places, stop };
}

async function stopChild(child, exit) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const patience = setTimeout(() => child.kill("SIGKILL"), STOP_SECONDS * 1000);
  await exit;
  clearTimeout(patience);
}

function timeout(seconds, what) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} within ${seconds} s`)), seconds * 1000).unref();
  });
}
