# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# A real Prometheus and a real Alertmanager, in bash after tap.sh.

ready()
{
	! is_running "$pid" || fetch --fail "http://127.0.0.1:$port/-/ready" >/dev/null 2>&1
}

# started PROGRAM: by start_PROGRAM, which takes the port $port; sets $port and $pid.
started()
{
	for port in $(random_port) $(random_port) $(random_port); do
		"start_$1" >"$work/$1.log" 2>&1 </dev/null &
		pid=$!
		wait_for 60 ready
		if is_running "$pid"; then
			servers="$pid $servers"
			return 0
		fi
	done
	fail "$1 starts" "$(tail -n 5 "$work/$1.log")"
	return 1
}

# With $work/prometheus.yml.
start_prometheus()
{
	exec prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
		--web.listen-address="127.0.0.1:$port"
}
start_alertmanager()
{
	exec prometheus-alertmanager --config.file="$work/alertmanager.yml" \
		--storage.path="$work/alertmanager" --cluster.listen-address= \
		--web.listen-address="127.0.0.1:$port"
}

# value EXPRESSION: the only one there is, or nothing.
value()
{
	fetch --get --data-urlencode "query=$1" "http://$prometheus/api/v1/query" |
		python3 -c '
import json, sys
for series in json.load(sys.stdin)["data"]["result"]:
    print(series["value"][1])'
}
