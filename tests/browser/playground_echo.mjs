// The way from a click in the Playground to a bot, without the app: a card of our own, a bot of our own that checks the
// token as Microsoft asks for it, a personal answer, and an update for everybody.
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { BOT, TENANT } from "./playground_world.mjs";

const CARD = "application/vnd.microsoft.card.adaptive";
const CHANNEL = "19:promotions@thread.tacv2";
const WAIT_MS = 30_000;

const message = (content) => ({ type: "message", attachments: [{ contentType: CARD, content }] });
const card = (...body) => ({ type: "AdaptiveCard", version: "1.4", body });
const text = (text) => ({ type: "TextBlock", text, wrap: true });
const asking = card(
  text("is anybody there?"),
  { type: "Input.Text", id: "comment", label: "Comment", isMultiline: true },
  { type: "ActionSet", actions: [{ type: "Action.Execute", title: "Answer", verb: "answer", data: { digest: "d" } }] },
);

/** What is wrong with a bearer token; nothing, where it is one of the Bot Connector's about this activity. */
async function wrong(authorization, activity, cloud) {
  const [head, body, signature] = (authorization ?? "").replace(/^Bearer /, "").split(".");
  if (!signature) return "there is no token";
  const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
  const { alg, kid } = read(head);
  const claims = read(body);
  const metadata = await (await fetch(`${cloud}/botframework/v1/.well-known/openidconfiguration`)).json();
  const { keys } = await (await fetch(metadata.jwks_uri)).json();
  const key = keys.find((one) => one.kid === kid);
  if (alg !== "RS256" || !key) return `the key ${kid} with ${alg} is not known`;
  if (!key.endorsements?.includes(activity.channelId)) return `the key is not endorsed for ${activity.channelId}`;
  const signed = Buffer.from(`${head}.${body}`);
  const publicKey = createPublicKey({ key, format: "jwk" });
  if (!verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))) return "the signature is wrong";
  if (claims.iss !== "https://api.botframework.com") return `it is ${claims.iss}'s`;
  if (claims.aud !== BOT) return `it is for ${claims.aud}`;
  if (claims.serviceurl !== activity.serviceUrl) return `it is about ${claims.serviceurl}`;
  if (claims.exp * 1000 < Date.now()) return "it has expired";
  return null;
}

/** A bot that answers a click by a card, once it has checked its token. Resolves `heard` with what it got. */
async function startBot(cloud) {
  const bot = {};
  bot.heard = new Promise((resolve) => (bot.hear = resolve));
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const activity = JSON.parse(body || "{}");
    const problem = await wrong(request.headers.authorization, activity, cloud);
    if (activity.type === "invoke") bot.hear({ activity, problem });
    const value = card(text(`you said ${activity.value?.action?.data?.comment}`));
    response.writeHead(problem ? 401 : 200, { "content-type": "application/json" });
    response.end(problem ? "{}" : JSON.stringify({ statusCode: 200, type: CARD, value }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  bot.endpoint = `http://127.0.0.1:${server.address().port}/api/messages`;
  bot.stop = () => server.close();
  return bot;
}

async function send(method, url, body) {
  const answer = await fetch(url, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** In an open channel: asks, lets `answer(card, button, comment)` click, and looks at what came of it. */
export async function clickedThere(page, places, connector, answer) {
  const cloud = new URL(places.cloud).origin;
  const bot = await startBot(cloud);
  try {
    await send("POST", `${cloud}/control/bot`, { endpoint: bot.endpoint });
    const channelData = { channel: { id: CHANNEL }, tenant: { id: TENANT } };
    const beginning = { isGroup: true, tenantId: TENANT, activity: message(asking), channelData };
    const { id, activityId } = await send("POST", `${connector}/v3/conversations`, beginning);
    const shown = page.locator(".ac-adaptiveCard").filter({ hasText: "is anybody there?" }).first();
    await shown.waitFor();
    await answer(shown, "Answer", "I am.");
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("no click came to the bot")), WAIT_MS).unref();
    });
    const { activity, problem } = await Promise.race([bot.heard, late]);
    if (problem) throw new Error(`the click's token: ${problem}`);
    const expected = { conversation: id, post: activityId, comment: "I am.", digest: "d", tenant: TENANT };
    const { comment, digest } = activity.value.action.data;
    const { conversation, replyToId: post, channelData: { tenant } } = activity;
    const got = { conversation: conversation.id, post, comment, digest, tenant: tenant.id };
    if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`the click says ${JSON.stringify(got)}`);
    await page.getByText("you said I am.").first().waitFor();
    const url = `${connector}/v3/conversations/${encodeURIComponent(id)}/activities/${activityId}`;
    await send("PUT", url, { ...message(card(text("everybody knows"))), id: activityId });
    await page.getByText("everybody knows").first().waitFor();
  } finally {
    bot.stop();
  }
}
