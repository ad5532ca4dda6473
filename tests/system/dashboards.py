# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
"""dashboards.py RULES [PROMETHEUS]: the expressions of packaging/grafana/*.json.

Writes them to the file RULES as recording rules, for promtool to parse, and says for each
dashboard what is wrong with it: "NAME<tab>FAULTS". With the address of a Prometheus, asks
it every expression: each has to be answered with values.
"""

import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request

VARIABLES = {"$job": ".*", "$instance": ".*", "$domain": "good.example",
             "$__rate_interval": "10s"}
def concrete(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def expressions(board):
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], concrete(target["expr"])


def shape_faults(board):
    if not re.fullmatch(r"mailgauge-\w+", board.get("uid", "")):
        yield "no fixed uid"
    kinds = {variable["name"]: variable["type"] for variable in board["templating"]["list"]}
    if kinds.get("datasource") != "datasource":
        yield "the data source is no variable"
    if not {"job", "instance"} <= set(kinds):
        yield "job and instance are no variables"
    if re.search(r'"uid": "(?!\$\{datasource\}|mailgauge-)', json.dumps(board)):
        yield "a data source of its own"
    if "__inputs" in board:
        yield "__inputs are for grafana.com"


def ask(address, path, **query):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    url = f"{address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    with opener.open(url, timeout=10) as answer:
        return json.load(answer)["data"]


def unanswered(board, address):
    for title, expression in expressions(board):
        if not ask(address, "query", query=expression)["result"]:
            yield f"{title}: no values"


def main():
    rules, address = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    parsed = []
    for path in sorted(pathlib.Path("packaging/grafana").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        faults = list(shape_faults(board))
        if address:
            faults += unanswered(board, address)
        parsed += (expression for _, expression in expressions(board))
        print(path.name, "; ".join(faults), sep="\t")
    groups = [{"name": "dashboards",
               "rules": [{"record": f"expression_{number}", "expr": expression}
                         for number, expression in enumerate(dict.fromkeys(parsed))]}]
    pathlib.Path(rules).write_text(json.dumps({"groups": groups}), encoding="utf-8")


main()
