// Compiles what the packages ship as source only, and the wrappers in contracts/, into build/NAME.json.
// Each source is compiled by the compiler that its pragma names.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const home = import.meta.dirname;
const modules = path.join(home, "node_modules");

/// A source and everything it imports, by the names under which they import one another.
function collect(name, read, sources = {}) {
  if (!(name in sources)) {
    const content = read(name);
    sources[name] = { content };
    for (const [, imported] of content.matchAll(/^\s*import\s[^;"']*["']([^"']+)["']/gm)) {
      const next = imported.startsWith(".") ? path.posix.join(path.posix.dirname(name), imported) : imported;
      collect(next, read, sources);
    }
  }
  return sources;
}

function compile(version, entry, read) {
  const solc = require(`solc-${version}`);
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  };
  const input = { language: "Solidity", sources: collect(entry, read), settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) {
    throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  }
  for (const [name, contract] of Object.entries(output.contracts[entry])) {
    const bytecode = contract.evm.bytecode.object;
    if (bytecode !== "") {
      fs.writeFileSync(path.join(home, "build", `${name}.json`), JSON.stringify({ abi: contract.abi, bytecode }));
    }
  }
}

/// Replaces what occurs exactly once.
function replaceOnce(text, old, by) {
  if (text.split(old).length !== 2) {
    throw new Error(`"${old}" does not occur exactly once`);
  }
  return text.replace(old, by);
}

/// The source of PancakeSwap's first pair with the constants of its second: a fee of 0.25 % and the protocol's 8/25 of it.
function pancakeV2(name) {
  const source = fs.readFileSync(path.join(modules, name), "utf8");
  if (!name.endsWith("/PancakePair.sol")) {
    return source;
  }
  return [
    ["balance0.mul(1000).sub(amount0In.mul(2))", "balance0.mul(10000).sub(amount0In.mul(25))"],
    ["balance1.mul(1000).sub(amount1In.mul(2))", "balance1.mul(10000).sub(amount1In.mul(25))"],
    ["mul(1000**2)", "mul(10000**2)"],
    ["totalSupply.mul(rootK.sub(rootKLast))", "totalSupply.mul(rootK.sub(rootKLast)).mul(8)"],
    ["rootK.mul(3).add(rootKLast)", "rootK.mul(17).add(rootKLast.mul(8))"],
  ].reduce((text, [old, by]) => replaceOnce(text, old, by), source);
}

fs.mkdirSync(path.join(home, "build"), { recursive: true });
const own = (name) => fs.readFileSync(path.join(name.startsWith("@") ? modules : path.join(home, "contracts"), name), "utf8");
for (const name of fs.readdirSync(path.join(home, "contracts")).sort()) {
  const [, version] = own(name).match(/^pragma solidity ([0-9.]+);/m);
  compile(version, name, own);
}
compile("0.5.16", "@pancakeswap-libs/pancake-swap-core/contracts/PancakeFactory.sol", pancakeV2);
fs.renameSync(path.join(home, "build", "PancakeFactory.json"), path.join(home, "build", "PancakeV2Factory.json"));
