/* The preview of a questionnaire: questions appear and vanish while one answers. Without script
   the button below the questions does the same. */
(() => {
  "use strict";
  const form = document.getElementById("preview");
  if (!form) return;
  const QUIET = 400; // ms without a key pressed
  const boxes = [...form.querySelectorAll("[data-question]")];
  let timer = 0, newest = 0;
  let late = false; // a question that somebody is in vanishes only when it is left

  async function ask() {
    const number = (newest += 1);
    let body;
    try {
      const reply = await fetch(form.dataset.state, { method: "POST", credentials: "same-origin", body: new FormData(form) });
      if (!reply.ok) return;
      body = await reply.json();
    } catch (error) {
      return; // the buttons do it
    }
    if (number !== newest) return;
    late = false;
    boxes.forEach((box) => {
      const applies = body.visible.includes(box.dataset.question);
      const within = !applies && box.contains(document.activeElement);
      const shown = applies || within;
      late = late || within;
      box.hidden = box.disabled = !shown;
      const optional = box.querySelector("[data-optional]");
      if (optional) optional.hidden = !body.optional.includes(box.dataset.question);
    });
    const progress = form.querySelector("[data-progress]");
    if (progress && body.progress) progress.textContent = body.progress;
  }

  form.addEventListener("change", (event) => { if (event.target.closest("[data-question]")) ask(); });
  form.addEventListener("input", (event) => {
    if (event.target.type !== "text" && event.target.type !== "textarea") return;
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET);
  });
  form.addEventListener("focusout", () => { if (late) setTimeout(ask); });
  const target = location.hash.startsWith("#q_") && document.getElementById(location.hash.slice(1));
  if (target) target.focus();
})();
