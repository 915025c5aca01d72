// Bundles src/ into ../assets and collects the licences of what went in. Usage: npm ci && npm run build
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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
  const texts = [...new Set(folders.filter(Boolean))].sort().map((folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = readdirSync(join(here, folder)).find((entry) => /^licen[sc]e/i.test(entry));
    const holder = typeof author === "string" ? author : author?.name;
    const text = file ? readFileSync(join(here, folder, file), "utf8").trim() : `Copyright: ${holder ?? `the authors of ${name}`}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  if (!existsSync(join(here, "package-lock.json"))) throw new Error("no package-lock.json: run `npm install` once");
  return `The files in assets/ contain the following packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
