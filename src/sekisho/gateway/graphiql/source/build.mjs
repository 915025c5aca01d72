// Bundles src/ into ../assets and collects the licences of what went in. Usage: npm ci && npm run build
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "assets");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const withoutWebFonts = {
  name: "without-web-fonts",
  setup(bundle) {
    bundle.onLoad({ filter: /node_modules\/.*\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { graphiql: "src/main.jsx" },
  outdir: assets,
  write: false,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  loader: { ".graphql": "text" },
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "react-style-singleton": "./src/style-singleton.js" },
  plugins: [withoutWebFonts],
});

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets);

function publish(stem, extension, contents) {
  const name = `${stem}-${sha256(contents).slice(0, 16)}.${extension}`;
  writeFileSync(join(assets, name), contents);
  return name;
}

const output = (extension) => result.outputFiles.find(({ path }) => path.endsWith(`.${extension}`)).contents;

const manifest = {
  script: publish("graphiql", "js", output("js")),
  style: publish("graphiql", "css", output("css")),
  icon: publish("gate", "svg", readFileSync(join(here, "src", "gate.svg"))),
  source: sourceHash(),
};
writeFileSync(join(assets, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(join(here, "..", "LICENSES.txt"), licences());

// The same sum is computed by tests/gateway/test_graphiql.py.
function sourceHash() {
  const files = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("node_modules/") && path !== "README.md" && !path.startsWith("."))
    .sort();
  return sha256(files.map((path) => `${path} ${sha256(readFileSync(join(here, path)))}\n`).join(""));
}

function licences() {
  const folders = Object.keys(result.metafile.inputs).map((input) => input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const packages = new Map(); // licence text -> the packages under it
  for (const folder of [...new Set(folders.filter(Boolean))].sort()) {
    const { name, version, license, author } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = readdirSync(join(here, folder)).find((entry) => /^licen[sc]e/i.test(entry));
    const holder = (typeof author === "string" ? author : author?.name) ?? `the authors of ${name}`;
    const text = file ? readFileSync(join(here, folder, file), "utf8").trim() : standardText(license, holder);
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...packages].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return `The files in assets/ contain the following packages.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

// Some packages name their licence without enclosing it; its standard text is taken from one that does.
function standardText(license, holder) {
  if (license !== "MIT") throw new Error(`a package under ${license} does not enclose its licence; add the text here`);
  const mit = readFileSync(join(here, "node_modules", "graphiql", "LICENSE"), "utf8");
  return `MIT License\n\nCopyright (c) ${holder}\n\n${mit.slice(mit.indexOf("Permission is hereby granted")).trim()}`;
}
