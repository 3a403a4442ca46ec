/* The condition builder: menus follow the chosen question, and the sentence follows the menus.
   Without script its buttons do the same, by sending the form. */
(() => {
  "use strict";
  const QUIET = 400; // ms without a key pressed, until a number is read
  const timers = new WeakMap();
  const asked = new WeakMap(); // builder → number of the newest request

  const around = (element) => element.closest?.("[data-condition]");

  function fields(builder, act) {
    const form = builder.closest("form");
    const prefix = builder.dataset.prefix + ".";
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith(prefix) || name === "csrf_token") body.append(name, value);
    }
    if (act) body.set(prefix + "do", act);
    return body;
  }

  async function ask(builder, act) {
    const number = (asked.get(builder) || 0) + 1;
    asked.set(builder, number);
    const reply = await fetch(builder.dataset.condition, { method: "POST", credentials: "same-origin", body: fields(builder, act) });
    if (!reply.ok) throw new Error(String(reply.status));
    const body = await reply.json();
    return asked.get(builder) === number ? body : null;
  }

  function say(builder, body) {
    const [chinese, english] = builder.querySelectorAll("[data-said] p");
    if (chinese.textContent !== body.zh) chinese.textContent = body.zh;
    if (english.textContent !== body.en) english.textContent = body.en;
  }

  /* Draw the rows anew; what the page itself says around them stays. */
  async function redraw(builder, act, focus) {
    const body = await ask(builder, act);
    if (!body) return;
    const holder = document.createElement("template");
    holder.innerHTML = body.html;
    const drawn = holder.content.querySelector("[data-condition]");
    drawn.querySelector("legend").replaceWith(builder.querySelector("legend"));
    const hint = builder.querySelector(":scope > .hint");
    if (hint) drawn.querySelector("legend").after(hint);
    builder.replaceWith(drawn);
    focus(drawn)?.focus();
    drawn.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const tell = (builder) => ask(builder, "show").then((body) => { if (body) say(builder, body); }, () => {});

  function afterwards(act) {
    const [what, row] = act.split(":");
    return (drawn) => {
      if (what === "remove") return drawn.querySelector(".cond-acts [value=add]");
      const within = row ? drawn.querySelector(`[data-row="${CSS.escape(row)}"]`) : drawn;
      const menus = within.querySelectorAll("select[name$='.question']");
      return menus[menus.length - 1];
    };
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    const builder = button && around(button);
    if (!builder || !button.name.endsWith(".do") || event.defaultPrevented || button.dataset.plain) return;
    event.preventDefault();
    redraw(builder, button.value, afterwards(button.value)).catch(() => {
      button.dataset.plain = "1"; // the form can do it
      button.click();
    });
  });
  document.addEventListener("change", (event) => {
    const builder = around(event.target);
    if (!builder) return;
    if (!("redraw" in event.target.dataset)) { tell(builder); return; }
    const id = event.target.id;
    redraw(builder, "show", (drawn) => drawn.querySelector("#" + CSS.escape(id))).catch(() => {});
  });
  document.addEventListener("input", (event) => {
    const builder = around(event.target);
    if (!builder || event.target.type !== "text") return;
    clearTimeout(timers.get(builder));
    timers.set(builder, setTimeout(() => tell(builder), QUIET));
  });
})();
