/* Sends files in pieces (the tus protocol 1.0.0), so that a broken connection costs a piece and
   a closed page can be taken up again by choosing the same file. Without this script there is a
   page with a plain form. */
(() => {
  "use strict";
  const pieces = document.getElementById("files-pieces");
  const form = document.getElementById("answers");
  if (!pieces || !form || !window.fetch) return;
  const words = pieces.dataset;
  const live = document.getElementById("files-live");
  const SMALLEST = 32 * 1024, BIGGEST = 1024 * 1024; // bytes of a piece
  const user = document.getElementById("outbox").dataset.user; // for whom this page was made
  const KEPT = "evidence " + user + " ";
  const DAY = 24 * 3600 * 1000; // then the server forgets an upload
  const queue = [];
  let token = form.elements.csrf_token.value;
  let signIn = document.getElementById("outbox").dataset.signIn;
  let size = 64 * 1024; // of the next piece: as much as goes in a second or two

  const say = (sentence) => { live.textContent = sentence; };
  const put = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const part = (selector) => pieces.content.querySelector(selector).cloneNode(true);
  const percent = (job) => Math.floor((100 * job.sent) / (job.size || 1));
  const linkOf = (files) => files.querySelector("[data-files-link]");
  const filesOf = (element) => element && element.closest("[data-question]")?.querySelector("[data-files]");

  /* What is remembered of an upload that has begun; without storage it only lasts with the page. */
  const memory = {
    key: (address, file) => KEPT + [address, file.name, file.size, file.lastModified].join("|"),
    read(key) { try { return localStorage.getItem(key)?.split(" ")[0]; } catch { return null; } },
    write(key, url) { try { localStorage.setItem(key, url + " " + Date.now()); } catch { /* full or forbidden */ } },
    forget(key) { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
    keys() { try { return Object.keys(localStorage).filter((key) => key.startsWith(KEPT)); } catch { return []; } },
    /* Names of files stay no longer than they are of use, whoever left them here. */
    tidy() {
      try {
        Object.keys(localStorage).filter((key) => key.startsWith("evidence ")).forEach((key) => {
          const at = Number(localStorage.getItem(key).split(" ")[1]);
          if (!(Date.now() - at < DAY)) localStorage.removeItem(key);
        });
      } catch { /* forbidden */ }
    },
  };

  // ------------------------------------------------------------------- protocol

  /* A refusal ends an upload until somebody tries again; anything else is tried again by itself.
     `final` says that the file itself is refused, and would be once more. */
  class Refused extends Error {
    constructor(sentence, final = false) {
      super(sentence);
      this.final = final;
    }
  }

  async function ask(method, url, headers, body, signal) {
    const reply = await fetch(url, {
      method, body, signal, credentials: "same-origin", redirect: "manual",
      headers: { "Tus-Resumable": "1.0.0", ...own(), ...headers },
    });
    if (reply.ok || [404, 409, 410].includes(reply.status)) return reply;
    if (reply.status === 400) await renew();
    if (reply.status === 401 || reply.type === "opaqueredirect") await signedOut(reply);
    if ([400, 408, 423, 429, 460, 500, 502, 503, 504].includes(reply.status)) throw new Error(words.busy);
    throw new Refused(await reason(reply), reply.status === 422);
  }

  /* Where to sign in, if the server says so. */
  async function signedOut(reply) {
    try { signIn = (await reply.json()).sign_in || signIn; } catch { /* the address that is known */ }
    throw new Error(words.signedOut);
  }

  async function reason(reply) {
    try { return (await reply.json()).message || words.broken; } catch { return words.broken; }
  }

  /* What tells that a request comes from this page, and for whom it was made. */
  const own = () => ({ "X-CSRFToken": token, "X-Signed-In": user, Accept: "application/json" });

  /* The token of a session that began after this page was opened, unless somebody else's. */
  async function renew() {
    const reply = await fetch("/answers/token", { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (reply.status === 401) await signedOut(reply);
    if (!reply.ok) return;
    const now = await reply.json();
    if (String(now.user) !== user) throw new Error(words.signedOut);
    token = now.token;
  }

  const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

  async function begin(job) {
    const headers = { "Upload-Length": String(job.size), "Upload-Metadata": "filename " + base64(job.name) };
    const reply = await ask("POST", job.address, headers);
    if (!reply.ok) throw new Refused(await reason(reply));
    job.url = reply.headers.get("Location");
    job.sent = 0;
    memory.write(job.key, job.url);
  }

  /* Where to go on. What nobody knows any more, or is somebody else's, begins anew. */
  async function locate(job) {
    const reply = job.url && (await ask("HEAD", job.url));
    if (!reply || !reply.ok) return begin(job);
    job.sent = Number(reply.headers.get("Upload-Offset"));
  }

  async function sendPiece(job) {
    job.abort = new AbortController();
    const piece = job.file.slice(job.sent, job.sent + size);
    const started = performance.now();
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(job.sent) };
    const reply = await ask("PATCH", job.url, headers, piece, job.abort.signal);
    if (reply.status === 409 && !reply.headers.has("Upload-Offset")) throw new Refused(await reason(reply));
    if (!reply.ok) return locate(job);
    job.sent = Number(reply.headers.get("Upload-Offset"));
    const taken = performance.now() - started;
    if (taken < 1000) size = Math.min(BIGGEST, size * 2);
    if (taken > 4000) size = Math.max(SMALLEST, size / 2);
  }

  // ---------------------------------------------------------------------- uploads

  function show(job, sentence, wrong) {
    job.state.textContent = sentence;
    job.state.classList.toggle("state-wrong", Boolean(wrong));
    job.bar.value = percent(job);
    const [again, door] = ["[data-again]", "[data-sign-in]"].map((each) => job.line.querySelector(each));
    again.hidden = !(wrong && job.file && !job.hopeless);
    door.hidden = sentence !== words.signedOut;
    door.href = signIn;
  }

  async function run(job) {
    let failures = 0;
    let located = false;
    if (!job.paused && !job.ended) say(put(words.begun, job));
    while (!job.paused && !job.ended) {
      try {
        if (!located || failures) await locate(job);
        located = true;
        while (job.sent < job.size && !job.paused && !job.ended) {
          show(job, job.sent + size < job.size ? put(words.sending, { percent: percent(job) }) : words.checking);
          await sendPiece(job);
          failures = 0;
        }
        if (job.sent >= job.size) return await kept(job);
      } catch (error) {
        if (job.paused || job.ended) return;
        if (error instanceof Refused) return refused(job, error.message, error.final);
        const sentence = error instanceof TypeError || !error.message ? words.offline : error.message;
        show(job, sentence, true);
        if (!failures) say(sentence);
        size = Math.max(SMALLEST, size / 2);
        await patience(job, 1000 * Math.min(sentence === words.busy ? 4 : 30, 2 ** failures++));
      }
    }
  }

  /* Wait, but no longer than until the connection is back, its reader is, or somebody decides. */
  const patience = (job, ms) => new Promise((resolve) => {
    const over = new AbortController();
    const go = () => { over.abort(); resolve(); };
    job.wake = go;
    ["online", "focus"].forEach((kind) => addEventListener(kind, go, { signal: over.signal }));
    setTimeout(go, ms);
  });

  async function work() {
    if (work.busy) return;
    work.busy = true;
    for (let job = queue.shift(); job; job = queue.shift()) {
      job.running = true;
      await run(job);
      job.running = false;
    }
    work.busy = false;
  }

  async function kept(job) {
    job.ended = true;
    memory.forget(job.key);
    job.line.remove();
    say(put(words.kept, job));
    await refresh(job.files);
    if (named(job)) say(put(words.named, job));
  }

  /* A file counts by what is named above it: the first one names a document of the firm's own,
     unless something is named already or there is no answer that it could support. */
  function named(job) {
    const box = job.files.closest("[data-question]");
    const proof = job.files.closest("[data-evidence]");
    const [grade, note] = ["evidence", "note"].map((part) => proof?.querySelector(`[name$=".${part}"]`));
    const answered = [...box.querySelectorAll("input, select, textarea")].some((field) => !proof?.contains(field) &&
      field.type !== "hidden" && field.value && (field.checked || !["radio", "checkbox"].includes(field.type)));
    if (!grade || !note || grade.value || note.value.trim() || !answered) return false;
    grade.value = "document";
    note.value = job.name.replace(/\.[^.]*$/, "").slice(0, note.maxLength > 0 ? note.maxLength : 100);
    [grade, note].forEach((field) => {
      ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
    });
    return true;
  }

  function refused(job, sentence, final) {
    job.ended = true;
    job.hopeless = final;
    job.line.dataset.key = job.key; // the same file, chosen once more, takes this place
    if (final) memory.forget(job.key);
    show(job, sentence, true);
    say(job.name + " " + sentence);
    tools(job, words.dismiss);
  }

  /* Once more what was refused; at once what waits for the line or for its reader to sign in. */
  function again(job) {
    if (job.ended) {
      job.ended = false;
      delete job.line.dataset.key;
      tools(job, words.cancel);
      show(job, words.waiting);
      queue.push(job);
      work();
    }
    job.wake?.();
    job.pause.focus();
  }

  /* What is over has no bar and nothing to pause. */
  function tools(job, away) {
    job.bar.hidden = job.pause.hidden = job.ended;
    label(job.line.querySelector("[data-cancel]"), away, job.name);
  }

  function pause(job) {
    job.paused = !job.paused;
    label(job.pause, job.paused ? words.goOn : words.pause, job.name);
    show(job, job.paused ? put(words.paused, { percent: percent(job) }) : words.waiting);
    if (job.paused) { job.abort?.abort(); job.wake?.(); say(job.state.textContent); return; }
    if (!job.running && !queue.includes(job)) queue.push(job);
    work();
  }

  async function cancel(job) {
    const { files, url } = job;
    job.ended = true;
    job.abort?.abort();
    job.wake?.();
    if (queue.includes(job)) queue.splice(queue.indexOf(job), 1);
    memory.forget(job.key);
    job.line.remove();
    files.querySelector("input[type=file]").focus();
    if (url) await ask("DELETE", url).catch(() => {}); // what is left is swept after a day
  }

  function label(button, text, name) {
    button.textContent = text;
    button.setAttribute("aria-label", text + " " + name);
  }

  function lineOf(files, name) {
    const line = part(".upload");
    line.querySelector("[data-name]").textContent = name;
    line.querySelector("progress").setAttribute("aria-label", name);
    line.querySelectorAll("button").forEach((button) => label(button, button.textContent, name));
    files.querySelector("[data-uploads]").append(line);
    return line;
  }

  function add(files, file, name = file.name) {
    const address = linkOf(files).pathname;
    const key = memory.key(address, file);
    files.querySelectorAll("[data-key]").forEach((line) => { if (line.dataset.key === key) line.remove(); });
    const line = lineOf(files, name);
    const job = {
      files, file, name, address, key, line, size: file.size, sent: 0, url: memory.read(key),
      state: line.querySelector("[data-state]"), bar: line.querySelector("progress"),
      pause: line.querySelector("[data-pause-it]"),
    };
    job.pause.addEventListener("click", () => pause(job));
    line.querySelector("[data-again]").addEventListener("click", () => again(job));
    line.querySelector("[data-cancel]").addEventListener("click", () => cancel(job));
    if (!file.size) return refused(job, words.empty, true);
    if (file.size > Number(words.most)) return refused(job, words.large, true);
    show(job, words.waiting);
    queue.push(job);
    work();
  }

  // ------------------------------------------------------------------------ lists

  async function refresh(files) {
    try {
      const reply = await fetch(linkOf(files).pathname + "/list", { credentials: "same-origin", headers: own() });
      if (!reply.ok || reply.redirected) return;
      files.querySelector("[data-files-list]").innerHTML = await reply.text();
      linked(files);
      const count = files.closest("details").querySelector("[data-files-count]");
      if (count) count.textContent = files.querySelector("[data-said]")?.dataset.said || "";
      removable(files);
    } catch { /* the list is right again when the page is opened next */ }
  }

  /* All that can be done there can be done here, unless there are more files than are shown here. */
  function linked(files) {
    linkOf(files).hidden = files.dataset.files === "open" && !files.querySelector("[data-more]");
  }

  function removable(files) {
    files.querySelectorAll("[data-own]").forEach((line) => {
      const link = line.querySelector("a");
      const button = part("[data-remove]");
      button.dataset.remove = link.pathname + "/remove";
      button.querySelector(".off").textContent = " " + link.textContent;
      line.append(button);
      const before = button.innerHTML;
      let sure = false;
      button.addEventListener("blur", () => { sure = false; button.innerHTML = before; });
      button.addEventListener("click", async () => {
        if (!sure) { sure = true; button.textContent = words.really; return; }
        try {
          const reply = await fetch(button.dataset.remove, { method: "POST", credentials: "same-origin", headers: own() });
          say(await reason(reply));
          if (!reply.ok) { button.textContent = live.textContent; return; }
          await refresh(files);
          files.querySelector("input[type=file]")?.focus();
        } catch { say(words.offline); button.textContent = words.offline; }
      });
    });
  }

  /* Uploads of this question that an earlier page could not finish. */
  async function interrupted(files) {
    const start = KEPT + linkOf(files).pathname + "|";
    for (const key of memory.keys().filter((each) => each.startsWith(start))) {
      try {
        const url = memory.read(key);
        const reply = await ask("HEAD", url);
        const [sent, all] = ["Upload-Offset", "Upload-Length"].map((name) => Number(reply.headers.get(name)));
        if (!reply.ok || sent === all) { memory.forget(key); continue; }
        const job = { files, key, url, sent, size: all };
        job.line = lineOf(files, key.slice(start.length).split("|").slice(0, -2).join("|"));
        job.line.dataset.key = key;
        job.state = job.line.querySelector("[data-state]");
        job.bar = job.line.querySelector("progress");
        job.line.querySelector("[data-pause-it]").remove();
        job.line.querySelector("[data-cancel]").addEventListener("click", () => cancel(job));
        show(job, put(words.interrupted, { percent: percent(job) }));
        files.closest("details").open = true;
      } catch { /* asked again when the page is opened next */ }
    }
  }

  // -------------------------------------------------------- choose, drop and paste

  const MARKUP = /<(head|style|script)\b.*?<\/\1>|<!--.*?-->|<[^>]*>|&nbsp;/gis;

  /* A cell comes as text with a picture of itself: whoever pastes it means the text. */
  const carriesText = (clipboard) => Boolean(
    clipboard.getData("text/plain").trim() || clipboard.getData("text/html").replace(MARKUP, "").trim(),
  );

  function paste(event) {
    if (!event.clipboardData || carriesText(event.clipboardData)) return;
    const image = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    const files = image && filesOf(document.activeElement);
    if (!files || !files.querySelector("[data-uploads]")) { if (image) say(words.where); return; }
    event.preventDefault();
    const line = part(".files-name");
    const input = line.querySelector("input");
    const now = new Date();
    const stamp = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
    input.value = words.screenshot + " " + stamp;
    const ended = () => { line.remove(); files.querySelector("input[type=file]").focus(); };
    const take = () => {
      const name = (input.value.trim() || words.screenshot) + "." + image.type.split("/")[1];
      ended();
      add(files, new File([image], name, { type: image.type, lastModified: Number(now) }));
    };
    line.querySelector("[data-add]").addEventListener("click", take);
    line.querySelector("[data-discard]").addEventListener("click", ended);
    input.addEventListener("keydown", (key) => {
      if (key.key === "Enter") { key.preventDefault(); take(); }
      if (key.key === "Escape") ended();
    });
    files.querySelectorAll(".files-name").forEach((other) => other.remove());
    files.append(line);
    files.closest("details").open = true;
    input.select();
  }

  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

  /* Beside a question the browser would leave the page and show the file instead. */
  function missed(event) {
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.type === "drop") say(words.whereTo);
  }

  form.querySelectorAll("[data-files]").forEach((files) => {
    removable(files);
    linked(files);
    if (files.dataset.files !== "open") return;
    files.append(part(".files-add"));
    const input = files.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      [...input.files].forEach((file) => add(files, file));
      input.value = "";
    });
    const box = files.closest("[data-question]");
    const over = (event, is) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      box.classList.toggle("files-over", is);
    };
    box.addEventListener("dragover", (event) => over(event, true));
    box.addEventListener("dragleave", (event) => over(event, false));
    box.addEventListener("drop", (event) => {
      over(event, false);
      const dropped = [...event.dataTransfer.files];
      if (dropped.length) files.closest("details").open = true;
      dropped.forEach((file) => add(files, file));
    });
    interrupted(files);
  });
  memory.tidy();
  document.addEventListener("paste", paste);
  ["dragover", "drop"].forEach((kind) => document.addEventListener(kind, missed));
  addEventListener("beforeunload", (event) => { if (work.busy) event.preventDefault(); });
})();
