/* Counting characters, and taking over what was written last time.

   textarea[data-counter=id][data-limit=n]   writes “12 / 500 字” into that element; spaces and line ends do not count
   form [data-counter-total=name][data-limit=n]   the sum of all counted fields of its form
   button[data-copy-from=id][data-copy-to=id]     puts the text of the one into the field of the other */
(function () {
  "use strict";

  const count = (text) => Array.from(text.replace(/\s/g, "")).length;

  function show(place, number, limit) {
    place.textContent = `${number} / ${limit} 字` + (number > limit ? `，多 ${number - limit} 字` : "");
    place.classList.toggle("is-over", number > limit);
  }

  function countField(field) {
    const place = document.getElementById(field.getAttribute("data-counter"));
    if (place) show(place, count(field.value), Number(field.getAttribute("data-limit")));
  }

  function countForm(form) {
    const fields = form.querySelectorAll("[data-counter]");
    const number = Array.from(fields).reduce((sum, field) => sum + count(field.value), 0);
    for (const place of document.querySelectorAll(`[data-counter-total="${form.id}"]`)) show(place, number, Number(place.getAttribute("data-limit")));
  }

  function countAll() {
    document.querySelectorAll("[data-counter]").forEach(countField);
    document.querySelectorAll("form[id]").forEach(countForm);
  }

  document.addEventListener("DOMContentLoaded", countAll);
  document.addEventListener("htmx:afterSwap", countAll);
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-counter]")) return;
    countField(event.target);
    if (event.target.form) countForm(event.target.form);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-from]");
    if (!button) return;
    const field = document.getElementById(button.getAttribute("data-copy-to"));
    const text = document.getElementById(button.getAttribute("data-copy-from")).textContent.trim();
    if (field.value.trim() && field.value.trim() !== text && !window.confirm("这一栏已经写了内容，换成上次写的吗？")) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
})();
