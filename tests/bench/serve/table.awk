# The table of serve.sh from lines of "case target requests/s p50 p99 errors resident".

function median(list, n,    i, j, swap) {
  for (i = 2; i <= n; i++)
    for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
      swap = list[j]; list[j] = list[j - 1]; list[j - 1] = swap
    }
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function middle(case_, target, what,    list, i) {
  for (i = 1; i <= seen[case_, target]; i++) list[i] = value[case_, target, what, i]
  return median(list, seen[case_, target])
}

function row(case_, target) {
  printf "%-6s %-6s %11.0f %9.2f %9.2f %10.1f\n", case_, target, middle(case_, target, "rate"),
    middle(case_, target, "p50"), middle(case_, target, "p99"), middle(case_, target, "kib") / 1024
}

function ratio(case_, budget,    list, i, found) {
  for (i = 1; i <= seen[case_, "proxy"]; i++)
    list[i] = value[case_, "serve", "rate", i] / value[case_, "proxy", "rate", i]
  found = median(list, seen[case_, "proxy"])
  if (!budget) { printf "%-6s %.2f\n", case_, found; return }
  printf("%-6s %.2f  budget %.1f  %s\n", case_, found, budget, (found >= budget ? "met" : "MISSED"))
  missed += (found < budget)
}

# What `serve` makes of one case beside another, round by round.
function beside(case_, other,    list, i) {
  for (i = 1; i <= seen[case_, "serve"]; i++)
    list[i] = value[case_, "serve", "rate", i] / value[other, "serve", "rate", i]
  return median(list, seen[case_, "serve"])
}

BEGIN { failed = 0; missed = 0 }

{
  i = ++seen[$1, $2]
  value[$1, $2, "rate", i] = $3
  value[$1, $2, "p50", i] = $4
  value[$1, $2, "p99", i] = $5
  value[$1, $2, "kib", i] = $7
  failed += $6
}

END {
  printf "\n%-6s %-6s %11s %9s %9s %10s\n", "", "", "requests/s", "p50 ms", "p99 ms", "MiB"
  split("list pages send v1 quick", cases)
  for (i = 1; i <= 5; i++) { row(cases[i], "proxy"); row(cases[i], "serve") }
  printf "\nserve beside proxy, median of %d rounds:\n", seen["list", "proxy"]
  ratio("list", 0.6); ratio("pages", 0); ratio("send", 0.3); ratio("v1", 0); ratio("quick", 0)
  printf "\nv1 beside send: %.2f of its requests/s, p50 %+.2f ms\n", beside("v1", "send"),
    middle("v1", "serve", "p50") - middle("send", "serve", "p50")
  printf "\nserve: %.1f MiB resident before the first request\n", idle / 1024
  if (failed) printf "%d requests FAILED\n", failed
  exit check == "true" && (failed || missed) ? 1 : 0
}
