/* Saves each answer as soon as it changes, and says truthfully what became of it.
   Without this script the page works all the same: its buttons send everything. */
(() => {
  "use strict";
  const form = document.getElementById("answers");
  if (!form || !window.fetch) return;
  const words = form.dataset;
  const token = form.elements.csrf_token.value;
  const live = form.querySelector("[data-live]");
  const progress = document.querySelector("[data-progress]");
  const waiting = new Map(); // question box → "unsent", "again" (changed while sending) or "sending"
  let leaving = false;

  const own = (box) => "q_" + box.dataset.question;
  const inputs = (box) => [...box.querySelectorAll("input, select, textarea")];

  function say(box, text, wrong) {
    const line = box.querySelector("[data-state]");
    line.textContent = text;
    line.classList.toggle("state-wrong", Boolean(wrong));
    live.textContent = text;
  }

  function fields(box) {
    return inputs(box)
      .filter((i) => i.name && !(/^(radio|checkbox)$/.test(i.type) && !i.checked))
      .map((i) => [i.name, i.value]);
  }

  async function send(box) {
    if (waiting.get(box) === "sending") { waiting.set(box, "again"); return; }
    if (waiting.get(box) === "again") return;
    waiting.set(box, "sending");
    say(box, words.saving);
    let reply, body;
    try {
      reply = await fetch(words.save.replace("KEY", box.dataset.question), {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
        body: JSON.stringify({ fields: fields(box) }),
      });
      body = await reply.json();
    } catch (error) {
      waiting.set(box, "unsent");
      say(box, reply ? words.broken : words.offline, true);
      return;
    }
    const again = waiting.get(box) === "again";
    waiting.delete(box);
    if (reply.ok) saved(box, body); else refused(box, reply.status, body);
    if (again) { waiting.set(box, "unsent"); send(box); }
  }

  function saved(box, body) {
    form.elements[own(box) + ".seen"].value = body.seen;
    box.classList.remove("line-wrong");
    box.querySelectorAll(".fault, .clash").forEach((part) => part.remove());
    const share = box.querySelector("[data-share]");
    if (share) share.textContent = body.share || share.dataset.empty;
    if (progress) progress.textContent = body.progress;
    form.querySelectorAll("[data-question]").forEach((other) => {
      const shown = body.visible.includes(other.dataset.question);
      other.hidden = !shown;
      other.disabled = !shown;
      const optional = other.querySelector("[data-optional]");
      if (optional) optional.hidden = !body.optional.includes(other.dataset.question);
    });
    say(box, body.message);
  }

  function refused(box, status, body) {
    box.classList.add("line-wrong");
    say(box, body.message || words.broken, true);
    const evidence = box.querySelector("[data-evidence]");
    if (evidence && evidence.querySelector("input").value) evidence.open = true;
    if (status === 409 && body.panel) {
      box.querySelectorAll(".clash").forEach((part) => part.remove());
      const holder = document.createElement("template");
      holder.innerHTML = body.panel;
      box.querySelector("[data-state]").before(holder.content);
      form.elements[own(box) + ".seen"].value = body.seen;
    } else if (status !== 422) {
      waiting.set(box, "unsent");
    }
  }

  /* Don't know, not applicable and “none” exclude the rest; the server checks the same. */
  function exclude(input, box) {
    if (input.type !== "checkbox" || !input.checked) return;
    const special = (i) => i.name.endsWith(".state");
    const list = input.closest("[data-none]");
    const none = box.querySelector("[data-none]")?.dataset.none;
    inputs(box).forEach((i) => {
      if (i === input || i.type !== "checkbox" || i.name.endsWith(".half")) return;
      const both = list && i.closest("[data-none]") === list;
      if (special(input) || special(i) || (both && (input.value === none || i.value === none))) i.checked = false;
    });
  }

  form.addEventListener("change", (event) => {
    const box = event.target.closest("[data-question]");
    if (!box) return;
    exclude(event.target, box);
    if (event.target.name.endsWith(".keep") && event.target.value === "theirs") {
      leaving = true;
      location.reload();
      return;
    }
    const excused = fields(box).some(([, value]) => value === "_not-applicable");
    const reason = box.querySelector("[data-reason] input");
    if (excused && reason && !reason.value.trim()) { reason.focus(); return; }
    const note = box.querySelector("[data-evidence] input");
    if (event.target.name.endsWith(".evidence") && event.target.value && !note.value.trim()) {
      note.focus();
      return;
    }
    send(box);
  });

  function resend() {
    waiting.forEach((state, box) => { if (state === "unsent") send(box); });
  }
  addEventListener("online", resend);
  setInterval(resend, 15000);

  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => {
    if (waiting.size && !leaving) event.preventDefault();
  });

  const target = location.hash.startsWith("#q_") && document.getElementById(location.hash.slice(1));
  if (target) target.focus();
  else document.getElementById("faults")?.focus();
})();
