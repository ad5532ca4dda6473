# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# What a monitoring system's test looks at, in bash after tap.sh: the domains of
# monitoring.zone, a mail host with STARTTLS, and one that says what breaks tools. Sets
# $nsd_port, $smtp_port, $hostile_port, the CA in $authority, and $plugins, the folder that
# a daemon finds them in as $user and $group.

# As root, daemons change to a user of theirs; as somebody else they stay who they are.
user=$(id -un) group=$(id -gn)
plugins=$(realpath "$build")
if ((EUID == 0)); then
	user=nagios group=nagios
	chmod 755 "$work"
	# The build may stand where this user can't go.
	mkdir "$work/plugins"
	cp "$plugins"/check_*[a-z] "$work/plugins"
	plugins=$work/plugins
fi

cat >"$work/zones.conf" <<END
zone:
	name: example
	zonefile: $here/monitoring.zone
zone:
	name: broken.example
	zonefile: not-there.zone
END

is_open()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# What speaks TLS from the first byte; starttls_front.py speaks SMTP for it.
tls_decided()
{
	! is_running "$tls_pid" || is_open "$tls_port"
}
tls_start()
{
	local try
	openssl req -x509 -nodes -days 30 -newkey rsa:2048 -subj /CN=mx.example \
		-addext 'subjectAltName=DNS:mx.example' -keyout "$work/mx.key" \
		-out "$work/mx.pem" 2>"$work/mx.log" || return 1
	authority=$work/mx.pem
	for try in 1 2 3 4 5; do
		tls_port=$(random_port)
		openssl s_server -accept "127.0.0.1:$tls_port" -rev -min_protocol TLSv1.2 \
			-cert "$work/mx.pem" -key "$work/mx.key" >"$work/tls.log" 2>&1 </dev/null &
		tls_pid=$!
		wait_for 30 tls_decided
		if is_running "$tls_pid"; then
			servers="$tls_pid $servers"
			return 0
		fi
	done
	return 1
}

hostile_start()
{
	"$build/tests/system/hostile_server" foul-mouthed >"$work/hostile" </dev/null &
	servers="$! $servers"
	wait_for 30 test -s "$work/hostile"
}

# It writes its port to a file.
front_start()
{
	python3 "$here/starttls_front.py" "$work/front" "$tls_port" 2>"$work/front.log" </dev/null &
	servers="$! $servers"
	wait_for 30 test -s "$work/front"
}

monitored_start()
{
	nsd_start "$work/zones.conf" && tls_start &&
		front_start && smtp_port=$(cat "$work/front") &&
		hostile_start && hostile_port=$(cat "$work/hostile")
}
