/* The page of questions: hands what is typed to the outbox (outbox.js), and says beside each
   question what became of it. Without script the page works all the same: its buttons send
   everything. */
(() => {
  "use strict";
  const form = document.getElementById("answers");
  const outbox = window.outbox;
  if (!form || !outbox) return;
  const { words, facts, isMark } = outbox;
  const QUIET = 800; // ms without a key pressed, until half a text is sent
  const client = outbox.uuid();
  const boxes = [...form.querySelectorAll("[data-question]")];
  const progress = document.querySelector("[data-progress]");
  const known = new Map(); // box → what stood in it when it was last handed on
  const seqs = new Map();
  const theirs = new Map(); // box → a colleague's answer, as names and values
  const halves = new Map(); // box → the step that had a half step until another was chosen
  const later = new Map(); // box → what to say once nobody is in it any more

  const keyOf = (box) => box.dataset.question;
  const nameOf = (box) => "q_" + keyOf(box);
  const boxOf = (key) => boxes.find((box) => keyOf(box) === key);
  const own = (box, name) => name === nameOf(box) || name.startsWith(nameOf(box) + ".");
  const inputs = (box) => [...box.querySelectorAll("input, select, textarea")].filter((i) => own(box, i.name));
  const isTick = (input) => /^(radio|checkbox)$/.test(input.type);
  const lineOf = (box) => document.getElementById(nameOf(box) + "-state");
  const first = (box) => document.getElementById(nameOf(box));
  const within = (box) => box.contains(document.activeElement);

  // ------------------------------------------------------------------ values

  const chosen = (select) => [...select.options].find((option) => option.defaultSelected) || select.options[0];
  const asItIs = { ticked: (i) => i.checked, value: (i) => i.value };
  const asItCame = {
    ticked: (i) => i.defaultChecked,
    value: (i) => (i.options ? chosen(i).value : i.type === "text" ? i.defaultValue.replace(/[\r\n]/g, "") : i.defaultValue),
  };

  /* The names and values that a browser would send; of two answers none is chosen yet. */
  function fields(box, { ticked, value } = asItIs) {
    return inputs(box)
      .filter((i) => !i.name.endsWith(".keep") && !(isTick(i) && !ticked(i)))
      .map((i) => [i.name, value(i)]);
  }

  /* What is answered, in the words of the page. */
  const wordOf = (i) => i.getAttribute("aria-label") || i.parentNode.textContent.trim();
  const reading = (box) => inputs(box)
    .filter((i) => !isMark(i.name) && (isTick(i) ? i.checked : i.value.trim()))
    .map((i) => (isTick(i) ? wordOf(i) : i.options ? i.selectedOptions[0].text : i.value));

  const wordsOf = (legend) => [...legend.childNodes].map((node) => (node.hidden ? "" : node.textContent.trim())).filter(Boolean).join(" ");
  const typed = (list) => JSON.stringify(list.filter(([name]) => !isMark(name)));
  const empty = (list) => list.every(([name, value]) => isMark(name) || !value.trim());

  function fill(box, list) {
    const given = new Map();
    list.forEach(([name, value]) => given.set(name, [...(given.get(name) || []), value]));
    inputs(box).forEach((input) => {
      if (isMark(input.name)) return;
      const values = given.get(input.name) || [];
      if (isTick(input)) input.checked = values.includes(input.value);
      else input.value = values[0] || "";
    });
    known.set(box, typed(fields(box)));
    halves.delete(box);
    compute(box);
  }

  const revision = (seen) => parseInt(seen, 10) || 0;
  const drawn = new Map(); // box → the mark with which the page was drawn
  const setSeen = (box, seen) => { if (seen) form.elements[nameOf(box) + ".seen"].value = seen; };

  /* Hand on what stands in the box, if it is new. */
  function take(box, due, extra = []) {
    const list = [...fields(box), ...extra];
    const now = typed(list);
    if (now === known.get(box) && !extra.length) {
      if (!due) outbox.of(keyOf(box)).forEach((entry) => { if (entry.client === client) entry.due = 0; });
      return false;
    }
    known.set(box, now);
    const question = keyOf(box);
    const seq = (seqs.get(question) || 0) + 1;
    seqs.set(question, seq);
    later.delete(box);
    say(box, words.saving);
    outbox.put({
      id: [facts.user, facts.assessment, question, client].join("/"),
      user: facts.user, assessment: facts.assessment, page: facts.here, question,
      label: wordsOf(box.querySelector("legend")), said: reading(box).join(" · "),
      fields: list, client, seq, key: outbox.uuid(), at: Date.now(),
      due: due ? Date.now() + due : 0, after: "", state: "waiting", message: "", kept: null,
    });
    return true;
  }

  // ----------------------------------------------------------------- telling

  function say(box, text, kind = "") {
    const line = lineOf(box);
    line.textContent = text;
    line.classList.toggle("state-wrong", kind === "wrong");
    line.classList.toggle("state-odd", kind === "odd");
    box.classList.toggle("line-wrong", kind === "wrong");
  }

  let mood = "";

  /* Once per change of mood: a reader hears of the first saved answer, not of every one. */
  function announce(now, text) {
    if (now === mood && now === "saved") return;
    mood = now;
    outbox.announce(text);
  }

  function settled(entry, body) {
    const box = boxOf(entry.question);
    counted(body);
    if (!box) return;
    const waits = outbox.of(entry.question).length;
    if (!waits && entry.client !== client && revision(body.seen) < revision(drawn.get(box))) {
      fill(box, fields(box, asItCame)); // saved by a page before this one, and changed since
      say(box, words.changedSince);
      return;
    }
    setSeen(box, body.seen);
    if (waits) { say(box, words.saving); return; }
    if (body.state === "late") {
      if (entry.client !== client) fill(box, body.fields);
      say(box, body.message);
      return;
    }
    if (typed(entry.fields) !== known.get(box) && !within(box)) { // a choice was made meanwhile
      known.delete(box);
      take(box, 0);
      return;
    }
    box.querySelectorAll(".clash, .fault").forEach((part) => part.remove());
    const share = box.querySelector("[data-share]");
    if (share) share.textContent = body.share || share.dataset.empty;
    const understood = box.querySelector("[data-understood]");
    if (understood) understood.textContent = body.understood || "";
    const offer = box.querySelector("[data-offer]");
    if (offer && !empty(fields(box))) {
      const away = () => { offer.remove(); offers(); };
      if (offer.contains(document.activeElement)) offer.addEventListener("focusout", away, { once: true });
      else away();
    }
    if (body.problem && within(box)) {
      later.set(box, () => complain(box, body));
      say(box, words.soFar.replace("{time}", body.at));
    } else if (body.problem) {
      complain(box, body);
    } else if (body.unlikely) {
      say(box, body.message, "odd");
      announce("odd", body.unlikely);
    } else {
      say(box, body.message);
      announce("saved", body.message);
    }
  }

  function complain(box, body) {
    say(box, body.message, "wrong");
    announce("kept", body.message);
    const evidence = box.querySelector("[data-evidence]");
    if (evidence?.querySelector("input").value) evidence.open = true;
  }

  function parked(entry, body) {
    const box = boxOf(entry.question);
    if (!box || !outbox.of(entry.question).length) return;
    const text = body.message || words.broken;
    if (body.state === "conflict" && body.panel) {
      const before = place();
      box.querySelectorAll(".clash, .fault").forEach((part) => part.remove());
      const holder = document.createElement("template");
      holder.innerHTML = body.panel;
      lineOf(box).before(holder.content);
      setSeen(box, body.seen);
      theirs.set(box, body.fields);
      before();
    }
    if (outbox.of(entry.question).some((other) => other.state === "waiting")) return;
    say(box, text, "wrong");
    announce(body.state, text);
  }

  function trouble() {
    boxes.forEach((box) => {
      const waiting = outbox.of(keyOf(box)).filter((entry) => entry.state === "waiting" && !entry.givenUp);
      if (!waiting.length) return;
      say(box, outbox.said(...waiting), waiting.some(outbox.isUnkept) ? "wrong" : "odd");
    });
  }

  let flying = 0; // requests on their way
  let flights = 0; // in all
  let mixed = false; // of replies that crossed nobody can tell which is the newest

  outbox.hear((what, entry, body) => {
    if (what === "sending") { mixed = mixed || flying > 0; flying += 1; flights += 1; }
    if (what === "landed") {
      flying -= 1;
      if (!flying && mixed) { mixed = false; present(); }
    }
    if (what === "settled") settled(entry, body);
    else if (what === "parked") parked(entry, body);
    else if (what === "sending" && boxOf(entry.question) && !entry.givenUp) say(boxOf(entry.question), words.saving);
    else if (what === "trouble" || what === "well" || what === "stored") told(what);
    else if (what === "noted") noted(boxOf(entry.question));
    else if (what === "discarded") location.reload();
  });

  function told(what) {
    const troubled = outbox.said() !== words.saving;
    if (what === "stored" && !troubled) return;
    trouble();
    const waiting = boxes.flatMap((box) => outbox.of(keyOf(box)));
    if (troubled && waiting.length) announce("trouble", outbox.said(...waiting));
  }

  // -------------------------------------------------- what applies, and where

  /* Remembers where the reader is; call what it returns to put the page back there. */
  function place() {
    const active = document.activeElement;
    const visible = (element) => {
      const { bottom, top } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    const anchor = form.contains(active) && visible(active) ? active : boxes.find((box) => !box.hidden && visible(box));
    const top = anchor?.getBoundingClientRect().top;
    return () => {
      if (!anchor?.isConnected) return;
      const moved = anchor.getBoundingClientRect().top - top;
      if (moved) scrollBy({ top: moved, behavior: "instant" });
    };
  }

  let applies = null;

  function counted(body) {
    if (!body.visible || mixed) return;
    if (progress) progress.textContent = body.progress;
    applies = body;
    arrange();
  }

  /* A question that somebody is in vanishes only when it is left. */
  function arrange() {
    if (!applies) return;
    const back = place();
    boxes.forEach((box) => {
      const shown = applies.visible.includes(keyOf(box)) || (within(box) && !box.hidden);
      box.hidden = !shown;
      box.disabled = !shown;
      const optional = box.querySelector("[data-optional]");
      if (optional) optional.hidden = !applies.optional.includes(keyOf(box));
    });
    back();
  }

  // ----------------------------------------------------------------- figures

  const WIDE = "０１２３４５６７８９．，－＋\u00a0\u2007\u2009\u202f\u3000";

  function figure(text) {
    const plain = [...text.trim()].map((sign) => (WIDE.includes(sign) ? "0123456789.,-+     "[WIDE.indexOf(sign)] : sign)).join("");
    return /^[-+]?(\d{1,15}|\d{1,3}((,\d{3}){1,4}|( \d{3}){1,4}))(\.\d{1,9})?$/.test(plain) ? Number(plain.replace(/[, ]/g, "")) : NaN;
  }

  /* The share while it is typed; what the server says later is exact. */
  function compute(box) {
    const share = box.querySelector("[data-share]");
    if (!share) return;
    const value = (part) => figure(form.elements[nameOf(box) + part]?.value || "");
    const upper = value(".numerator"), lower = value(".denominator");
    const fits = upper >= 0 && lower > 0 && (upper <= lower || share.dataset.share === "any");
    if (!fits || !share.dataset.share) share.textContent = share.dataset.empty;
    else share.textContent = (Math.round((upper / lower) * 1000 + 1e-9) / 10).toLocaleString("en", { minimumFractionDigits: 1 }) + "%";
    const understood = box.querySelector("[data-understood]");
    if (understood) understood.textContent = "";
  }

  const cleared = new Map(); // box → which tick cleared which others: taken off at once, they come back

  /* The next step of another step is another one: the tick goes, and comes back with its step. */
  function halve(input, half, box) {
    if (input === half) halves.delete(box);
    if (input.type !== "radio") return;
    const former = JSON.parse(known.get(box) || "[]").find(([name]) => name === input.name)?.[1] || "_";
    const stands = former.startsWith("_") && !input.value.startsWith("_");
    if (half.checked && !former.startsWith("_")) halves.set(box, former);
    half.checked = halves.get(box) === input.value || (half.checked && stands);
  }

  /* Don't know, not applicable and “none” exclude the rest; the server checks the same. */
  function exclude(input, box) {
    const beside = (part) => form.elements[nameOf(box) + part];
    const excused = box.querySelector("[value=_not-applicable]:checked");
    if (isTick(input) && beside(".reason") && !excused) beside(".reason").value = "";
    if (beside(".half")) halve(input, beside(".half"), box);
    const gone = cleared.get(box);
    cleared.delete(box);
    if (gone?.by === input && !input.checked) gone.ticks.forEach((tick) => { tick.checked = true; });
    if (input.type !== "checkbox" || !input.checked) return;
    const special = (i) => i.name.endsWith(".state");
    const list = input.closest("[data-none]");
    const none = box.querySelector("[data-none]")?.dataset.none;
    const ticks = inputs(box).filter((i) => {
      if (i === input || !i.checked || i.type !== "checkbox" || i.name.endsWith(".half")) return false;
      const both = list && i.closest("[data-none]") === list;
      return special(input) || special(i) || (both && (input.value === none || i.value === none));
    });
    ticks.forEach((tick) => { tick.checked = false; });
    cleared.set(box, { by: input, ticks });
  }

  // ------------------------------------------------------------------ events

  const boxAround = (element) => element.closest?.("[data-question]");

  form.addEventListener("input", (event) => {
    const box = boxAround(event.target);
    if (!box || event.isComposing || /^(radio|checkbox|select-one|file)$/.test(event.target.type)) return;
    compute(box);
    take(box, QUIET);
  });
  form.addEventListener("compositionend", (event) => {
    const box = boxAround(event.target);
    if (box) take(box, QUIET);
  });
  form.addEventListener("change", (event) => {
    const box = boxAround(event.target);
    if (!box || !event.target.name || event.target.name.endsWith(".keep")) return;
    exclude(event.target, box);
    take(box, 0);
  });
  form.addEventListener("focusout", (event) => {
    const box = boxAround(event.target);
    if (!box || box.contains(event.relatedTarget)) return;
    take(box, 0);
    setTimeout(() => {
      if (within(box) && document.hasFocus()) return;
      later.get(box)?.();
      later.delete(box);
      arrange();
    });
  });
  outbox.flush(() => boxes.forEach((box) => { if (known.has(box)) take(box, 0); }));

  form.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.choose) choose(button);
    if (button.name === "clear") {
      event.preventDefault();
      clear(boxAround(button));
    }
    if (button.name !== "confirm") return;
    event.preventDefault();
    const wanted = button.value === "*" ? boxes.filter((box) => !box.hidden) : [boxOf(button.value)];
    wanted.forEach((box) => confirmOffer(box, button.value === "*"));
    if (button.value !== "*") first(wanted[0])?.focus();
  });

  function clear(box) {
    const before = known.get(box);
    fill(box, []);
    known.set(box, before);
    take(box, 0);
    first(box)?.focus();
  }

  // ------------------------------------------------------- two answers to one

  function choose(button) {
    const box = boxAround(button);
    const focus = first(box);
    if (button.dataset.choose === "mine") {
      take(box, 0, [[nameOf(box) + ".keep", "mine"]]);
    } else {
      outbox.giveWay(keyOf(box));
      box.querySelectorAll(".clash").forEach((part) => part.remove());
      fill(box, theirs.get(box));
      givenWay(box);
    }
    focus?.focus({ preventScroll: true });
  }

  /* Of what is still to be sent nobody may say that it is in the history. */
  function givenWay(box) {
    const waiting = outbox.of(keyOf(box)).some((entry) => entry.givenUp);
    const text = waiting ? words.theirsLater : words.theirs;
    say(box, text);
    announce("theirs", text);
  }

  function noted(box) {
    if (box && lineOf(box).textContent === words.theirsLater) givenWay(box);
  }

  // -------------------------------------------------- answers of the last time

  function confirmOffer(box, together) {
    const offer = box.querySelector("[data-offer]");
    if (!offer || !empty(fields(box)) || (together && "alone" in offer.dataset)) return;
    fill(box, JSON.parse(offer.dataset.offer));
    known.delete(box);
    take(box, 0);
  }

  function offers() {
    const all = document.getElementById("confirm-all");
    if (all && !form.querySelector("[data-offer]:not([data-alone])")) all.remove();
  }

  // -------------------------------------------------------- words and languages

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const term = event.target.closest?.("details.term[open]") || form.querySelector("details.term[open]");
    if (!term) return;
    term.open = false;
    term.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    form.querySelectorAll("details.term[open]").forEach((term) => {
      if (!term.contains(event.target)) term.open = false;
    });
  });

  const PLACE = "qizhen-place";
  let lastField = null;

  form.addEventListener("focusin", (event) => { lastField = event.target; });

  /* The same page in the other language, with what was typed, at the same place. */
  async function speak(button, byKeyboard) {
    boxes.forEach((box) => take(box, 0));
    const near = boxes.find((box) => !box.hidden && box.getBoundingClientRect().bottom > 0);
    const { name, value, selectionStart } = byKeyboard ? button : lastField || button;
    const kept = {
      path: location.pathname, name, value: name === "language" ? "" : value, start: selectionStart,
      box: near?.id, top: near?.getBoundingClientRect().top, y: scrollY,
    };
    const body = new URLSearchParams({ csrf_token: outbox.token(), language: button.value, next: "/healthz" });
    try {
      const reply = await fetch(facts.language, { method: "POST", credentials: "same-origin", body });
      if (!reply.ok) throw new Error(String(reply.status));
    } catch (error) {
      outbox.announce(words.languageFailed);
      outbox.note(words.languageFailed);
      return;
    }
    await outbox.safe();
    try { sessionStorage.setItem(PLACE, JSON.stringify(kept)); } catch (error) { /* from the top */ }
    location.replace(form.getAttribute("action"));
  }

  document.querySelectorAll("button[name=language]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      // A click without a pointer is a key only where the button has the focus: a voice command clicks from afar.
      speak(button, event.detail === 0 && document.activeElement === button);
    });
  });

  function backToPlace() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(PLACE));
      sessionStorage.removeItem(PLACE);
    } catch (error) { /* nothing is kept */ }
    if (kept?.path !== location.pathname) return false;
    const same = (i) => i.name === kept.name && (!kept.value || !/^(radio|checkbox)$/.test(i.type) || i.value === kept.value);
    const target = [...form.elements].find((i) => i.name && same(i));
    target?.focus({ preventScroll: true });
    try { if (kept.start != null) target.setSelectionRange(kept.start, kept.start); } catch (error) { /* no text */ }
    const near = document.getElementById(kept.box);
    if (near) scrollBy({ top: near.getBoundingClientRect().top - kept.top, behavior: "instant" });
    else scrollTo({ top: kept.y, behavior: "instant" });
    const at = target?.getBoundingClientRect(); // who scrolled up to the button goes on typing there
    if (at && (at.bottom < 0 || at.top > innerHeight)) target.scrollIntoView({ block: "center", behavior: "instant" });
    return true;
  }

  // ---------------------------------------------------------- who else is here

  const others = document.querySelector("[data-others]");

  async function present() {
    if (document.visibilityState === "hidden" || !others) return;
    const before = flights;
    const [status, body] = await outbox.ask(others.dataset.others, {
      method: "POST", headers: { "X-CSRFToken": outbox.token() }, body: "{}",
    });
    if (status !== 200) return;
    if (others.textContent !== body.message) others.textContent = body.message;
    if (!flying && before === flights) counted(body);
  }

  // ------------------------------------------------------------------- opening

  boxes.forEach((box) => {
    drawn.set(box, form.elements[nameOf(box) + ".seen"].value);
    known.set(box, typed(fields(box, asItCame)));
    take(box, QUIET); // what was typed before this script had come
  });
  const back = backToPlace();
  if (!back) {
    const target = location.hash.startsWith("#q_") && document.getElementById(location.hash.slice(1));
    if (target) target.focus();
    else document.getElementById("faults")?.focus();
  }
  outbox.ready.then(() => {
    boxes.forEach((box) => {
      const newest = outbox.of(keyOf(box)).filter((entry) => entry.client !== client && !entry.givenUp).pop();
      if (!newest || typed(fields(box)) !== known.get(box) || seqs.has(keyOf(box))) return;
      fill(box, newest.fields);
      newest.shown = true;
      say(box, outbox.said(newest));
    });
  });
  present();
  setInterval(present, 30000);
  document.addEventListener("visibilitychange", present);
})();
