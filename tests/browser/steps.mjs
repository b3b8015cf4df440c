// What a newcomer does, one function a step; the words are those on the pages.
export const APPROVER = "Ada Approver";

/** Cloud page: register the better model, as its button says. */
export async function registerBetterModel(page, places) {
  await page.goto(places.cloud);
  await page.getByRole("button", { name: /register the better model/i }).click();
}

/** Channel page: the link of the card that asks for an approval; the page refreshes itself until it is there. */
export async function approvalLink(page, places) {
  await page.goto(places.channel);
  const name = /review|approve|decide/i;
  return page.getByRole("link", { name }).or(page.getByRole("button", { name })).first();
}

/** Follows the card's link, in the new tab that it opens or in this one. */
export async function openApproval(page, link) {
  const opened = page.context().waitForEvent("page", { timeout: 5_000 }).catch(() => page);
  await link.click();
  const approval = await opened;
  await approval.waitForLoadState();
  return approval;
}

/** The platform's sign-in: one button a persona. */
export async function signIn(page, who = APPROVER) {
  const sign = page.getByRole("link", { name: /sign in/i });
  if (await sign.count()) await sign.first().click();
  await page.getByRole("button", { name: new RegExp(who, "i") }).click();
}

/** Approval page: a comment, then approve. */
export async function approve(page, comment) {
  await page.getByLabel(/comment/i).fill(comment);
  await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: /^approve/i }).click(),
  ]);
}

/** Board: refreshes itself until the promotion is live. */
export async function waitUntilLive(page, places, timeout) {
  await page.goto(places.board);
  await page.getByText(/\blive\b/i).first().waitFor({ timeout });
}

const began = Date.now();

/** One step of a path: prints when it begins, and names it where it fails. */
export async function step(name, action) {
  console.log(`  ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${name}`);
  try {
    return await action();
  } catch (error) {
    throw new Error(`${name}: ${error.message.split("\n")[0]}`, { cause: error });
  }
}
