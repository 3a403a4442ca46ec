/* The contents of a question bank: parts are dragged by their handles into a list that fits.
   What happens is what the buttons and the page "Move elsewhere" do; without a script those serve. */
"use strict";

(() => {
  const form = document.getElementById("move");
  if (!form) return;
  let held = null;

  const listOf = (node) => node.closest("[data-list]");
  const sortOf = (node) => listOf(node).dataset.sort;

  const clear = () => {
    for (const marked of document.querySelectorAll(".ws-before, .ws-after, .ws-into")) {
      marked.classList.remove("ws-before", "ws-after", "ws-into");
    }
  };

  /* Where the held part would go: beside a node, or into a list that has none. */
  const target = (event) => {
    const node = event.target.closest("[data-node]");
    if (node && node !== held && sortOf(node) === sortOf(held)) {
      const box = node.getBoundingClientRect();
      return { node, after: event.clientY > box.top + box.height / 2 };
    }
    const list = event.target.closest("[data-list]");
    if (list && !list.children.length && list.dataset.sort === sortOf(held)) return { list };
    return null;
  };

  const send = (fields) => {
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    form.submit();
  };

  const drop = ({ node, after, list }) => {
    const into = list || listOf(node);
    const items = [...into.children].filter((item) => item !== held.parentElement);
    const at = node ? items.indexOf(node.parentElement) + (after ? 1 : 0) : 0;
    const stays = into === listOf(held) && [...into.children].indexOf(held.parentElement) === at;
    if (!stays) send({ place: held.dataset.node, list: into.dataset.list, at });
  };

  for (const grip of document.querySelectorAll("[data-grip]")) {
    const node = grip.closest("[data-node]");
    grip.draggable = true;
    grip.addEventListener("dragstart", (event) => {
      held = node;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", node.dataset.node);
      event.dataTransfer.setDragImage(node, 10, 10);
      node.classList.add("ws-held");
    });
    grip.addEventListener("dragend", () => {
      clear();
      node.classList.remove("ws-held");
      held = null;
    });
  }

  document.addEventListener("dragover", (event) => {
    const found = held && target(event);
    clear();
    if (!found) return;
    event.preventDefault();
    if (found.list) found.list.classList.add("ws-into");
    else found.node.classList.add(found.after ? "ws-after" : "ws-before");
  });
  document.addEventListener("drop", (event) => {
    const found = held && target(event);
    if (!found) return;
    event.preventDefault();
    drop(found);
  });

  /* One open menu at a time; Escape closes it. */
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".ws-more[open]")) return;
    for (const other of document.querySelectorAll(".ws-more[open]")) {
      if (other !== event.target) other.open = false;
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".ws-more[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
