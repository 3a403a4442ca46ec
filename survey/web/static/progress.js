/* Tells how far a report or an archive has come. What the page shows then comes from the page
   itself: when the state changes, it is fetched again and its details take the old ones' place. */
(() => {
  "use strict";
  const box = document.querySelector("[data-watch]");
  if (!box || !window.fetch) return;
  const message = box.querySelector("[data-message]");
  const every = Number(box.dataset.every || 1000);
  let shown = null;

  async function look() {
    let going = true;
    try {
      const reply = await fetch(box.dataset.watch, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (reply.status === 401 || reply.status === 403 || reply.status === 404) { location.reload(); return; }
      if (reply.ok) going = await show(await reply.json());
    } catch (error) {
      // No connection for a moment: the next look tells.
    }
    if (going) setTimeout(look, every);
  }

  async function show(now) {
    if (message.textContent !== now.message) message.textContent = now.message;
    const bar = box.querySelector("progress");
    if (bar) bar.value = now.progress;
    const stage = now.stage || String(now.open);
    if (shown === null) shown = box.dataset.stage || "true";
    if (stage !== shown && await renew()) shown = stage;
    return now.open || stage !== shown;
  }

  async function renew() {
    const reply = await fetch(box.dataset.page || location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!reply.ok) return false;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = page.querySelector("[data-details]");
    if (!fresh) { location.reload(); return false; }
    const old = box.querySelector("[data-details]");
    const held = old.contains(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    if (held) { fresh.tabIndex = -1; fresh.focus(); }
    return true;
  }

  setTimeout(look, 500);
})();
