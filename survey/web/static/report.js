/* Shows how far a report has come, and opens it when it is there. */
(() => {
  "use strict";
  const box = document.querySelector("[data-report]");
  if (!box || !window.fetch) return;
  const message = box.querySelector("[data-message]");
  const bar = box.querySelector("progress");

  async function look() {
    try {
      const reply = await fetch(box.dataset.report, { credentials: "same-origin", headers: { Accept: "application/json" } });
      const body = await reply.json();
      if (!reply.ok || body.state === "ready" || body.state === "failed") { location.reload(); return; }
      if (message.textContent !== body.message) message.textContent = body.message;
      bar.value = body.progress;
    } catch (error) {
      // No connection for a moment: the next look tells.
    }
    setTimeout(look, 1000);
  }
  setTimeout(look, 500);
})();
