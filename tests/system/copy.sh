# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# A copy of this machine that exists only in memory, in bash after tap.sh: what a test
# installs and configures there is gone when it ends, and so is every process. It has a
# loopback interface and no other. What is mounted elsewhere, such as /tmp perhaps, is not
# in the copy.

# Succeeds where one can be made; else $no_copy says why not.
can_copy()
{
	if ((EUID != 0)); then
		no_copy="we are not root"
	elif ! no_copy=$(unshare --mount --net --pid --fork true 2>&1); then
		no_copy="no namespaces here: $no_copy"
	else
		mkdir -p "$work/memory"
		no_copy=$(unshare --mount sh -c "$make_copy" sh "$work/memory" 2>&1) && return
		no_copy="no overlay here: $no_copy"
	fi
	return 1
}

make_copy='set -e
mount --make-rprivate /
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay "$1/root" -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work"'

enter_copy='
cd "$1/root"
mount -t proc proc proc
mount --rbind /dev dev
mkdir -p given tmp
chmod 1777 tmp
cp -R "$2/." given
ip link set lo up
exec chroot . sh /given/inside'

# in_copy FOLDER: is at /given there; runs its script inside.
in_copy()
{
	unshare --mount --net --pid --fork --kill-child \
		sh -c "$make_copy$enter_copy" sh "$work/memory" "$1" </dev/null
}

# copy_results FILE: what "is" and "like" inside have written, of which the last has to be
# LAST. Shown with what is in FILE.errors where it is not.
copy_results()
{
	local verb name got want last=
	while IFS=$'\t' read -r verb name got want; do
		"$verb" "$name" "$got" "$want"
		last=$name
	done <"$1"
	if [[ $last != "$2" ]]; then
		fail "all steps were taken" "$(tail -n 20 "$1.errors")"
	fi
}

# For inside: writes "VERB<tab>NAME<tab>GOT<tab>WANT" for each test.
copy_tests='
is()
{
	printf "is\t%s\t%s\t%s\n" "$1" "$(echo "$2" | tr "\n\t" "  ")" "$3 "
}
like()
{
	printf "like\t%s\t%s\t%s\n" "$1" "$(echo "$2" | tr "\n\t" "  ")" "$3"
}'
