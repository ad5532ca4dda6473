# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# Mail servers for the system tests, in bash, after tap.sh: certificates of an authority
# of our own, TLS servers that know no SMTP behind a front that does, and Postfix, Exim
# and OpenSMTPD. All listen on 127.0.0.1; $port is where.
#
# The MTAs' packages can't be installed beside each other, and should not take the place
# of the machine's own. So packaging/build-deps only unpacks them, and each runs as root
# in a file tree of its own ($work/NAME) which has the package, the libraries and the
# users that it wants. Nothing outside is touched.
packages=build/packages

# Nothing of the distribution's own rules about TLS.
cat >"$work/openssl.cnf" <<END
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = settings
[settings]
CipherString = DEFAULT:@SECLEVEL=0
END
export OPENSSL_CONF=$work/openssl.cnf

is_open()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# --- certificates --------------------------------------------------------------------------

authority()
{
	openssl req -x509 -nodes -days 30 -newkey rsa:2048 -subj "/CN=Test CA" \
		-keyout "$work/ca.key" -out "$work/ca.pem" 2>"$work/ca.log" || exit 1
}

# certificate NAME DAYS HOST OPTION...: signed by the authority.
certificate()
{
	openssl req -new -nodes -subj "/CN=$3" -keyout "$work/$1.key" -out "$work/$1.csr" \
		"${@:4}" 2>"$work/$1.log" &&
		openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" \
			-CAkey "$work/ca.key" -CAcreateserial -days "$2" \
			-extfile <(echo "subjectAltName=DNS:$3") -out "$work/$1.pem" \
			2>>"$work/$1.log" || exit 1
}

# --- TLS behind a front --------------------------------------------------------------------

# Ends all servers but those in $keep.
servers_end()
{
	local pid
	for pid in $servers; do
		[[ " ${keep-} " == *" $pid "* ]] || stop_server "$pid"
	done
}

# tls_server COMMAND...: one that takes TLS from the first byte, where @ is its port.
tls_server()
{
	local try
	for try in 1 2 3 4 5; do
		port=$(random_port)
		is_open "$port" && continue # somebody else's, who would be taken for ours
		"${@//@/$port}" >"$work/server.log" 2>&1 </dev/null &
		servers="$! $servers"
		wait_for 20 is_open_or_gone $! && is_running $! && return
		stop_server $!
	done
	fail "a TLS server: $1" "$(cat "$work/server.log")"
	return 1
}

is_open_or_gone()
{
	is_open "$port" || ! is_running "$1"
}

# behind_front COMMAND...: such a server in place of all before, behind STARTTLS.
behind_front()
{
	servers_end
	tls_server "$@" && front
}

# What s_server is sent it sends back: it knows no SMTP, so that EHLO after TLS fails.
openssl_server()
{
	behind_front openssl s_server -accept 127.0.0.1:@ -rev "$@"
}

# front [WORD...]: before the TLS server at $port.
front()
{
	rm -f "$work/port"
	python3 tests/system/starttls_front.py "$work/port" "$port" "$@" 2>"$work/front.log" &
	servers="$! $servers"
	wait_for 20 test -s "$work/port" || fail "a front" "$(cat "$work/front.log")"
	port=$(cat "$work/port")
}

# --- MTAs ----------------------------------------------------------------------------------

# mta_is_here PACKAGE TITLE
mta_is_here()
{
	if [[ $(id -u) != 0 ]]; then
		skip "$2" "it needs root"
	elif [[ ! -d $packages/$1 ]]; then
		skip "$2" "missing: $packages/$1 (packaging/build-deps test)"
	else
		return 0
	fi
	return 1
}

# mta_root PACKAGE PROGRAM... (in its tree): sets $root to a tree that the package's programs run in.
mta_root()
{
	local package=$1
	root=$work/$package
	mkdir -p "$root"/{etc,dev,tmp,run,var/log}
	cp -a "$packages/$package/." "$root"
	cp "$work"/*.pem "$work"/*.key "$root/etc"
	chmod 600 "$root"/etc/*.key
	chmod 755 "$work" "$root"
	[[ -e $root/var/run ]] || ln -s ../run "$root/var/run"
	printf '%s::/:/bin/false\n' root:x:0:0 mail:x:8:8 postfix:x:990:990 \
		Debian-exim:x:991:991 opensmtpd:x:992:992 opensmtpq:x:993:993 \
		nobody:x:65534:65534 >"$root/etc/passwd"
	printf '%s:\n' root:x:0 mail:x:8 postdrop:x:989 postfix:x:990 Debian-exim:x:991 \
		opensmtpd:x:992 opensmtpq:x:993 nogroup:x:65534 >"$root/etc/group"
	echo "127.0.0.1 localhost mx.example" >"$root/etc/hosts"
	mknod -m 666 "$root/dev/null" c 1 3 && mknod -m 644 "$root/dev/urandom" c 1 9 || return
	libraries_of "${@:2}" | xargs cp -L --parents -t "$root"
}

# What the programs are linked with, and the linker; not what the package brings along.
libraries_of()
{
	LD_LIBRARY_PATH=$root/usr/lib/postfix ldd "${@/#/$root}" |
		awk -v own="$root" '
			index($3, "/") == 1 && index($3, own) != 1 { print $3 }
			index($1, "/") == 1 && NF == 2 && $1 !~ /:$/ { print $1 }' | sort -u
}

# mta_start PORT COMMAND...: in $root.
mta_start()
{
	port=$1
	chroot "$root" "${@:2}" >"$work/mta.out" 2>&1 </dev/null &
	servers="$! $servers"
	wait_for 20 is_open_or_gone $! && is_running $! && return
	cat "$work/mta.out" >&2
	return 1
}

# --- Postfix -------------------------------------------------------------------------------

# postfix_service NAME COMMAND OPTION...: a line of master.cf; its port is in
# ${postfix_port[NAME]}.
declare -A postfix_port
postfix_service()
{
	local option
	postfix_port[$1]=$(random_port)
	printf '127.0.0.1:%s inet n - n - %s %s' "${postfix_port[$1]}" \
		"$([[ $2 == postscreen ]] && echo 1 || echo -)" "$2" >>"$work/services"
	for option in "${@:3}"; do
		printf ' -o %s' "$option" >>"$work/services"
	done
	echo >>"$work/services"
}

# One master for all of the services before.
postfix_start()
{
	local first=
	first=$(awk 'NR == 1 { sub(/.*:/, "", $1); print $1 }' "$work/services")
	mta_root postfix /usr/lib/postfix/sbin/{master,smtpd,postscreen,tlsproxy} || return
	mkdir -p "$root"/var/lib/postfix "$root"/var/spool/postfix/{active,bounce,corrupt} \
		"$root"/var/spool/postfix/{defer,deferred,flush,hold,incoming,maildrop} \
		"$root"/var/spool/postfix/{pid,private,public,saved,trace}
	chown -R 990 "$root/var/lib/postfix" "$root/var/spool/postfix"
	chown 0 "$root/var/spool/postfix" "$root/var/spool/postfix/pid"
	cat "$work/services" - >"$root/etc/postfix/master.cf" <<-END
		smtpd pass - - n - - smtpd
		tlsproxy unix - - n - 0 tlsproxy
		dnsblog unix - - n - 0 dnsblog
		tlsmgr unix - - n 1000? 1 tlsmgr
		anvil unix - - n - 1 anvil
		rewrite unix - - n - - trivial-rewrite
		postlog unix-dgram n - n - 1 postlogd
	END
	cat >"$root/etc/postfix/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = /var/spool/postfix
		data_directory = /var/lib/postfix
		daemon_directory = /usr/lib/postfix/sbin
		command_directory = /usr/sbin
		meta_directory = /etc/postfix
		mail_owner = postfix
		setgid_group = postdrop
		myhostname = mx.example
		mynetworks = 192.0.2.1/32
		inet_interfaces = 127.0.0.1
		local_recipient_maps =
		maillog_file = /var/log/mail.log
		smtpd_tls_cert_file = /etc/good.pem
		smtpd_tls_key_file = /etc/good.key
		smtpd_tls_security_level = may
		smtpd_tls_session_cache_database =
		smtpd_relay_restrictions = reject
		postscreen_greet_wait = 1s
		postscreen_greet_banner = \$myhostname wait for it
		postscreen_greet_action = enforce
		postscreen_access_list =
	END
	mta_start "$first" /usr/lib/postfix/sbin/master -d -c /etc/postfix ||
		{ cat "$root/var/log/mail.log" >&2; return 1; }
}

# --- Exim ----------------------------------------------------------------------------------

# exim_start HOSTS-WITH-STARTTLS [implicit]
exim_start()
{
	local exim_port
	exim_port=$(random_port)
	[[ -d $work/exim4-daemon-light ]] ||
		mta_root exim4-daemon-light /usr/sbin/exim4 || return
	root=$work/exim4-daemon-light
	mkdir -p "$root/var/spool/exim4"
	cat >"$root/etc/exim.conf" <<-END
		keep_environment =
		primary_hostname = mx.example
		tls_advertise_hosts = $1
		tls_certificate = /etc/good.pem
		tls_privatekey = /etc/good.key
		tls_on_connect_ports = ${2:+$exim_port}
		local_interfaces = 127.0.0.1
		daemon_smtp_ports = $exim_port
		spool_directory = /var/spool/exim4
		log_file_path = /var/log/exim-%slog
		host_lookup =
		rfc1413_query_timeout = 0s
		begin routers
		begin transports
		begin retry
		begin rewrite
		begin authenticators
	END
	chown -R 991 "$root/var/spool/exim4" "$root/var/log" "$root"/etc/good.*
	mta_start "$exim_port" /usr/sbin/exim4 -C /etc/exim.conf -bdf -oP /run/exim.pid
}

# --- OpenSMTPD -----------------------------------------------------------------------------

opensmtpd_start()
{
	local smtpd_port
	smtpd_port=$(random_port)
	mta_root opensmtpd /usr/sbin/smtpd || return
	mkdir -p "$root/var/lib/opensmtpd/empty" "$root"/var/spool/smtpd/{corrupt,incoming} \
		"$root"/var/spool/smtpd/{offline,purge,queue,temporary}
	chown 993 "$root"/var/spool/smtpd/{corrupt,incoming,purge,queue,temporary}
	chmod 700 "$root"/var/spool/smtpd/{corrupt,incoming,purge,queue,temporary}
	chown 0:993 "$root/var/spool/smtpd/offline"
	chmod 770 "$root/var/spool/smtpd/offline"
	chmod 711 "$root/var/spool/smtpd"
	cat >"$root/etc/smtpd.conf" <<-END
		pki mx.example cert "/etc/good.pem"
		pki mx.example key "/etc/good.key"
		listen on 127.0.0.1 port $smtpd_port tls pki mx.example hostname mx.example
		match from any for any reject
	END
	mta_start "$smtpd_port" /usr/sbin/smtpd -d -f /etc/smtpd.conf
}
