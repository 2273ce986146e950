/* Saving by itself: form[data-autosave-url]. Two seconds after the last key, on leaving a field and on hiding the page the whole form is
   posted. The answer is a fragment of elements with hx-swap-oob that replace those of the same id: the hidden version, #save-state,
   the side index, counters. Never two requests at once. Status of the answer:
     200        saved
     401        not signed in: the fragment says so; tried again when the page gets the focus back
     409        somebody else saved: the fragment links to the comparison; no further saving on this page
     422, 4xx   refused: the fragment says why; tried again at the next change
     503, 5xx, no network   tried again after 5, 10, 20, 40, then every 60 seconds
   A button of the form that is clicked meanwhile waits for the answer, so that it carries the new version; without a network it does
   nothing but say so. */
(function () {
  "use strict";

  const IDLE = 2000;
  const LONGEST_WAIT = 60000;

  function watch(form) {
    const url = form.getAttribute("data-autosave-url");
    let dirty = false;      /* something was typed that no answer has confirmed */
    let running = null;     /* the promise of the request under way */
    let stopped = false;    /* after a 409 */
    let leaving = false;
    let timer = 0;
    let failures = 0;       /* how often in a row it went wrong */
    let offline = false;    /* the last request found no network */
    let saved = typed(content());

    function content() {
      const data = new FormData(form);
      const pairs = new URLSearchParams();
      data.forEach((value, name) => typeof value === "string" && pairs.append(name, value));
      return pairs;
    }
    /* What was typed, without the fields that change by themselves. */
    function typed(pairs) {
      const rest = new URLSearchParams(pairs);
      ["csrf_token", "key", "version"].forEach((name) => rest.delete(name));
      return rest.toString();
    }

    function mark(now) {
      dirty = now;
      document.body.classList.toggle("is-dirty", now);
    }

    function state(words) {
      const place = document.getElementById("save-state");
      if (!place) return window.page.say(words);
      place.className = "save-state is-look";
      place.textContent = " " + words;
      place.prepend(window.page.icon("cloud-off"));
    }

    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    }

    function take(html) {
      if (window.page.isWhole(html)) state(window.page.heading(html));
      else if (html.trim()) window.htmx.swap(document.body, html, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
      follow();
    }

    async function send(keepalive) {
      const body = content();
      const sending = typed(body);
      let answer;
      let html;
      try {
        const options = { method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "HX-Request": "true", "X-Autosave": "1", "X-CSRFToken": window.page.token() } };
        if (keepalive && body.toString().length < 60000) options.keepalive = true;
        answer = await fetch(url, options);
        html = answer.type === "opaqueredirect" ? "" : await answer.text();
        offline = false;
      } catch (unreached) {
        offline = true;
        failures += 1;
        state("网络不通，写下的字还在本页，恢复后自动保存");
        return later(Math.min(5000 * 2 ** (failures - 1), LONGEST_WAIT));
      }
      if (answer.ok) {
        failures = 0;
        saved = sending;
        take(html);
        mark(typed(content()) !== saved);
        if (dirty) later(IDLE);
      } else if (answer.status >= 500) {
        failures += 1;
        state("系统正忙，写下的字还在本页，稍后自动保存");
        if (html && !window.page.isWhole(html)) take(html);
        later(Math.min(5000 * 2 ** (failures - 1), LONGEST_WAIT));
      } else if (answer.type === "opaqueredirect") {
        state("登录已经过期，写下的字还在本页。请点“存稿”，登录后继续");
      } else {
        stopped = answer.status === 409;
        take(html);
      }
    }

    function save(keepalive) {
      clearTimeout(timer);
      if (!dirty || stopped || leaving) return running;
      if (running) return running;
      running = send(keepalive === true).finally(() => (running = null));
      return running;
    }

    function touched(wait) {
      if (stopped) return mark(true);
      if (!dirty && typed(content()) === saved) return;
      mark(true);
      if (!failures) later(wait);
    }

    form.addEventListener("input", () => touched(IDLE));
    form.addEventListener("change", () => touched(300));
    form.addEventListener("focusout", () => dirty && touched(300));
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save(true));
    window.addEventListener("pagehide", () => save(true));
    window.addEventListener("online", () => ((failures = 0), save()));
    window.addEventListener("focus", () => save());
    window.addEventListener("beforeunload", (event) => {
      if (!dirty || leaving) return;
      event.preventDefault();
      event.returnValue = "";
    });
    window.addEventListener("pageshow", () => (leaving = false));

    let clicked = null;
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button, input[type=submit]");
      if (button && button.form === form) clicked = button;
    }, true);
    /* First of all the listeners for submit: the one that switches buttons off must not see a form that only waits. */
    window.addEventListener("submit", (event) => {
      if (event.target !== form) return;
      const button = event.submitter || clicked;
      clearTimeout(timer);
      if (!running && !offline && navigator.onLine !== false) {
        leaving = true;
        return;
      }
      /* Without a network the browser would put its own page in the place of what was typed. */
      event.preventDefault();
      event.stopImmediatePropagation();
      const patience = new Promise((enough) => setTimeout(enough, 8000));
      Promise.race([save(), patience]).then(() => {
        if (stopped) return;
        if (offline || navigator.onLine === false) return window.page.say("网络不通，这一步还没有做。写下的字都在本页，网络恢复后请再点一次。");
        leaving = true;
        clearTimeout(timer);
        if (button && button.name) {
          const twin = document.createElement("input");
          twin.type = "hidden";
          twin.name = button.name;
          twin.value = button.value;
          form.append(twin);
        }
        if (button && button.hasAttribute("formaction")) form.action = button.formAction;
        window.page.switchOff(form);
        form.submit();
      });
    }, true);
  }

  /* The side index shows which section is being read; it is set again after the server has sent a new one. */
  let reading = "";
  function follow() {
    for (const link of document.querySelectorAll(".side-index a[href^='#']"))
      link.getAttribute("href") === "#" + reading ? link.setAttribute("aria-current", "step") : link.removeAttribute("aria-current");
  }
  function followSections() {
    const links = document.querySelectorAll(".side-index a[href^='#']");
    if (!links.length || !("IntersectionObserver" in window)) return;
    const sections = Array.from(links, (link) => document.getElementById(link.getAttribute("href").slice(1))).filter(Boolean);
    const seen = new Set();
    const watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target) : seen.delete(entry.target);
      const first = sections.find((section) => seen.has(section));
      if (first && first.id !== reading) (reading = first.id), follow();
    }, { rootMargin: "-10% 0px -60% 0px" });
    sections.forEach((section) => watcher.observe(section));
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-autosave-url]").forEach(watch);
    followSections();
  });
})();
