/* What every page gets: one voice for failures, no double clicks, confirm, copy, print, back, large text, links into folded sections.
   Nothing here is needed: without JavaScript each button is a plain submit.

   data-confirm="句子"            on a submit button: asks before it acts
   data-copy="id"                a button that copies the text (or value) of that element; shown only where there is JavaScript
   data-print, data-back         buttons; likewise (write them with the attribute hidden)
   data-tick-all="id"            a box that ticks all boxes of the form of that id; shown only where there is JavaScript
   data-no-guard                 on a form whose answer is a download: its buttons stay usable after the first click
   form[data-large-text]         switches at once, without leaving the page
   form[data-resume]             sent once by itself after signing in again
   [data-error-summary]          takes the focus when the page opens */
(function () {
  "use strict";

  const page = (window.page = {});

  page.token = function () {
    const field = document.querySelector("input[name=csrf_token]");
    return field ? field.value : "";
  };

  page.icon = function (name) {
    const known = document.querySelector("use");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", (known ? known.getAttribute("href").split("#")[0] : "") + "#" + name);
    svg.appendChild(use);
    return svg;
  };

  page.say = function (sentence) {
    const place = document.getElementById("page-status");
    if (!place) return;
    const box = document.createElement("div");
    const words = document.createElement("p");
    words.textContent = sentence;
    box.className = "alert alert-stop";
    box.append(page.icon("alert-circle"), words);
    place.textContent = "";
    place.append(box);
    box.scrollIntoView({ block: "nearest" });
  };

  /* An answer that is a whole page has a heading; its words are the sentence to show. */
  page.heading = function (html) {
    const heading = new DOMParser().parseFromString(html, "text/html").querySelector("h1");
    return heading ? heading.textContent.trim() : "这一步没有做成，请刷新页面再试。";
  };
  page.isWhole = (html) => /^\s*<!doctype/i.test(html);

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = page.token();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr.responseText;
    if (event.detail.xhr.status >= 400 && page.isWhole(answer)) {
      event.detail.shouldSwap = false;
      page.say(page.heading(answer));
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.responseText) page.say("这一步没有做成，请刷新页面再试。");
  });
  document.addEventListener("htmx:sendError", () => page.say("网络不通，这一步还没有做。网络恢复后请再点一次。"));
  document.addEventListener("htmx:timeout", () => page.say("等了很久没有回音，这一步可能没有做成。请刷新页面看一看。"));

  /* A form is sent once. The buttons are switched off after the browser has read the name and value of the one clicked. */
  const sent = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.hasAttribute("data-no-guard")) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    setTimeout(() => page.switchOff(form));
  });
  page.switchOff = function (form) {
    for (const field of form.elements) {
      if (field.type !== "submit" || field.disabled) continue;
      field.disabled = true;
      field.setAttribute("data-sent", "");
    }
  };
  window.addEventListener("pageshow", () => {
    sent.clear();
    for (const button of document.querySelectorAll("[data-sent]")) {
      button.disabled = false;
      button.removeAttribute("data-sent");
    }
  });

  async function copy(button) {
    const source = document.getElementById(button.getAttribute("data-copy"));
    const text = "value" in source ? source.value : source.textContent.trim();
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch (refused) {
      /* Plain http has no clipboard: select a copy of the text and let the browser copy that. */
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      field.setAttribute("readonly", "");
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
      button.focus();
    }
    const words = button.lastChild;
    const before = words.textContent;
    words.textContent = done ? "已复制" : "没有复制成，请手工选中复制";
    button.setAttribute("aria-live", "polite");
    setTimeout(() => (words.textContent = before), 3000);
  }

  /* A link into a folded section opens it, and one to a field puts the cursor there. */
  function reach(hash) {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return false;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (!target.matches("input, select, textarea, button")) return false;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
    return true;
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest("button, a");
    if (!at) return;
    if (at.hasAttribute("data-confirm") && !window.confirm(at.getAttribute("data-confirm"))) event.preventDefault();
    else if (at.hasAttribute("data-copy")) copy(at);
    else if (at.hasAttribute("data-print")) window.print();
    else if (at.hasAttribute("data-back")) window.history.back();
    else if (at.matches("a[href^='#']") && reach(at.hash)) event.preventDefault();
  });
  window.addEventListener("hashchange", () => reach(location.hash));

  document.addEventListener("change", (event) => {
    const form = event.target.getAttribute("data-tick-all");
    if (!form) return;
    for (const box of document.getElementById(form).elements) if (box.type === "checkbox") box.checked = event.target.checked;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-large-text")) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const large = document.documentElement.classList.toggle("large-text");
    button.setAttribute("aria-pressed", String(large));
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { "HX-Request": "true" } }).catch(() => {});
  }, true);

  /* Firefox before 132 counts the sprite of <use> as default-src and refuses it. There it is fetched and put into the page itself. */
  async function bringSpriteIn() {
    const version = /Firefox\/(\d+)/.exec(navigator.userAgent);
    const first = document.querySelector("use");
    if (!version || Number(version[1]) >= 132 || !first) return;
    const sprite = new DOMParser().parseFromString(await (await fetch(first.getAttribute("href").split("#")[0])).text(), "image/svg+xml").documentElement;
    sprite.setAttribute("hidden", "");
    document.body.append(document.importNode(sprite, true));
    const turn = () => {
      for (const use of document.querySelectorAll("use:not([href^='#'])")) use.setAttribute("href", "#" + use.getAttribute("href").split("#")[1]);
    };
    turn();
    new MutationObserver(turn).observe(document.body, { childList: true, subtree: true });
  }

  document.addEventListener("DOMContentLoaded", () => {
    bringSpriteIn();
    for (const button of document.querySelectorAll("[data-copy], [data-print], [data-back], [data-copy-from], [data-tick-all]"))
      if (!button.hasAttribute("data-back") || window.history.length > 1) button.hidden = false;

    /* On a phone the menu is wider than the screen: where one is must be in sight. */
    for (const at of document.querySelectorAll(".topnav [aria-current], .subnav [aria-current]")) {
      const menu = at.parentElement;
      menu.scrollLeft = at.getBoundingClientRect().left - menu.getBoundingClientRect().left - (menu.clientWidth - at.offsetWidth) / 2;
    }

    const summary = document.querySelector("[data-error-summary]");
    if (summary) summary.focus();
    else if (location.hash) reach(location.hash);

    const resume = document.querySelector("form[data-resume]");
    if (resume && !(window.history.state && window.history.state.resumed)) {
      window.history.replaceState({ resumed: true }, "");
      resume.submit();
    }
  });
})();
