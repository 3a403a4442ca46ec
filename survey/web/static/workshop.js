/* The form of one part of a bank: lines added, moved and removed in place, problems beside their
   fields as one types. Without it the same buttons ask the server. */
"use strict";

(() => {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const PAUSE = 700;
  let timer = 0;
  let asked = 0;

  /* ------------------------------------------------------------- problems */

  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  };

  const paragraph = (className, text) => {
    const found = document.createElement("p");
    found.className = className;
    found.textContent = text;
    return found;
  };

  const show = (answer) => {
    for (const place of form.querySelectorAll("[data-said-of]")) place.replaceChildren();
    const say = (className, list) => {
      for (const { id, text } of list) {
        document.getElementById(`${id}-said`)?.append(paragraph(className, text));
      }
    };
    say("fault", answer.refused);
    say("remark", answer.problems);
    const status = form.querySelector("[data-said]");
    const said = [answer.said, answer.changed].filter(Boolean).join(" ");
    if (status && status.textContent !== said) {
      status.classList.remove("fault");
      status.textContent = said;
    }
  };

  const check = async () => {
    const number = ++asked;
    try {
      const response = await fetch(form.dataset.check, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      form.dataset.knownAt = String(response.ok ? Date.now() : 0);
      if (response.ok && number === asked) show(await response.json());
    } catch {
      /* No connection: saving will tell. */
    }
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  /* ---------------------------------------------------------------- lines */

  const acts = {
    add(list) {
      const name = list.dataset.next;
      list.dataset.next = String(Number(name) + 1);
      const template = list.querySelector(":scope > template");
      const holder = document.createElement("ol");
      holder.innerHTML = template.innerHTML.replaceAll("__new__", name);
      const line = holder.firstElementChild;
      list.querySelector(":scope > ol").append(line);
      line.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    },
    up(list, line, button) {
      line.previousElementSibling?.before(line);
      button.focus();
    },
    down(list, line, button) {
      line.nextElementSibling?.after(line);
      button.focus();
    },
    remove(list, line) {
      const near = line.nextElementSibling || line.previousElementSibling;
      line.remove();
      (near?.querySelector("[data-line-act=remove]") ||
        list.querySelector(":scope > [data-line-act=add]"))?.focus();
    },
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line-act]");
    if (!button) return;
    event.preventDefault();
    const list = button.closest("[data-lines]");
    acts[button.dataset.lineAct](list, button.closest(".ws-line"), button);
    form.dispatchEvent(new Event("change"));
  });
})();
