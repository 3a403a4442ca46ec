/* A file that is too large is told before it is sent: over a slow line that spares minutes. */
"use strict";

document.querySelectorAll("input[type=file][data-most-bytes]").forEach((input) => {
  input.addEventListener("change", () => {
    const { mostBytes, tooLarge } = input.dataset;
    const large = [...input.files].some((file) => file.size > Number(mostBytes));
    input.setCustomValidity(large ? tooLarge : "");
    if (large) input.reportValidity();
  });
});
