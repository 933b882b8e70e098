// The languages whose code is coloured, by family. The terminal reads the same table: the rest is JSON.
export const FAMILIES = {
  "c": {
    "names": "c h cpp c++ cc cs csharp c# dart java kotlin kt php scala swift zig json json5",
    "words": "abstract as async await bool boolean break byte case catch char class const constexpr continue crate def default defer delete do double dyn else enum export extends extern false final finally float fn for from func function go if impl implements import in include inline instanceof int interface let long loop match mod module move mut namespace new nil null nullptr operator override package private protected pub public ref return self short signed sizeof static str string struct super switch template this throw throws trait true try type typedef typeof undefined union unsafe unsigned use using var virtual void volatile where while with yield",
    "line": ["//"],
    "block": [["/*", "*/"]],
    "quotes": "\"'"
  },
  "script": {
    "like": "c",
    "names": "javascript js mjs cjs jsx typescript ts tsx go",
    "long": ["`"]
  },
  "rust": {
    "like": "c",
    "names": "rust rs",
    "quotes": "\"",
    "chars": true
  },
  "css": {
    "names": "css scss less",
    "words": "important inherit initial none auto from to",
    "block": [["/*", "*/"]],
    "quotes": "\"'"
  },
  "python": {
    "names": "python py python3 ruby rb elixir r julia",
    "words": "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield",
    "line": ["#"],
    "quotes": "\"'",
    "long": ["\"\"\"", "'''"]
  },
  "shell": {
    "names": "bash sh shell zsh fish console dockerfile docker makefile make powershell",
    "words": "case do done elif else esac exit export fi for function if in local return set shift source then unset until while",
    "line": ["#"],
    "apart": true,
    "quotes": "\"'`"
  },
  "sql": {
    "names": "sql mysql postgresql sqlite",
    "words": "add all alter and as asc between by case create delete desc distinct drop else end exists foreign from group having in index inner insert into is join key left like limit not null on or order outer primary references right select set table then union unique update values view when where",
    "line": ["--"],
    "block": [["/*", "*/"]],
    "quotes": "\"'`",
    "anyCase": true
  },
  "markup": {
    "names": "html xml svg vue",
    "words": "",
    "block": [["<!--", "-->"]],
    "quotes": "\"'"
  },
  "data": {
    "names": "yaml yml toml ini conf properties",
    "words": "true false null yes no",
    "line": ["#"],
    "apart": true,
    "quotes": "\"'"
  }
};
