/* A score sheet: form[data-score-sheet]. A tapped 扣分情形 takes its points off the full mark, − and + and the arrow keys go by half
   points, the sum of one's own lines runs along, Enter confirms the branch. Without JavaScript the server does the same sums. */
(function () {
  "use strict";

  function hundredths(text) {
    const plain = text.replace(/[０-９．。]/g, (c) => (c === "．" || c === "。" ? "." : String.fromCharCode(c.charCodeAt(0) - 0xfee0))).trim();
    return /^\d{1,4}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : NaN;
  }
  const words = (value) => String(value / 100);

  function watch(form) {
    const sum = document.querySelector("[data-sum]");
    const lines = Array.from(form.querySelectorAll("[data-line]"), (box) => ({
      box,
      field: box.querySelector("input[name^='mark-']"),
      cases: Array.from(box.querySelectorAll("input[type=checkbox]")),
      most: Number(box.getAttribute("data-most")),
      step: Number(box.getAttribute("data-step")),
    }));

    function add() {
      const values = lines.map((line) => hundredths(line.field.value));
      if (sum && !values.some(Number.isNaN)) sum.textContent = words(values.reduce((all, one) => all + one, 0));
    }
    function set(line, value) {
      if (line.field.readOnly) return;
      line.field.value = words(Math.min(line.most, Math.max(0, value)));
      line.box.classList.remove("is-pale");
      line.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function by(line, steps) {
      const now = hundredths(line.field.value);
      set(line, (Number.isNaN(now) ? line.most : now) + steps * line.step);
    }

    /* Only for the server's own sums where there is no JavaScript. */
    form.querySelectorAll("input[name^='shown-']").forEach((field) => field.remove());
    for (const line of lines) {
      line.box.querySelectorAll("[data-less], [data-more]").forEach((button) => {
        button.hidden = false;
        button.addEventListener("click", () => by(line, button.hasAttribute("data-less") ? -1 : 1));
      });
      line.cases.forEach((box) =>
        box.addEventListener("change", () =>
          set(line, line.most - line.cases.reduce((off, each) => off + (each.checked ? Number(each.getAttribute("data-off")) : 0), 0))));
      line.field.addEventListener("input", add);
      line.field.addEventListener("focus", () => line.field.select());
      line.field.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        by(line, event.key === "ArrowUp" ? 1 : -1);
      });
    }
    add();
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-score-sheet]").forEach(watch));
})();
