/* The grid of rows: [data-grid=name] holds a table, a <template> with one row numbered __i__, an add button and a place to speak.
   Enter, ↑ and ↓ move between rows (Enter on the last one adds a row); a block pasted from Excel or WPS fills cells to the right and
   downwards, adding rows; a pasted block can be undone. Rows are renumbered name-0-…, name-1-… after every change. */
(function () {
  "use strict";

  const FIELDS = "input:not([type=hidden]), select, textarea";
  const body = (grid) => grid.querySelector("tbody");
  const fieldsOf = (row) => Array.from(row.querySelectorAll(FIELDS));
  const changed = (grid) => body(grid).dispatchEvent(new Event("change", { bubbles: true }));

  function say(grid, sentence) {
    const place = grid.querySelector("[data-grid-said]");
    place.textContent = sentence;
    return place;
  }

  function renumber(grid) {
    const name = grid.getAttribute("data-grid");
    const number = new RegExp(`^(${name}-)(?:\\d+|__i__)(?=-|$)`);
    Array.from(body(grid).rows).forEach((row, index) => {
      for (const node of row.querySelectorAll("*"))
        for (const attribute of ["name", "id", "for", "value", "aria-describedby", "data-counter"]) {
          if (attribute === "value" && !node.hasAttribute("data-grid-remove")) continue;
          if (node.hasAttribute(attribute)) node.setAttribute(attribute, node.getAttribute(attribute).replace(number, `$1${index}`));
        }
    });
  }

  function add(grid) {
    const most = Number(grid.getAttribute("data-grid-most"));
    if (body(grid).rows.length >= most) {
      say(grid, `最多 ${most} 行`);
      return null;
    }
    body(grid).append(grid.querySelector("template").content.cloneNode(true));
    renumber(grid);
    return body(grid).lastElementChild;
  }

  function remove(grid, row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    renumber(grid);
    say(grid, "已删除 1 行");
    (next ? next.querySelector("[data-grid-remove]") : grid.querySelector("[data-grid-add]")).focus();
    changed(grid);
  }

  function move(grid, field, step, mayAdd) {
    const row = field.closest("tr");
    const column = fieldsOf(row).indexOf(field);
    const next = (step > 0 ? row.nextElementSibling : row.previousElementSibling) || (mayAdd ? add(grid) : null);
    if (!next) return;
    const target = fieldsOf(next)[column];
    target.focus();
    if (target.select) target.select();
  }

  /* Cells as Excel and WPS copy them: tabs, line ends, and quotes around a cell that holds either. */
  function cells(text) {
    const rows = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
      const row = rows[rows.length - 1];
      const sign = text[i];
      if (quoted && sign === '"' && text[i + 1] === '"') (row[row.length - 1] += '"'), i++;
      else if (quoted && sign === '"') quoted = false;
      else if (!quoted && sign === '"' && row[row.length - 1] === "") quoted = true;
      else if (!quoted && sign === "\t") row.push("");
      else if (!quoted && sign === "\n") rows.push([""]);
      else if (sign !== "\r") row[row.length - 1] += sign;
    }
    if (rows[rows.length - 1].join("") === "") rows.pop();
    return rows;
  }

  function put(field, text) {
    const words = text.trim().replace(/\s*\n\s*/g, " ");
    if (field.tagName === "SELECT") {
      const option = Array.from(field.options).find((one) => one.text.trim() === words || one.value === words);
      if (option) field.value = option.value;
      return Boolean(option) || !words;
    }
    if (field.type === "checkbox") return (field.checked = /^(是|√|✓|1|true)$/i.test(words)), true;
    const date = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(words);
    field.value = date ? `${date[1]}-${date[2].padStart(2, "0")}-${date[3].padStart(2, "0")}` : words;
    return field.value !== "" || !words;
  }

  function paste(grid, field, text) {
    const before = Array.from(body(grid).rows).map((row) => fieldsOf(row).map((one) => (one.type === "checkbox" ? one.checked : one.value)));
    const column = fieldsOf(field.closest("tr")).indexOf(field);
    let row = field.closest("tr");
    let rows = 0;
    let missed = 0;
    for (const line of cells(text)) {
      row = rows ? row.nextElementSibling || add(grid) : row;
      if (!row) break;
      const fields = fieldsOf(row).slice(column);
      line.slice(0, fields.length).forEach((words, index) => (missed += put(fields[index], words) ? 0 : 1));
      rows += 1;
    }
    const place = say(grid, `已粘贴 ${rows} 行` + (missed ? `，有 ${missed} 格认不出，请看一下 ` : " "));
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "btn btn-quiet btn-sm";
    undo.textContent = "撤销粘贴";
    undo.addEventListener("click", () => {
      while (body(grid).rows.length > before.length) body(grid).lastElementChild.remove();
      before.forEach((values, index) => fieldsOf(body(grid).rows[index]).forEach((one, at) => (one.type === "checkbox" ? (one.checked = values[at]) : (one.value = values[at]))));
      say(grid, "已撤销粘贴");
      field.focus();
      changed(grid);
    });
    place.append(undo);
    changed(grid);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-grid-add], [data-grid-remove]");
    const grid = button && button.closest("[data-grid]");
    if (!grid) return;
    event.preventDefault();
    if (button.hasAttribute("data-grid-remove")) return remove(grid, button.closest("tr"));
    const row = add(grid);
    if (row) fieldsOf(row)[0].focus(), changed(grid);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const grid = field.closest && field.matches(FIELDS) && field.closest("[data-grid] tbody") && field.closest("[data-grid]");
    if (!grid || event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && field.tagName === "INPUT") move(grid, field, event.shiftKey ? -1 : 1, !event.shiftKey);
    else if (event.key === "ArrowDown" && field.type === "text") move(grid, field, 1, false);
    else if (event.key === "ArrowUp" && field.type === "text") move(grid, field, -1, false);
    else return;
    event.preventDefault();
  });

  document.addEventListener("paste", (event) => {
    const grid = event.target.matches(FIELDS) && event.target.closest("[data-grid] tbody") && event.target.closest("[data-grid]");
    const text = grid && event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!/\t|\n[^\n]/.test(text.trim())) return;
    event.preventDefault();
    paste(grid, event.target, text);
  });
})();
