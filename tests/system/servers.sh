# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# Real servers for the demo, the system tests and the bench, in POSIX sh. All listen on
# 127.0.0.1 only, on a port that was free, run as whoever calls, and keep their files in
# $work. Whoever reads this calls servers_stop at the end.
#
# NSD is in sbin, which is not in everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin

# Processes to end, newest first.
servers=

# A port that is likely to be free. Whoever takes it tries another when it is not.
random_port()
{
	echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 10000))
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	wait_left=$(($1 * 10))
	shift
	until "$@"; do
		[ $wait_left -gt 0 ] || return 1
		wait_left=$((wait_left - 1))
		sleep 0.1
	done
}

is_running()
{
	kill -0 "$1" 2>/dev/null
}

# Plain HTTP from ourselves, whatever proxy the environment names.
fetch()
{
	curl -q --noproxy '*' --silent --show-error --max-time 10 "$@"
}

servers_stop()
{
	for server in $servers; do
		kill "$server" 2>/dev/null
		wait "$server" 2>/dev/null
	done
	servers=
}

# stop_server PID: ends one of them; returns its exit status.
stop_server()
{
	kill "$1" 2>/dev/null
	servers=$(echo " $servers " | sed "s/ $1 / /")
	wait "$1"
}

# --- NSD -----------------------------------------------------------------------------------

# nsd_start ZONES [OPTION...]: serves the "zone:" blocks of the file ZONES; each OPTION is
# a line of nsd.conf's server block. Sets nsd_port and nsd_pid.
nsd_start()
{
	nsd_zones=$1
	shift
	for try in 1 2 3 4 5 6 7 8 9 10; do
		nsd_port=$(random_port)
		nsd_configure "$@" >"$work/nsd.conf"
		: >"$work/nsd.log"
		nsd -d -c "$work/nsd.conf" >"$work/nsd.out" 2>&1 </dev/null &
		nsd_pid=$!
		wait_for 30 nsd_decided
		if is_running "$nsd_pid"; then
			servers="$nsd_pid $servers"
			return 0
		fi
		grep -q 'Address already in use' "$work/nsd.log" "$work/nsd.out" || break
	done
	cat "$work/nsd.log" "$work/nsd.out" >&2
	return 1
}

# It stays the user that it is, and touches nothing outside $work. By default it answers
# one client only 200 times a second that a name does not exist.
nsd_configure()
{
	cat <<-END
	server:
		ip-address: 127.0.0.1@$nsd_port
		server-count: 1
		username: ""
		chroot: ""
		database: ""
		pidfile: ""
		xfrdfile: ""
		xfrdir: "$work"
		zonelistfile: "$work/nsd.zones"
		zonesdir: "$work"
		logfile: "$work/nsd.log"
		rrl-ratelimit: 0
	END
	for option in "$@"; do
		printf '\t%s\n' "$option"
	done
	printf 'remote-control:\n\tcontrol-enable: no\n'
	cat "$nsd_zones"
}

nsd_decided()
{
	grep -q 'nsd started' "$work/nsd.log" || ! is_running "$nsd_pid"
}

# --- the exporter --------------------------------------------------------------------------

# exporter_start PROGRAM CONFIG [FLAG...]: sets exporter_url and exporter_pid. Its log is
# $work/exporter.log. It takes the port $exporter_port if that is set and free.
exporter_start()
{
	exporter_program=$1 exporter_config=$2
	shift 2
	for port in ${exporter_port-} $(random_port) $(random_port) $(random_port); do
		exporter_url=http://127.0.0.1:$port
		: >"$work/exporter.log"
		"$exporter_program" --config.file "$exporter_config" \
			--web.listen-address "127.0.0.1:$port" "$@" \
			>"$work/exporter.out" 2>"$work/exporter.log" </dev/null &
		exporter_pid=$!
		wait_for 30 exporter_decided
		if is_running "$exporter_pid"; then
			servers="$exporter_pid $servers"
			return 0
		fi
		grep -qi 'in use' "$work/exporter.log" || break
	done
	cat "$work/exporter.out" "$work/exporter.log" >&2
	return 1
}

# With SIGKILL; bash would say so in our output.
exporter_kill()
{
	servers=$(echo " $servers " | sed "s/ $exporter_pid / /")
	{ kill -9 "$exporter_pid" && wait "$exporter_pid"; } 2>/dev/null
}

# By its own word: on a port in use, somebody else's exporter would answer.
exporter_decided()
{
	! is_running "$exporter_pid" || grep -q 'listening' "$work/exporter.log"
}

# Every target has had its first run; needs their number.
exporter_has_run()
{
	[ "$(fetch "$exporter_url/metrics" | grep -c '^mailgauge_probe_success{')" -ge "$1" ]
}

# --- mail hosts ------------------------------------------------------------------------------

# mail_certificate NAME HOST DAYS [OPTION...]: a key and a certificate of the authority
# $work/ca.pem in $work/NAME.pem; the authority is made for the first one. Options are
# those of `openssl req`, for the key. Negative days are over.
mail_certificate()
{
	mail_name=$1 mail_host=$2 mail_days=$3
	shift 3
	[ -s "$work/ca.pem" ] || openssl req -x509 -nodes -days 30 -newkey rsa:2048 \
		-subj "/CN=Throw-away CA" -keyout "$work/ca.key" -out "$work/ca.pem" \
		2>"$work/openssl.log" || return 1
	[ $# -gt 0 ] || set -- -newkey rsa:2048
	echo "subjectAltName=DNS:$mail_host" >"$work/$mail_name.ext"
	openssl req -new -nodes -subj "/CN=$mail_host" -keyout "$work/$mail_name.key" \
		-out "$work/$mail_name.csr" "$@" 2>>"$work/openssl.log" &&
		openssl x509 -req -in "$work/$mail_name.csr" -CA "$work/ca.pem" \
			-CAkey "$work/ca.key" -CAcreateserial -days "$mail_days" \
			-extfile "$work/$mail_name.ext" -out "$work/$mail_name.crt" \
			2>>"$work/openssl.log" &&
		cat "$work/$mail_name.key" "$work/$mail_name.crt" >"$work/$mail_name.pem"
}

# mail_hosts_start HOST...: as mail_hosts.py has them. Sets mail_port and mail_log.
mail_hosts_start()
{
	mail_log=$work/mail.log
	rm -f "$work/mail.port"
	: >"$mail_log"
	OPENSSL_CONF=/dev/null python3 "$(dirname "$0")/../system/mail_hosts.py" \
		"$work/mail.port" "$mail_log" "$@" 2>"$work/mail.err" </dev/null &
	servers="$! $servers"
	if ! wait_for 30 test -s "$work/mail.port"; then
		cat "$work/mail.err" >&2
		return 1
	fi
	mail_port=$(cat "$work/mail.port")
}

# --- name servers with a fault ---------------------------------------------------------------

# resolver_start MODE [UPSTREAM_PORT [PORT]]: sets resolver_port, resolver_pid and resolver_log,
# which then has one line for the port and one for each packet.
resolver_start()
{
	resolver_log=$work/resolver-$1.log
	: >"$resolver_log"
	python3 "$(dirname "$0")/../system/resolver.py" "$@" >"$resolver_log" 2>&1 </dev/null &
	resolver_pid=$!
	servers="$resolver_pid $servers"
	wait_for 10 test -s "$resolver_log"
	resolver_port=$(head -n 1 "$resolver_log")
}

# The most packets that came with the same question.
resolver_packets()
{
	tail -n +2 "$resolver_log" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $1 }'
}
