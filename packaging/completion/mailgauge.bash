# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# Completion for bash. All of it comes from the program that is being typed: options from
# its --help, findings and metrics from its lists, so that it fits every version.

# _mailgauge_options PROGRAM: all of them, in the long form.
_mailgauge_options()
{
	"$1" --help 2>/dev/null | sed -n 's/^  \(-.,\|   \) \(--[a-z0-9.-]*\).*/\2/p'
}

# _mailgauge_argument PROGRAM OPTION: what its value is called, nothing if it takes none.
_mailgauge_argument()
{
	[[ $2 == -* ]] || return
	"$1" --help 2>/dev/null |
		sed -n "s/^ \(.*[ ,]\)\?$2\(, --[a-z0-9.-]*\)\? \([A-Z[][^ ]*\).*/\3/p"
}

# _mailgauge_values PROGRAM OPTION: those that the program names when it refuses one.
_mailgauge_values()
{
	"$1" "$2" '?' 2>&1 | sed -n '1s/.*expected\( one of:\)\?//p' | sed 's/,\| or / /g'
}

# _mailgauge_list PROGRAM OPTION [BEHIND]: first words of a list, with BEHIND after each.
_mailgauge_list()
{
	"$1" "$2" 2>/dev/null | sed "s/ .*//; s/\$/${3-}/"
}

_mailgauge()
{
	local program=$1 word=$2 option=$3 name= words=
	# NAME=VALUE comes in three words, the last of which may be missing.
	if [[ $word == "=" ]]; then
		word= name=$option option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $option == "=" ]] && ((COMP_CWORD > 2)); then
		name=${COMP_WORDS[COMP_CWORD - 2]} option=${COMP_WORDS[COMP_CWORD - 3]}
	fi
	if [[ $name == --* ]]; then
		option=$name name=
	fi

	COMPREPLY=()
	case $(_mailgauge_argument "$program" "$option"),$name in
	,*) words=$(_mailgauge_options "$program") ;;
	FILE, | DIR,)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	ID,) words=$(_mailgauge_list "$program" --list-findings) ;;
	ID=SEVERITY,)
		compopt -o nospace 2>/dev/null
		words=$(_mailgauge_list "$program" --list-findings =)
		;;
	ID=SEVERITY,*) words="ignore info unknown warning critical" ;;
	"[METRIC=]RANGE,")
		compopt -o nospace 2>/dev/null
		words=$(_mailgauge_list "$program" --list-metrics =)
		;;
	FORMAT,* | LEVEL,* | RESULT,*) words=$(_mailgauge_values "$program" "$option") ;;
	esac
	[[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _mailgauge check_spf check_dmarc check_dkim check_smtp_tls check_mta_sts \
	mailgauge_exporter prometheus-mailgauge-exporter
