/* The dry run in place: what the server sends while it works is shown as it arrives. */
(() => {
  "use strict";
  const box = document.querySelector("[data-dry-run]");
  if (!box || !window.fetch || !window.TextDecoder) return;
  const begin = box.querySelector("[data-dry-run-begin]");
  const shown = box.querySelector("[data-dry-run-result]");
  let going = false;

  begin.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (going) return;
    going = true;
    begin.setAttribute("aria-disabled", "true");
    try {
      await run();
      const heading = shown.querySelector("[data-dry-run-done] h2");
      if (heading) { heading.tabIndex = -1; heading.focus(); }
    } catch (error) {
      location.href = box.dataset.dryRun.split("?")[0]; // there the reader is told what is wrong
    }
    begin.removeAttribute("aria-disabled");
    going = false;
  });

  async function run() {
    const reply = await fetch(box.dataset.dryRun, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
    const reader = reply.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      show(text);
      if (done) return;
    }
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    shown.replaceChildren(...page.body.childNodes);
  }
})();
