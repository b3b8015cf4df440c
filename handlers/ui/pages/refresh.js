// Shows what has changed: fetches the page again and swaps its <main>, unless somebody is busy in it or not looking.
(() => {
  "use strict";
  const EVERY = 1500;
  const main = () => document.querySelector("main[data-refresh]");

  // A form that was touched keeps what was typed, with or without focus.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form");
    if (form) form.dataset.touched = "";
  });

  const busy = () =>
    document.hidden ||
    document.querySelector("form[data-touched]") !== null ||
    (document.activeElement !== null && document.activeElement.closest("form") !== null) ||
    String(document.getSelection()) !== "";

  const focused = (root) => {
    const active = document.activeElement;
    if (!active || !root.contains(active)) return null;
    const links = [...root.querySelectorAll("a[href], summary, [tabindex]")];
    return links.indexOf(active);
  };

  const swap = (next) => {
    const old = main();
    const open = [...old.querySelectorAll("details[id][open]")].map((details) => details.id);
    for (const details of next.querySelectorAll("details[id]")) {
      if (open.includes(details.id)) details.open = true;
    }
    const at = focused(old);
    const scrolled = [...old.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
    old.replaceWith(next);
    [...next.querySelectorAll(".scroll")].forEach((box, index) => (box.scrollLeft = scrolled[index] || 0));
    if (at !== null && at >= 0) {
      const links = next.querySelectorAll("a[href], summary, [tabindex]");
      if (links[at]) links[at].focus({ preventScroll: true });
    }
  };

  const refresh = async () => {
    if (!main() || busy()) return;
    const response = await fetch(location.href, { cache: "no-store", headers: { accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector("main");
    if (!next || !main() || busy() || next.isEqualNode(main())) return;
    document.title = page.title;
    swap(document.adoptNode(next));
  };

  let timer = 0;
  const loop = async () => {
    clearTimeout(timer);
    try {
      await refresh();
    } catch {
      // The app restarts, or the network is away: the next round will tell.
    }
    clearTimeout(timer);
    timer = setTimeout(loop, EVERY);
  };
  document.addEventListener("visibilitychange", loop);
  timer = setTimeout(loop, EVERY);
})();
