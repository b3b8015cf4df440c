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
    card.onExecuteAction = (action) => {
      if (action instanceof AdaptiveCards.OpenUrlAction) window.open(action.url, "_blank", "noopener");
    };
    card.parse(JSON.parse(box.dataset.card));
    const drawn = card.render();
    if (drawn) box.replaceChildren(drawn);
  }

  function drawAll(root) {
    root.querySelectorAll(".card[data-card]").forEach(draw);
  }

  // The server draws new messages plainly; only those that are not here yet are taken over, so nothing flickers.
  async function refresh() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set([...list.children].map((item) => item.dataset.id));
    for (const item of page.querySelectorAll("#messages > li")) {
      if (known.has(item.dataset.id)) continue;
      list.append(document.adoptNode(item));
      drawAll(item);
      item.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
    document.getElementById("empty").hidden = list.children.length > 0;
  }

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
