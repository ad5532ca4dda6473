#compdef check_spf check_dmarc check_dkim check_smtp_tls check_mta_sts mailgauge_exporter prometheus-mailgauge-exporter
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# Completion for zsh. All of it comes from the program that is being typed: options from
# its --help, findings and metrics from its lists, so that it fits every version.

# The rows of --help, one a line: letter, option, argument, help, with tabs between.
_mailgauge_rows()
{
	$1 --help 2>/dev/null | awk '
	function out() {
		if (option != "")
			print letter "\t" option "\t" argument "\t" help
		option = ""
	}
	/^  (-., |    )--/ {
		out()
		letter = /^  -/ ? substr($1, 1, 2) : ""
		field = letter != "" ? 2 : 1
		option = $field
		argument = help = ""
		rest = substr($0, index($0, option) + length(option))
		if (match(rest, /^ [^ ]+/)) {
			argument = substr(rest, 2, RLENGTH - 1)
			rest = substr(rest, RLENGTH + 1)
		}
		sub(/^ +/, "", rest)
		help = rest
		next
	}
	/^                              / { sub(/^ +/, ""); help = help (help != "" ? " " : "") $0; next }
	{ out() }
	END { out() }'
}

# Values that the program names when it refuses one.
_mailgauge_values()
{
	$1 $2 '?' 2>&1 | sed -n '1s/.*expected\( one of:\)\{0,1\}//p' | sed 's/,/ /g; s/ or / /g'
}

# What stands behind the colon of an _arguments specification.
_mailgauge_action()
{
	local program=$1 option=$2
	case $3 in
	FILE) print _files ;;
	DIR) print '_files -/' ;;
	ID) print "($($program --list-findings 2>/dev/null | sed 's/ .*//'))" ;;
	'ID=SEVERITY') print "($($program --list-findings 2>/dev/null | sed 's/ .*/=/'))" ;;
	'[METRIC=]RANGE') print "($($program --list-metrics 2>/dev/null | sed 's/ .*/=/'))" ;;
	FORMAT|LEVEL|RESULT) print "($(_mailgauge_values $program $option))" ;;
	*) print ' ' ;;
	esac
}

_mailgauge()
{
	setopt localoptions extendedglob
	local program=$words[1] line letter option argument help once value name
	local -a specs
	_mailgauge_rows $program | while IFS= read -r line; do
		# Not by IFS, to which two tabs are one.
		local -a row=("${(@ps:\t:)line}")
		letter=$row[1] option=$row[2] argument=$row[3] help=${row[4]//(#m)[\[\]:]/\\$MATCH}
		once= value=
		[[ $help == *repeatable* ]] && once='*'
		if [[ -n $argument ]]; then
			value=":${argument//:/\\:}:${(j: :)${(f)$(_mailgauge_action $program $option $argument)}}"
		fi
		for name in $letter $option; do
			specs+=("${once}${name}[$help]$value")
		done
	done
	_arguments -s $specs '*:domain: '
}

_mailgauge "$@"
