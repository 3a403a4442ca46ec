/* Sums and shares of the weights while they are typed. What is stored is added up by the server. */
(() => {
  "use strict";
  const form = document.querySelector("[data-weights]");
  if (!form) return;
  const UNIT = 10000; // four decimals, so that whole numbers are added
  const WIDE = "０１２３４５６７８９．，";

  function read(text) {
    const plain = [...text.trim()].map((sign) => (WIDE.includes(sign) ? "0123456789.,"[WIDE.indexOf(sign)] : sign)).join("");
    return /^\d{1,4}(\.\d{1,4})?$/.test(plain) ? Math.round(Number(plain) * UNIT) : NaN;
  }

  function add(column) {
    const inputs = [...form.querySelectorAll("input.weight")].filter((input) => input.dataset.column === column);
    const weights = inputs.map((input) => read(input.value));
    const total = weights.reduce((sum, weight) => sum + (weight || 0), 0);
    inputs.forEach((input, at) => {
      const share = input.closest("tr").querySelectorAll("[data-share]");
      const own = share.length > 1 ? input.parentElement.querySelector("[data-share]") : share[0];
      own.textContent = total && weights[at] >= 0 ? ((weights[at] / total) * 100).toFixed(1) + "%" : "–";
    });
    const sum = [...form.querySelectorAll("[data-sum]")].find((cell) => cell.dataset.sum === column);
    sum.querySelector("strong").textContent = String(total / UNIT);
    const wanted = sum.dataset.wanted;
    if (!wanted) return;
    const alike = form.dataset.alike === "1" && (weights.every((w) => w === 0) || weights.every((w) => w === UNIT));
    const sound = alike || total === Math.round(Number(wanted) * UNIT);
    const cell = sum.closest("td");
    cell.querySelector("[data-sound]").hidden = !sound;
    cell.querySelector("[data-unsound]").hidden = sound;
  }

  form.addEventListener("input", (event) => {
    if (event.target.matches("input.weight")) add(event.target.dataset.column);
  });
})();
