/* Files sent one after the other while the page stays: [data-upload="address"] around a file field. Each gets a line with its progress
   and a button that cancels it; what the server refuses is said in its line. The answer is the list (#attachments) again.
     data-upload-most="bytes"   what is larger is not sent at all
     data-upload-bare           the field stands within another form, and is shown only where there is JavaScript
     [data-upload-camera]       a second field that opens the camera, shown on touch screens
   Files can be dropped onto it. Without JavaScript the form is sent as it is. */
(function () {
  "use strict";

  function size(bytes) {
    return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1).replace(".0", "") + " MB";
  }

  function watch(box) {
    const list = box.querySelector("[data-upload-list]");
    const said = box.querySelector("[data-upload-said]");
    const most = Number(box.getAttribute("data-upload-most"));
    const bare = box.hasAttribute("data-upload-bare");
    const waiting = [];
    let running = false;

    function line(file) {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const bar = document.createElement("progress");
      const state = document.createElement("span");
      const button = document.createElement("button");
      name.textContent = file.name + "（" + size(file.size) + "）";
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", "上传进度：" + file.name);
      state.className = "soft";
      state.textContent = "等着上传";
      button.type = "button";
      button.className = "btn btn-plain btn-sm";
      button.textContent = "取消";
      button.setAttribute("aria-label", "取消上传" + file.name);
      row.append(name, bar, state, button);
      list.append(row);
      return { file, row, bar, state, button, request: null, gone: false };
    }

    function tell(job, words, kind) {
      job.state.className = kind || "soft";
      job.state.textContent = words;
      said.textContent = job.file.name + "：" + words;
    }

    function end(job, words) {
      job.bar.remove();
      tell(job, words, "is-stop");
      job.button.textContent = "知道了";
      job.button.setAttribute("aria-label", "知道了：" + job.file.name);
      job.button.onclick = () => job.row.remove();
    }

    function refused(request) {
      const html = request.responseText;
      if (request.status === 413) return "文件太大，没有收下。";
      if (window.page.isWhole(html)) return window.page.heading(html);
      return new DOMParser().parseFromString(html, "text/html").body.textContent.trim() || "没有传成，请刷新页面再试。";
    }

    function next() {
      const job = waiting.shift();
      if (!job) return (running = false);
      if (job.gone) return next();
      running = true;
      const body = new FormData();
      body.append("csrf_token", window.page.token());
      if (bare) body.append("bare", "yes");
      body.append("file", job.file, job.file.name);
      const request = (job.request = new XMLHttpRequest());
      request.open("POST", box.getAttribute("data-upload"));
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-CSRFToken", window.page.token());
      request.upload.onprogress = (event) => {
        const percent = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
        job.bar.value = percent;
        job.state.textContent = percent < 100 ? "已传 " + percent + "%" : "正在检查";
      };
      request.onload = () => {
        const list = document.getElementById("attachments");
        if (request.status === 200 && !window.page.isWhole(request.responseText)) {
          const fresh = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("attachments");
          if (list && fresh) list.replaceWith(fresh);
          tell(job, "已附上", "is-done");
          job.row.remove();
        } else end(job, refused(request));
        next();
      };
      request.onerror = () => {
        end(job, "网络断了，没有传上去。");
        const again = document.createElement("button");
        again.type = "button";
        again.className = "btn btn-plain btn-sm";
        again.textContent = "再传一次";
        again.onclick = () => (job.row.remove(), add([job.file]));
        job.row.append(again);
        next();
      };
      request.onabort = () => (job.row.remove(), (said.textContent = job.file.name + "：已取消"), next());
      tell(job, "已传 0%");
      request.send(body);
    }

    function add(files) {
      for (const file of files) {
        const job = line(file);
        job.button.onclick = () => {
          job.gone = true;
          if (job.request) job.request.abort();
          else job.row.remove();
        };
        if (file.size > most) end(job, "超过 " + size(most) + "，请压缩或拆开再传。");
        else if (!file.size) end(job, "这是一个空文件。");
        else waiting.push(job);
      }
      if (!running) next();
    }

    box.addEventListener("change", (event) => {
      if (event.target.type !== "file") return;
      event.stopPropagation();
      add(Array.from(event.target.files));
      event.target.value = "";
    });
    for (const name of ["dragenter", "dragover"])
      box.addEventListener(name, (event) => {
        if (!Array.from(event.dataTransfer.types).includes("Files")) return;
        event.preventDefault();
        box.classList.add("is-over");
      });
    for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("is-over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      add(Array.from(event.dataTransfer.files));
    });
    window.addEventListener("beforeunload", (event) => {
      if (!running) return;
      event.preventDefault();
      event.returnValue = "";
    });

    box.hidden = false;
    box.querySelector("[data-upload-hint]").hidden = false;
    const camera = box.querySelector("[data-upload-camera]");
    if (window.matchMedia && window.matchMedia("(pointer: coarse)").matches) camera.hidden = false;
    const send = box.parentElement.querySelector("[data-upload-send]");
    if (send) send.hidden = true;
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-upload]").forEach(watch));
})();
