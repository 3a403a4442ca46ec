/* Shows the firms whose names hold what is typed, without forgetting which are ticked. */
(() => {
  "use strict";
  const box = document.querySelector("[data-firms]");
  const form = document.querySelector("form[role=search]");
  if (!box || !form) return;
  const field = form.querySelector("input[type=search]");

  function filter() {
    const sought = field.value.trim().toLowerCase();
    for (const line of box.querySelectorAll("label")) {
      line.hidden = !line.textContent.toLowerCase().includes(sought) && !line.querySelector("input").checked;
    }
  }

  if (new URLSearchParams(location.search).get("q")) return;
  field.addEventListener("input", filter);
  form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
})();
