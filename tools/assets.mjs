/* Builds tiejun_awards/static/vendor/ (never committed): one style sheet, one script, one icon sprite, each named by its content, with a
   compressed copy beside it, and manifest.json that says which name is current. The same input gives the same bytes.
   `node tools/assets.mjs`, after `npm ci --ignore-scripts`. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const own = join(root, "tiejun_awards/static");
const vendor = join(own, "vendor");
const read = (...path) => readFileSync(join(...path), "utf8");
const npm = (...path) => read(root, "node_modules", ...path);

/* The oldest browsers we promise; tests/test_served_files.py holds the built files to it. */
const TARGET = ["chrome86", "safari14", "firefox91"];

/* Tabler icons in use. `star` is filled by the theme. Add a name here, then in a template: icon("name"). */
const ICONS = `
  alert-circle alert-triangle archive arrow-back-up arrow-left arrow-right bell building calendar certificate check checks chevron-down
  chevron-up circle-check circle-dashed circle-x clock cloud-check cloud-off copy download edit eye file file-text file-type-doc
  filter flag git-compare help-circle history hourglass info-circle key letter-case list-check lock login logout mail message pencil
  plus printer refresh search selector send settings shield-check shield-lock star table-export table-import trash upload user users x
`.trim().split(/\s+/);

/* What of Bootstrap we do not use, by class name. Everything else of it is there: reboot, grid, tables, forms, spacing, flex, text. */
const UNUSED = new RegExp(
  "^(" +
    [
      "accordion|badge|blockquote|card|carousel|dropdown|dropend|dropstart|dropup|figure|hstack|icon-link|initialism|img|input-group",
      "list-group|modal|nav|navbar|offcanvas|page|pagination|placeholder|popover|progress|spinner|tab|toast|tooltip|vstack|vr",
      "ratio|collapse|collapsing|fade|focus-ring|fixed|sticky|container|display|form-floating|form-range|form-switch|form-control-color",
      "form-control-plaintext|form-check-reverse|valid|was-validated|is-valid|btn-(?!primary$|sm$|check$).*|link|bg|text-bg|bs-popover|bs-tooltip",
      "alert-.*|table-(?!bordered$|borderless$|sm$).*|col-form-label.*|form-(select|control)-lg|shadow|object-fit|opacity|z|lead|mark|stretched-link",
      "border-(primary|secondary|success|info|warning|danger|light|dark|black|white)|text-(primary|secondary|success|info|warning|danger|light|dark|black|white|body|muted).*",
      "user-select|pe|overflow|position|translate|rounded|show|row-cols.*|offset.*|order.*|[a-z]+(-[a-z]+)*-(xl|xxl)(-.*)?|fs-[1-5]|fst|font|gap|row-gap|column-gap",
    ].join("|") +
    ")(-|$)",
);

/* Splits a style sheet into [head, body] pairs, one level deep; statements without a body are dropped (Bootstrap has only @charset). */
function rules(css) {
  const found = [];
  let head = "";
  for (let i = 0; i < css.length; i++) {
    if (css[i] === ";") head = "";
    else if (css[i] !== "{") head += css[i];
    else {
      const from = i + 1;
      for (let depth = 1; depth; ) depth += { "{": 1, "}": -1 }[css[++i]] ?? 0;
      found.push([head.trim(), css.slice(from, i)]);
      head = "";
    }
  }
  return found;
}

function used(css) {
  let kept = "";
  for (const [head, body] of rules(css)) {
    if (head.startsWith("@keyframes")) continue;
    if (head.startsWith("@")) {
      const inner = used(body);
      if (inner) kept += `${head}{${inner}}`;
      continue;
    }
    const selectors = head.split(/,(?![^(]*\))/).filter((selector) => {
      const classes = selector.match(/\.-?[A-Za-z_][\w-]*/g) ?? [];
      return !selector.includes("[data-bs-theme=dark]") && !classes.some((name) => UNUSED.test(name.slice(1)));
    });
    if (selectors.length) kept += `${selectors.join(",")}{${body}}`;
  }
  return kept;
}

function styles() {
  const bootstrap = used(npm("bootstrap/dist/css/bootstrap.css").replace(/\/\*[\s\S]*?\*\//g, ""));
  const banner = `/*! Bootstrap ${JSON.parse(npm("bootstrap/package.json")).version}, MIT, parts of it; and our own theme */\n`;
  return banner + transformSync(bootstrap + read(own, "theme.css"), { loader: "css", minify: true, target: TARGET, charset: "utf8", legalComments: "none" }).code;
}

function script() {
  const parts = [npm("htmx.org/dist/htmx.js"), ...["page", "writing", "grid", "autosave", "sheet", "upload"].map((name) => read(own, `js/${name}.js`))];
  const banner = `/*! htmx ${JSON.parse(npm("htmx.org/package.json")).version}, 0BSD; and our own */\n`;
  return banner + transformSync(parts.join(";\n"), { loader: "js", minify: true, target: TARGET, charset: "utf8", legalComments: "none" }).code;
}

function sprite() {
  const symbol = (name) => {
    const drawn = npm("@tabler/icons/icons/outline", `${name}.svg`).replace(/<!--[\s\S]*?-->/g, "");
    const paths = drawn.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*<path stroke="none"[^>]*>/g, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`;
  };
  const mark = read(own, "mark.svg").replace(/^<svg[^>]*>/, '<symbol id="mark" viewBox="0 0 36 36">').replace(/<\/svg>\s*$/, "</symbol>");
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT; mark is our own -->\n${[mark, ...ICONS.map(symbol)].join("\n")}\n</svg>\n`;
}

const built = { "app.css": styles(), "app.js": script(), "sprite.svg": sprite(), "mark.svg": read(own, "mark.svg") };
const files = new Map();
const manifest = {};
for (const [name, text] of Object.entries(built)) {
  const [stem, ending] = name.split(".");
  const hashed = `${stem}-${createHash("sha256").update(text).digest("hex").slice(0, 10)}.${ending}`;
  manifest[name] = hashed;
  files.set(hashed, Buffer.from(text));
  files.set(`${hashed}.gz`, gzipSync(text, { level: 9 }));
}
files.set("manifest.json", Buffer.from(JSON.stringify(manifest, null, 2) + "\n"));

mkdirSync(vendor, { recursive: true });
for (const [name, bytes] of files) {
  const path = join(vendor, name);
  /* The manifest is written last and always: make goes by its time. */
  if (name === "manifest.json" || !existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes);
}
for (const name of readdirSync(vendor)) if (!files.has(name)) rmSync(join(vendor, name));

for (const [name, hashed] of Object.entries(manifest)) {
  console.log(`${name.padEnd(12)} ${hashed.padEnd(24)} ${(files.get(`${hashed}.gz`).length / 1024).toFixed(1)} kB compressed`);
}
