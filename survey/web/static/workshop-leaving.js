/* A form that somebody types in for long: a word before typed changes are left behind, and nothing
   is sent that would not be taken because the session has ended meanwhile. Without it the page
   that says so has what was typed. */
"use strict";

(() => {
  const form = document.querySelector("form[data-gone]");
  if (!form) return;
  const SURE_FOR = 60000;
  const SIGNED_IN_HERE = "input[name=csrf_token]";
  let typed = false;
  form.dataset.knownAt = String(Date.now()); // when the server last knew who is writing here

  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { typed = true; });

  /* Whether somebody is still signed in; after another sign-in the form gets its new token. */
  const welcome = async () => {
    const page = await fetch(form.action, { headers: { Accept: "text/html" } });
    if (page.redirected) return false;
    const drawn = new DOMParser().parseFromString(await page.text(), "text/html");
    const token = drawn.querySelector(`#${form.id} ${SIGNED_IN_HERE}`);
    if (token) form.querySelector(SIGNED_IN_HERE).value = token.value;
    return true;
  };

  form.addEventListener("submit", async (event) => {
    if (Date.now() - Number(form.dataset.knownAt) < SURE_FOR) {
      typed = false;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    let stays = true;
    try {
      stays = await welcome();
    } catch {
      /* No connection: the browser tells. */
    }
    if (stays) {
      form.dataset.knownAt = String(Date.now());
      form.requestSubmit(button);
    } else {
      const said = form.querySelector("[data-said]");
      said.classList.add("fault");
      said.textContent = form.dataset.gone;
    }
  });

  addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
})();
