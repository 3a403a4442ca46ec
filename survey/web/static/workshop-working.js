/* A form whose answer takes some seconds: its button says so at once, and a second press sends
   nothing. Without it the same form is sent, and the browser shows that it waits. */
"use strict";

for (const form of document.querySelectorAll("form[data-working]")) {
  const button = form.querySelector("button:not([name])");
  const said = form.querySelector("[data-said]");
  const words = button.textContent;
  let sent = false;

  const say = (working) => {
    sent = working;
    form.setAttribute("aria-busy", String(working));
    button.classList.toggle("busy", working);
    button.textContent = working ? form.dataset.working : words;
    said.textContent = working ? form.dataset.long : "";
  };

  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    else say(true);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) say(false); // back from the answer
  });
}
