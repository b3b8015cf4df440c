// Takes the parts that change from a fresh page; forms and what a person has selected stay as they are.
(() => {
  async function refresh() {
    if (!getSelection().isCollapsed) return;
    const answer = await fetch("/", { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["live", "now"]) {
      const [here, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (here.innerHTML !== fresh.innerHTML) here.innerHTML = fresh.innerHTML;
    }
  }
  setInterval(() => refresh().catch(() => {}), 1000);
  if (location.search) history.replaceState(null, "", "/");
})();
