# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# TAP for the system tests, in bash. Each test says what it wants; a failure shows what
# it got. Gives every program $build, $variant, a temporary $work and the servers.

build=${1:-build/release}
variant=${build##*/}
work=$(mktemp -d) || exit 1
trap 'servers_stop; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
. "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

tests=0 failures=0

pass()
{
	echo "ok $((++tests)) - $1"
}

# fail NAME [LINES]
fail()
{
	echo "not ok $((++tests)) - $1"
	[[ -z ${2:-} ]] || sed 's/^/#   /' <<<"$2"
	((++failures))
}

skip()
{
	echo "ok $((++tests)) - $1 # SKIP $2"
}

# is NAME GOT WANT
is()
{
	if [[ $2 == "$3" ]]; then
		pass "$1"
	else
		fail "$1" "got:  $2"$'\n'"want: $3"
	fi
}

# like NAME TEXT PATTERN, an extended regular expression
like()
{
	if [[ $2 =~ $3 ]]; then
		pass "$1"
	else
		fail "$1" "got:  $2"$'\n'"want: something like $3"
	fi
}

# at_most NAME GOT LIMIT, whole numbers
at_most()
{
	if (($2 <= $3)); then
		pass "$1"
	else
		fail "$1" "got:  $2"$'\n'"want: at most $3"
	fi
}

# Nothing can be tested without it.
need()
{
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null && continue
		echo "1..0 # SKIP missing: $program"
		exit 0
	done
}

done_testing()
{
	echo "1..$tests"
	((failures == 0))
	exit
}

# run COMMAND...: sets $output (standard output and error), $status and $took_ms.
run()
{
	local start=$EPOCHREALTIME
	output=$("$@" 2>&1)
	status=$?
	took_ms=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
}
