// Draws cards with the official renderer, if the page has it, and fetches what was posted since.
(() => {
  const list = document.getElementById("messages");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const configs = document.getElementById("host-configs");
  const hosts = configs && window.AdaptiveCards ? JSON.parse(configs.textContent) : null;

  // Teams shows a small part of Markdown in cards: emphasis and links. Everything else stays text.
  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const markdown = (text) =>
    escape(text)
      .replace(/\\(&lt;|&gt;|&amp;|[\\`*_{}[\]()#+\-.!|~/=])/g, (_, c) => (c.length > 1 ? c : `&#${c.charCodeAt(0)};`))
      .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a href="$2" target="_blank" rel="noopener">$1</a>')
      .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
      .replace(/(^|\W)_([^_]+)_(?=\W|$)/g, "$1<em>$2</em>")
      .replace(/\r?\n/g, "<br>");

  function draw(box) {
    if (!hosts) return;
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(dark.matches ? hosts.dark : hosts.light);
    const { post, shared } = box.closest("li").dataset;
    card.onExecuteAction = (action) => {
      if (action instanceof AdaptiveCards.OpenUrlAction) window.open(action.url, "_blank", "noopener");
      else if (action instanceof AdaptiveCards.ExecuteAction) click(post, action);
    };
    const json = JSON.parse(box.dataset.card);
    card.parse(json);
    if (post && json.refresh?.action) look(post, shared);
    const drawn = card.render();
    if (drawn) box.replaceChildren(drawn);
  }

  const toast = document.getElementById("toast");
  let hiding;
  function tell(text) {
    toast.textContent = text;
    toast.hidden = !text;
    clearTimeout(hiding);
    if (text) hiding = setTimeout(() => tell(""), 8000);
  }

  // As Teams does it: the buttons wait, the answer is this person's card or a line of text.
  async function click(post, action) {
    const person = document.getElementById("as").value;
    const { title, verb, data } = action;
    document.body.classList.add("waiting");
    try {
      const answer = await fetch("/teams/clicks", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ person, post, title: title ?? "", verb: verb ?? "", data: data ?? {} }),
      });
      tell(answer.ok ? ((await answer.json()).toast ?? "") : await answer.text());
    } catch {
      tell("Unable to reach app. Please try again.");
    } finally {
      document.body.classList.remove("waiting");
    }
    await refresh();
  }

  // A card that asks for it is made anew for whoever looks: once for each version that everybody sees.
  const looked = new Set();
  function look(post, shared) {
    const person = document.getElementById("as").value;
    if (looked.has(post + shared)) return;
    looked.add(post + shared);
    const headers = { "content-type": "application/json" };
    fetch("/teams/looks", { method: "POST", headers, body: JSON.stringify({ person, post }) }).catch(() => {});
  }

  function drawAll(root) {
    root.querySelectorAll(".card[data-card]").forEach(draw);
  }

  // The server draws messages plainly; only those that are new or changed are taken over, so nothing flickers, and
  // nothing that is typed into a card is lost.
  async function refresh() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
    for (const item of page.querySelectorAll("#messages > li")) {
      const old = known.get(item.dataset.id);
      if (old?.dataset.version === item.dataset.version) continue;
      const own = document.adoptNode(item);
      if (old) old.replaceWith(own);
      else list.append(own);
      drawAll(own);
      if (!old) own.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
    document.getElementById("empty").hidden = list.children.length > 0;
  }

  document.getElementById("as").addEventListener("change", (event) => event.target.form.submit());
  if (hosts) {
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = markdown(text);
      result.didProcess = true;
    };
    dark.addEventListener("change", () => drawAll(document));
    drawAll(document);
  }
  setInterval(() => refresh().catch(() => {}), 1500);
})();
