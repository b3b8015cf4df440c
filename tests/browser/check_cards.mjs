// Reads cards with npm's official renderer, as Teams would: node tests/browser/check_cards.mjs FOLDER
// A card fails where the renderer has anything to say about it: an element or action that it does not know, a value that
// it does not take. Every card is also spoilt in three ways that the renderer has to find.
// Prints what is wrong with which card, then `renderer: N passed, N failed`; exits 1 where anything failed or nothing was there.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// The package's own entry is written for bundlers; this file is the same code, ready to be read.
const AdaptiveCards = createRequire(import.meta.url)("adaptivecards/dist/adaptivecards.js");

/** What the renderer says about a card, one line each. */
function said(json) {
  const context = new AdaptiveCards.SerializationContext();
  const card = new AdaptiveCards.AdaptiveCard();
  card.parse(json, context);
  const events = [];
  for (let at = 0; at < context.eventCount; at += 1) events.push(context.getEventAt(at));
  events.push(...card.validateProperties().validationEvents);
  return events.map(({ event, message }) => `${AdaptiveCards.ValidationEvent[event]}: ${message}`);
}

function* spoilt(card) {
  const changed = (change) => {
    const copy = structuredClone(card);
    change(copy);
    return copy;
  };
  yield ["unknown element", changed((wrong) => wrong.body.push({ type: "Text.Block", text: "x" }))];
  yield ["unknown action", changed((wrong) => (wrong.actions ??= []).push({ type: "Action.Perform", title: "x" }))];
  yield ["wrong value", changed((wrong) => wrong.body.push({ type: "TextBlock", text: "x", size: "huge" }))];
}

function check(folder, name) {
  const card = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const wrong = said(card);
  for (const [what, copy] of spoilt(card)) {
    if (said(copy).length === 0) wrong.push(`the renderer does not find an ${what}`);
  }
  for (const line of wrong) console.log(`${name}: ${line}`);
  return wrong.length === 0;
}

const folder = process.argv[2];
const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const passed = names.filter((name) => check(folder, name)).length;
console.log(`renderer: ${passed} passed, ${names.length - passed} failed`);
process.exitCode = passed > 0 && passed === names.length ? 0 : 1;
