// Pictures of every card for docs/screenshots/cards, light and dark, drawn by the official renderer with Teams' looks:
//   LIFTLOCK_CARDS=$PWD/target/cards cargo test -p liftlock --lib ui && node tests/browser/card_pictures.mjs target/cards
// One a heading; where several say the same in different circumstances, each has a number.
import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/cards/", import.meta.url));
const LOOK = fileURLToPath(new URL("../../crates/cloud-sim/src/teams/channel.css", import.meta.url));
/** The cards of the example; the others are made of hostile names. */
const OURS = /^(diabetes-.*)-[0-9a-f]{8}\.json$/;
const packages = createRequire(import.meta.url);

/** Cards by the name of their picture. */
async function cards(folder) {
  const named = new Map();
  for (const file of (await readdir(folder)).sort()) {
    const [, heading] = OURS.exec(file) ?? [];
    if (!heading) continue;
    let name = heading;
    for (let number = 2; named.has(name); number += 1) name = `${heading}-${number}`;
    named.set(name, JSON.parse(await readFile(join(folder, file), "utf8")));
  }
  return named;
}

/** Runs in the page. */
function draw({ card, host }) {
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(host);
  drawn.parse(card);
  document.querySelector(".card").replaceChildren(drawn.render());
}

const folder = process.argv[2];
if (!folder) throw new Error("name the folder of cards: node tests/browser/card_pictures.mjs target/cards");
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const style = await readFile(LOOK, "utf8");
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 720, height: 900 } });
  await page.setContent(`<style>${style}</style><main style="padding:0"><div class="card"></div></main>`);
  await page.addStyleTag({ path: packages.resolve("adaptivecards/dist/adaptivecards.css") });
  await page.addScriptTag({ path: packages.resolve("adaptivecards/dist/adaptivecards.min.js") });
  for (const [name, card] of await cards(folder)) {
    for (const colorScheme of ["light", "dark"]) {
      const host = packages(`adaptivecards-designer/lib/hostConfigs/microsoft-teams-${colorScheme}.json`);
      await page.emulateMedia({ colorScheme });
      await page.evaluate(draw, { card, host });
      await page.locator(".card").screenshot({ path: `${FOLDER}${name}-${colorScheme}.png` });
      console.log(`docs/screenshots/cards/${name}-${colorScheme}.png`);
    }
  }
} finally {
  await browser.close();
}
