# Of a report, what came of each case and of each claim that did not hold: the case, which it is, what was said.
.outcome
| (.cases[]
    | "\(.suite_file)::\(.suite)::\(.name)" as $case
    | [$case, "is \(.verdict)", (.skip // "")],
      (.failures[] | [$case, "line \(.place.line) fails", "\(.what): expected \(.expected), actual \(.actual) \(.notes // [] | join("; "))"]),
      (.troubles[] | [$case, "line \(.place.line // 0) errs", .message])),
  (.troubles[] | ["run::run::run", "line \(.place.line // 0) errs", .message])
| @tsv
