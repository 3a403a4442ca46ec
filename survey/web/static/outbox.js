/* Keeps what was typed until the server has it: through a lost connection, a closed window, a
   crash. Every page of an assessment loads this script and sends what still waits; the page of
   questions adds to it (answers.js). Nobody else's answers are ever sent or shown: each entry
   bears the account that typed it.

   An entry as it is stored: id, user, assessment, page, question, label, said (the answer in words),
   fields, client, seq, key, at, due, after (the key of an entry that was shown when this one was
   typed), state and message.
   state: "waiting", or why it is not sent again on this page: "conflict", "refused", …
   What this page knows of it besides: found (it was stored before), shown (in its field), stale
   (to be written to the store), kept (whether that was done), givenUp (another answer holds). */
(() => {
  "use strict";
  const strip = document.getElementById("outbox");
  if (!strip || !window.fetch || !window.AbortController) return;
  const facts = strip.dataset;
  const words = JSON.parse(facts.words);
  const live = document.getElementById("outbox-live");
  const AT_ONCE = 3; // requests
  const PATIENCE = 30000; // ms for one request
  const LONGEST_PAUSE = 30000;
  const STORE_PATIENCE = 3000; // ms for the store to open, or to take what it was given

  const entries = new Map(); // by id
  const busy = new Map(); // question → the entry that is on its way
  const listeners = [];
  const flushes = [];
  let token = document.querySelector("input[name=csrf_token]")?.value || "";
  let trouble = ""; // "offline", "unreachable", "broken", "too-fast", "signed-out", "somebody-else"
  let signIn = facts.signIn;
  let failures = 0;
  let rejected = 0; // tokens in a row
  let resting = 0; // no request before this time
  let timer = 0;

  const tell = (what, entry, body) => listeners.forEach((hear) => hear(what, entry, body));

  /* Also where a page is not served encrypted, and crypto.randomUUID is missing. */
  function uuid() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))];
    hex[6] = (hex[6] & 15) | 64;
    hex[8] = (hex[8] & 63) | 128;
    const text = hex.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // ------------------------------------------------------------------- store

  let database = null;

  /* Nobody waits for longer than this; a store that opens later is used from then on. */
  const opened = new Promise((done) => {
    let late = false;
    setTimeout(() => { late = true; done(); }, STORE_PATIENCE);
    try {
      const asked = indexedDB.open("qizhen", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", { keyPath: "id" });
      asked.onsuccess = () => {
        database = asked.result;
        done();
        if (late) refresh().then(keepAll);
      };
      asked.onerror = asked.onblocked = done;
    } catch (error) {
      done();
    }
  });

  /* One step in the store; whether it is done, and safe. */
  async function step(act) {
    await opened;
    return new Promise((done) => {
      if (!database) return done(false);
      try {
        const change = database.transaction("outbox", "readwrite");
        change.oncomplete = () => done(true);
        change.onabort = change.onerror = () => done(false);
        act(change.objectStore("outbox"));
      } catch (error) {
        done(false);
      }
    });
  }

  const writing = new Set();

  async function keep(entry) {
    entry.stale = true;
    if (writing.has(entry.id) && !isLeaving()) return; // of a page that goes nobody waits for the turn
    writing.add(entry.id);
    let last = entry;
    while (entries.get(entry.id)?.stale) {
      last = entries.get(entry.id);
      last.stale = false;
      const { stale, kept, ...plain } = last;
      last.kept = await step((store) => {
        store.put(plain);
        store.transaction.commit?.(); // also if the page goes away before it hears of this
      });
    }
    writing.delete(entry.id);
    if (entries.has(entry.id)) tell("stored", last); else (isLeaving() ? eraseLater : erase)(last);
    show();
  }

  /* Fulfilled when all that was typed is kept, or cannot be, or takes too long. */
  async function safe() {
    await opened;
    const until = Date.now() + STORE_PATIENCE;
    const unsure = () => [...entries.values()].some((entry) => entry.kept === null);
    while (unsure() && Date.now() < until) await new Promise((done) => setTimeout(done, 20));
  }

  /* What could not be kept while the store was not open. */
  function keepAll() {
    for (const entry of entries.values()) if (isUnkept(entry)) keep(entry);
    pump();
  }

  /* Only this very value: another window may have put a newer one in its place. */
  function erase(entry) {
    return step((store) => {
      const asked = store.get(entry.id);
      asked.onsuccess = () => {
        if (asked.result?.key === entry.key) store.delete(entry.id);
        store.transaction.commit?.();
      };
    });
  }

  let leaving = 0; // when this page was last about to be left
  const isLeaving = () => Date.now() - leaving < PATIENCE;

  /* The next page may have been drawn before this was saved: it finds the entry, shows it, and
     sends it once more, which changes nothing. If nobody leaves after all, it goes. */
  function eraseLater(entry) {
    setTimeout(() => erase(entry), PATIENCE);
  }

  /* All that is stored; null if nobody can tell. */
  async function load() {
    await opened;
    return new Promise((done) => {
      if (!database) return done(null);
      try {
        const asked = database.transaction("outbox").objectStore("outbox").getAll();
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => done(null);
      } catch (error) {
        done(null);
      }
    });
  }

  /* What other windows, closed or open, have left; without what they have seen to since. */
  async function refresh() {
    const stored = await load();
    if (!stored) return;
    const present = new Set(stored.map((entry) => entry.id));
    for (const entry of stored) {
      const ours = entry.user === facts.user && [entry.assessment, ""].includes(facts.assessment);
      if (!ours || entries.get(entry.id)?.seq >= entry.seq) continue;
      entries.set(entry.id, { ...entry, state: "waiting", message: "", due: 0, kept: true, found: true, shown: false });
    }
    for (const entry of entries.values()) {
      if (entry.found && !present.has(entry.id) && busy.get(entry.question) !== entry) entries.delete(entry.id);
    }
  }

  let loaded = false;
  const ready = refresh().then(() => { loaded = true; });

  // ----------------------------------------------------------------- entries

  /* What a form sends beside what was typed. */
  const isMark = (name) => /\.(seen|clash|keep)$/.test(name);
  const inOrder = () => [...entries.values()].sort((a, b) => a.at - b.at);
  const isUnkept = (entry) => entry.kept === false;
  const isUnsafe = (entry) => entry.state === "waiting" && (isUnkept(entry) || !(entry.kept || database));
  const of = (question) => inOrder().filter((entry) => entry.question === question);

  /* Takes the place of what the same page had typed before; comes after what it had found. */
  function put(entry) {
    const found = of(entry.question).filter((other) => other.id !== entry.id);
    const waiting = found.filter((other) => other.state === "waiting" && other.shown).pop();
    const before = entries.get(entry.id);
    entry.after = waiting && !(before && !before.after) ? waiting.key : "";
    if (entry.after) mark(entry, seenBy(waiting));
    found.filter((other) => other.state === "conflict" || (other.shown && other !== waiting)).forEach((other) => drop(other));
    entries.set(entry.id, entry);
    keep(entry);
    pump();
  }

  /* Fulfilled once the store has forgotten it, too. */
  function drop(entry, forget = erase) {
    if (entries.get(entry.id) === entry) entries.delete(entry.id);
    const gone = writing.has(entry.id) ? Promise.resolve() : forget(entry);
    show();
    return gone;
  }

  /* Somebody else's answer is kept. What was not sent yet still goes into the history. */
  function giveWay(question) {
    of(question).filter((entry) => !entry.found || entry.shown || entry.state === "conflict").forEach((entry) => {
      if (entry.state !== "waiting") { drop(entry); return; }
      mark(entry, "0.");
      keep(Object.assign(entry, { givenUp: true, due: 0 }));
    });
    pump();
  }

  /* What comes after it has seen it; not what was stored in its place. */
  function settle(entry, body) {
    const now = entries.get(entry.id);
    if (now?.key === entry.key) drop(now, isLeaving() ? eraseLater : erase);
    for (const later of entries.values()) {
      if (later.after !== entry.key) continue;
      later.after = "";
      if (body.state !== "late") mark(later, body.seen);
      keep(later);
    }
  }

  /* Who types on top of a waiting value has seen what its writer had, not what stands in the page
     behind it. Between two answers that writer had not chosen yet. */
  function seenBy(entry) {
    const said = (mark) => entry.fields.find(([name]) => name === `q_${entry.question}.${mark}`)?.[1];
    return said("clash") && said("keep") !== "mine" ? "0." : said("seen");
  }

  function mark(entry, seen) {
    const name = `q_${entry.question}.seen`;
    entry.fields = entry.fields.map(([own, value]) => [own, own === name ? seen : value]);
  }

  function park(entry, state, message) {
    const now = entries.get(entry.id);
    if (now?.key !== entry.key) return;
    if ([...entries.values()].some((later) => later.after === entry.key)) { drop(now); return; }
    now.state = state;
    now.message = message || words.broken;
    keep(now);
  }

  // ----------------------------------------------------------------- sending

  function pump() {
    clearTimeout(timer);
    const now = Date.now();
    const first = new Map();
    for (const entry of inOrder()) {
      if (entry.state === "waiting" && !first.has(entry.question)) first.set(entry.question, entry);
    }
    let next = Infinity;
    for (const [question, entry] of first) {
      const due = Math.max(entry.due, resting);
      if (busy.has(question)) continue;
      if (due > now) next = Math.min(next, due);
      else if (!token || trouble === "signed-out" || trouble === "somebody-else") { renew(); break; }
      else if (busy.size < AT_ONCE) send(entry);
    }
    if (next < Infinity) timer = setTimeout(pump, next - now);
    show();
  }

  function again() {
    failures = 0;
    resting = 0;
    entries.forEach((entry) => { entry.due = 0; });
    pump();
  }

  function rest(kind) {
    trouble = kind;
    failures += 1;
    resting = Date.now() + Math.min(LONGEST_PAUSE, 1000 * 2 ** (failures - 1));
    tell("trouble");
  }

  /* Nobody answered. That there is no network a browser knows; that there is one it only believes. */
  const silence = () => (navigator.onLine ? "unreachable" : "offline");

  function well() {
    failures = rejected = resting = 0;
    if (!trouble) return;
    trouble = "";
    tell("well");
  }

  async function ask(address, options) {
    const stop = new AbortController();
    const alarm = setTimeout(() => stop.abort(), PATIENCE);
    let status = 0;
    try {
      const reply = await fetch(address, {
        credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options,
        headers: { Accept: "application/json", "Content-Type": "application/json", ...options.headers },
      });
      status = reply.status;
      return [status, await reply.json()];
    } catch (error) { // no connection, or something that is not ours answered
      return [status >= 400 ? status : 0, {}];
    } finally {
      clearTimeout(alarm);
    }
  }

  /* A page that belongs to no assessment sends for all of them. */
  const within = (entry, address) => address.replace("/0/", `/${entry.assessment}/`);

  async function send(entry) {
    busy.set(entry.question, entry);
    tell("sending", entry);
    const place = within(entry, facts.save).replace("KEY", entry.question).replace("PAGE", entry.page);
    const { fields, client, seq, user } = entry;
    const text = JSON.stringify({ fields, client, seq, user: Number(user) });
    const [status, body] = await ask(place, {
      method: "POST",
      headers: { "X-CSRFToken": token, "Idempotency-Key": entry.key },
      body: text,
      keepalive: document.visibilityState === "hidden" && text.length < 15000,
    });
    busy.delete(entry.question);
    answered(entry, status, body);
    tell("landed", entry);
    pump();
  }

  function answered(entry, status, body) {
    if (status === 200 && ["saved", "kept", "late"].includes(body.state)) {
      well();
      settle(entry, body);
      tell("settled", entry, body);
    } else if (status === 401) {
      signIn = body.sign_in || signIn;
      rest("signed-out");
    } else if (status === 400 && body.state === "expired") {
      token = "";
      rejected += 1;
      if (rejected > 1) rest("broken");
    } else if (status === 0) {
      rest(silence());
    } else if (status === 429) {
      rest("too-fast");
    } else if (status >= 500 || status === 408 || status < 400) {
      rest("broken");
    } else if (entry.givenUp && body.state === "conflict") {
      well();
      settle(entry, body);
      tell("noted", entry);
    } else {
      well();
      park(entry, body.state || "refused", body.message);
      tell("parked", entry, body);
    }
  }

  let renewing = false;

  /* A token of the session as it is now, if it is still the same person's. */
  async function renew() {
    if (renewing) return;
    renewing = true;
    const [status, body] = await ask(facts.token, {});
    renewing = false;
    if (status === 200 && body.user === Number(facts.user)) {
      token = body.token;
      document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
      trouble = "";
      if (rejected < 2) failures = resting = 0;
      tell("well");
    } else if (status === 200) {
      rest("somebody-else");
    } else if (status === 401 || status === 403) {
      signIn = body.sign_in || signIn;
      rest("signed-out");
    } else {
      rest(status ? "broken" : silence());
    }
    pump();
  }

  // ----------------------------------------------------------------- telling

  /* Why nothing is sent now, in words. Of what is not in the store yet nobody says that it is. */
  function said(...waiting) {
    if (trouble && waiting.some(isUnkept)) return words.unkept;
    return (!waiting.some((entry) => entry.kept === null) && words[trouble]) || words.saving;
  }

  let announced = "";

  function announce(text) {
    if (text === announced) return;
    announced = text;
    live.textContent = text;
  }

  const make = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };

  /* For what an earlier version has kept, which knew no words of it. */
  const raw = (entry) => entry.fields.filter(([name]) => !isMark(name)).map(([, value]) => value).join(" ");

  function line(entry) {
    const link = make("a", { href: within(entry, facts.page).replace("PAGE", entry.page) + "#q_" + entry.question }, entry.label);
    const item = make("li", {}, link, " ");
    if (entry.state === "waiting") return item;
    item.append(make("span", {}, entry.state === "conflict" ? words.choose : entry.message));
    if (entry.state === "conflict") return item;
    const away = make("button", { type: "button", className: "text-act" }, words.discard);
    away.addEventListener("click", () => {
      if (!confirm(words.sure)) return;
      drop(entry).then(() => tell("discarded", entry)); // the page is loaded anew, and looks there
    });
    item.append(" ", make("q", {}, entry.said ?? raw(entry)), " ", away);
    return item;
  }

  let wanted = null; // the form by which somebody wants to go on, and is told what waits
  let waited = false; // something was waiting here
  let unfolded = false;

  function show() {
    const all = inOrder();
    const elsewhere = all.filter((entry) => entry.page !== facts.here);
    const shownHere = ["waiting", "conflict"]; // their question says it itself
    const listed = wanted ? all : all.filter((entry) => elsewhere.includes(entry) || !shownHere.includes(entry.state));
    const troubled = Boolean(trouble && all.length);
    if (!all.length) { wanted = null; unfolded = false; }
    if (elsewhere.length) waited = true;
    const parts = noted ? [make("p", {}, noted)] : [];
    if (troubled || listed.length) parts.push(folded(all, listed, troubled));
    if (troubled && trouble === "signed-out") {
      parts.push(make("a", { href: signIn, target: "_blank", rel: "opener" }, words.signIn));
    }
    if (!parts.length && waited && !facts.here) {
      parts.push(make("p", {}, words.done, " ", make("a", { href: location.href }, words.reload)));
    }
    const print = parts.map((part) => part.outerHTML).join("");
    if (print === drawn) return;
    drawn = print;
    const focused = strip.contains(document.activeElement);
    strip.replaceChildren(...parts);
    strip.hidden = !parts.length;
    if (focused && parts.length) (strip.querySelector("summary, button, a") || strip).focus();
    makeRoom();
  }

  /* Why nobody can go on: in one line, and read out. To wait helps only while something is sent. */
  function hindrance() {
    const all = inTheWay(wanted);
    const isOpen = (entry) => entry.state === "conflict";
    const clashes = new Set(all.filter(isOpen).map((entry) => `${entry.assessment}/${entry.question}`)).size;
    const line = (key, number) => words.inShort[key].replace("{number}", number);
    if (all.some((entry) => entry.state === "waiting")) return { inShort: line("wait", all.length), aloud: words.wait };
    const text = clashes ? line(clashes === 1 ? "chooseOne" : "chooseSeveral", clashes) : line("stuck", all.length);
    return { inShort: text, aloud: text };
  }

  /* One line, because it lies over the page; the rest for those who open it. */
  function folded(all, listed, troubled) {
    const unkept = all.some(isUnkept);
    const stuck = listed.some((entry) => entry.state !== "waiting");
    const inShort = troubled ? (unkept ? "unkept" : trouble) : stuck ? "stuck" : "sending";
    const number = troubled ? all.length : listed.length;
    const text = wanted ? hindrance().inShort : words.inShort[inShort].replace("{number}", number);
    const made = make("details", { open: unfolded }, make("summary", {}, text));
    made.addEventListener("toggle", () => { unfolded = made.open; makeRoom(); });
    if (troubled) made.append(make("p", {}, said(...all)));
    if (listed.length) made.append(make("ul", {}, ...listed.map(line)));
    if (!troubled) return made;
    const more = make("button", { type: "button", className: "btn btn-outline-primary" }, words.again);
    more.addEventListener("click", again);
    made.append(more);
    return made;
  }

  /* What has the focus is never behind the strip. */
  function makeRoom() {
    const root = document.documentElement.style;
    root.scrollPaddingBottom = strip.hidden ? "" : `${strip.offsetHeight + 16}px`;
    const active = document.activeElement;
    if (strip.hidden || active === document.body || strip.contains(active)) return;
    const { top, bottom } = active.getBoundingClientRect();
    if (top < innerHeight && bottom > strip.getBoundingClientRect().top) active.scrollIntoView({ block: "nearest" });
  }

  let drawn = "";
  let noted = "";

  function note(text) {
    noted = text;
    show();
  }

  // ---------------------------------------------------- going on, and leaving

  const leaves = (form) => /\/logout$/.test(form.getAttribute("action") || "");
  const holds = (form) => form.id === "answers" || leaves(form) || /\/submit$/.test(form.getAttribute("action") || "");
  const inTheWay = (form) => inOrder().filter((entry) => form.id !== "answers" || entry.page === facts.here);
  const GRACE = 10000; // ms without progress, and a press is forgotten: nobody hands in by surprise
  let passed = null;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.submitter?.name === "language" || !holds(form) || passed === form) return;
    flushes.forEach((flush) => flush());
    if (form.id === "answers" && loaded && !inTheWay(form).length) return;
    event.preventDefault();
    const submitter = event.submitter;
    let until = Date.now() + GRACE;
    let before = Infinity; // how many waited at the last look
    again();
    const pass = () => {
      passed = form;
      wanted = null;
      form.requestSubmit(submitter);
      passed = null;
    };
    const look = () => {
      const waiting = inTheWay(form);
      if (waiting.length < before) until = Date.now() + GRACE;
      before = waiting.length;
      if (waiting.length && trouble && !wanted) { // the press was taken, and why nothing happens
        wanted = form;
        show();
        announce(hindrance().aloud);
      }
      const moving = waiting.some((entry) => entry.state === "waiting") && !(leaves(form) && trouble && !busy.size);
      if (!waiting.length) pass();
      else if (Date.now() < until && moving) setTimeout(look, 60);
      else if (leaves(form) && confirm(waiting.some(isUnsafe) ? words.leaveUnkept : words.leave)) pass();
      else {
        wanted = form;
        unfolded = true;
        show();
        announce(hindrance().aloud);
        strip.focus();
      }
    };
    refresh().then(() => { pump(); setTimeout(look); }); // not before this event is over: one form, one event
  });

  addEventListener("online", again);
  addEventListener("offline", () => { if (entries.size) { trouble = trouble || "offline"; tell("trouble"); show(); } });
  addEventListener("focus", () => { if (trouble) again(); });
  addEventListener("pageshow", (event) => { if (event.persisted) again(); });
  document.addEventListener("visibilitychange", () => {
    flushes.forEach((flush) => flush());
    again();
  });
  const goes = () => {
    leaving = Date.now();
    flushes.forEach((flush) => flush());
    for (const entry of entries.values()) if (entry.stale) keep(entry); // what waited for its turn
  };
  addEventListener("pagehide", goes);
  addEventListener("beforeunload", (event) => {
    goes();
    if ([...entries.values()].some(isUnsafe)) event.preventDefault();
  });

  ready.then(pump);
  window.outbox = {
    words, facts, ready, safe, uuid, of, put, giveWay, said, announce, ask, note, isMark, isUnkept,
    hear: (listener) => listeners.push(listener),
    flush: (act) => flushes.push(act),
    token: () => token,
  };
})();
