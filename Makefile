# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The mailgauge authors
#
# The whole build. `make help` lists the targets, `make V=1` shows the commands.
# CC CFLAGS CPPFLAGS LDFLAGS LDLIBS and the directories are the user's: they come after
# ours and are never changed here.

VERSION := 0.1.0

# --- the user's ------------------------------------------------------------------------

CC         ?= cc
CFLAGS     ?= $(if $(filter cov,$(VARIANT)),-O0,-O2) -g
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
# Debian has lib, Fedora lib64, FreeBSD libexec: where plugins are already is the place.
PLUGINDIR  ?= $(firstword $(wildcard $(addprefix $(PREFIX)/,lib64/nagios/plugins \
	lib/nagios/plugins libexec/nagios)) $(PREFIX)/lib/nagios/plugins)
SYSCONFDIR ?= /etc
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
UNITDIR    ?= $(PREFIX)/lib/systemd/system
BASH_COMPLETION_DIR ?= $(DATADIR)/bash-completion/completions
ZSH_COMPLETION_DIR  ?= $(DATADIR)/zsh/site-functions
# Debian's exporters are all called prometheus-*-exporter.
EXPORTER_NAME ?= mailgauge_exporter
CLANG      ?= clang
CLANG_FORMAT ?= clang-format

# --- variants: flags and an object tree for each ----------------------------------------

VARIANT ?= release
VARIANTS := release asan tsan cov fuzz

FLAGS_release := # hardening below
FLAGS_asan    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan    := -fsanitize=thread
FLAGS_cov     := --coverage
FLAGS_fuzz    := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all

ifeq ($(filter $(VARIANT),$(VARIANTS)),)
$(error VARIANT=$(VARIANT) is none of: $(VARIANTS))
endif
ifeq ($(VARIANT),fuzz)
override CC := $(CLANG)
FUZZ_LINK   := -fsanitize=fuzzer
endif

B := build/$(VARIANT)
Q := $(if $(V),,@)

# --- ours -------------------------------------------------------------------------------

package_libs = $(shell $(PKG_CONFIG) --libs $(1) || echo --missing-$(1))

# Mostly empty, and asked for at the first compilation only.
PACKAGES       := gnutls libcares libcrypt libmicrohttpd openssl yaml-0.1 zlib
PACKAGE_CFLAGS  = $(eval PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) \
	|| echo --missing-package))$(PACKAGE_CFLAGS)

WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough
# Distributions bring a level of their own, which must not be defined twice.
FORTIFY = $(if $(findstring FORTIFY,$(CPPFLAGS) $(CFLAGS))$(filter-out release,$(VARIANT)),, \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
ALL_CPPFLAGS = -Iinclude -D_GNU_SOURCE -DMAILGAUGE_VERSION='"$(VERSION)"' \
	-DCARES_NO_DEPRECATED $(PACKAGE_CFLAGS) $(FORTIFY) $(CPPFLAGS)
ALL_CFLAGS   = -std=c17 $(WARNINGS) $(if $(WERROR),-Werror) -fPIE \
	-fstack-protector-strong -fstack-clash-protection $(FLAGS_$(VARIANT)) $(CFLAGS)
ALL_LDFLAGS  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(FLAGS_$(VARIANT)) $(LDFLAGS)

# What each program links: explicit, so that a reader sees it.
CORE   := arena buf deadline die file finding metric nearest options report run salt span \
	status store tag_list threshold
DNS    := channel fetch idn message name nameserver question record window
SMTP   := flight hello scan suite
SPF    := audit audit_ranges audit_record audit_side audit_targets check_host expand macro \
	ranges record senders settings side spf tree
DMARC  := audit audit_record audit_reports destination discovery dmarc foundation policy \
	record settings side uri
DKIM   := audit base64 dkim key record selector settings
SMTP_TLS := audit audit_certificate audit_dane audit_route audit_talk audit_tls dane draw \
	measure route settings smtp_tls
OUTPUT := json multi nagios prometheus text writer

# Of every program, and of each probe.
COMMON := $(CORE:%=core/%) $(DNS:%=dns/%) $(OUTPUT:%=output/%)
PARTS  := $(COMMON) $(SMTP:%=smtp/%) $(SPF:%=spf/%) $(DKIM:%=dkim/%) \
	$(SMTP_TLS:%=smtp_tls/%) \
	$(DMARC:%=dmarc/%) dns/psl
PART_OBJECTS   := $(PARTS:%=$(B)/probes/%.o)
PLUGIN_OBJECTS := $(B)/probes/plugin.o $(B)/probes/plugin_options.o
PLUGINS  := check_dkim check_dmarc check_smtp_tls check_spf
EXPORTER := accept auth checks config config_modules config_reader config_schema \
	config_smtp config_targets config_tree draft exposition flags gate gzip handlers \
	keeper listener live live_page log main metrics notify own_metrics pack probe_page \
	probe_query process reload_page result results roster schedule server service \
	settings state state_fact state_result state_scan sweep tasks textfile wall_clock \
	web web_config web_tls zipped \
	domain_page html mail_view page_findings page_overview record_view report_view \
	style svg_tree trace_look
PROGRAMS := $(PLUGINS) mailgauge_exporter

# The fetcher of SMTP scans, for the programs that make some: it needs OpenSSL.
SMTP_FETCH := certificate connection dialogue fetch handshake lending plan plan_visit \
	reply
PART_OBJECTS += $(SMTP_FETCH:%=$(B)/probes/smtp/%.o)

SMTP_LIBS     = $(call package_libs,openssl) -lpthread
PLUGIN_LIBS   = $(call package_libs,libcares)
CRYPTO_LIBS   = $(call package_libs,libcrypto)
# Sanitizers have a crypt_r() of their own, in front of one that has to be there.
EXPORTER_LIBS = $(call package_libs,libcares) $(call package_libs,libmicrohttpd) \
	$(call package_libs,gnutls) \
	-Wl,--no-as-needed $(call package_libs,libcrypt) -Wl,--as-needed \
	$(call package_libs,yaml-0.1) $(call package_libs,zlib) $(SMTP_LIBS)

all: $(PROGRAMS:%=$(B)/%)

# A plugin is forked for each check: it links its own parts, and no library that it does
# not need. $(call plugin,NAME,PARTS,LIBRARIES)
define plugin
$(B)/$(1): $(B)/probes/$(1).o $(B)/probes/plugin_main.o $(PLUGIN_OBJECTS) \
	$(patsubst %,$(B)/probes/%.o,$(COMMON) $(2))
	$$(call link,$$(PLUGIN_LIBS) $(3))
endef

$(eval $(call plugin,check_smtp_tls,$(SMTP:%=smtp/%) $(SMTP_FETCH:%=smtp/%) \
	$(SMTP_TLS:%=smtp_tls/%),$$(SMTP_LIBS)))
$(eval $(call plugin,check_dkim,$(DKIM:%=dkim/%),$$(CRYPTO_LIBS)))
$(eval $(call plugin,check_spf,$(SPF:%=spf/%)))
# SPF and DKIM are what DMARC rests on; it looks at records of keys, not into them.
$(eval $(call plugin,check_dmarc,$(DMARC:%=dmarc/%) dns/psl $(SPF:%=spf/%) \
	dkim/audit dkim/base64 dkim/record dkim/selector))

$(B)/mailgauge_exporter: $(EXPORTER:%=$(B)/exporter/%.o) $(PART_OBJECTS)
	$(call link,$(EXPORTER_LIBS))

# --- rules ------------------------------------------------------------------------------

define link
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LINK $@")
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(1) $(LDLIBS)
endef

define compile
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC   $@")
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
endef

# By folder, so that no test's include path or library leaks into a program.
$(B)/probes/%.o: probes/%.c Makefile
	$(compile)
$(B)/exporter/%.o: exporter/%.c Makefile
	$(compile)
$(B)/tests/%.o: ALL_CPPFLAGS += -Itests -Iprobes -Iexporter
$(B)/tests/%.o: tests/%.c Makefile
	$(compile)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests ------------------------------------------------------------------------------

# Every program below links what it needs of all our objects but the mains, of which
# there is an archive (thin: a list of names); unit tests are one program a file, fuzz
# targets too. In the fuzz variant they get libFuzzer's main(), in all others
# one that replays the seeds, so that they can't rot.
TEST_OBJECTS  := $(PART_OBJECTS) $(PLUGIN_OBJECTS) \
	$(patsubst %,$(B)/exporter/%.o,$(filter-out main,$(EXPORTER))) \
	$(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
TEST_PARTS    := $(B)/tests/parts.a
TEST_LIBS      = $(EXPORTER_LIBS) $(call package_libs,jansson)
UNIT_TESTS    := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c))
FUZZ_TARGETS  := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
SYSTEM_TOOLS  := $(patsubst %.c,$(B)/%,$(wildcard tests/system/*.c))
BENCH_TOOLS   := $(patsubst %.c,$(B)/%,$(filter-out tests/bench/libspf2.c,$(wildcard tests/bench/*.c)))
# A peer, where its -dev package happens to be there.
BENCH_PEERS   := $(if $(wildcard /usr/include/spf2/spf.h),$(B)/tests/bench/libspf2)
FUZZ_SECONDS  ?= 5

$(TEST_PARTS): $(TEST_OBJECTS)
	$(Q)rm -f $@ && $(AR) rcsT $@ $^

$(UNIT_TESTS): %: %.o $(TEST_PARTS)
	$(call link,$(TEST_LIBS) $(call package_libs,cmocka))

$(FUZZ_TARGETS): %: %.o $(if $(FUZZ_LINK),,$(B)/tests/fuzz/replay.o) $(TEST_PARTS)
	$(call link,$(TEST_LIBS) $(FUZZ_LINK))

$(B)/tests/scenario/scenario: $(B)/tests/scenario/scenario.o $(TEST_PARTS)
	$(call link,$(TEST_LIBS))

$(B)/tests/conformance/conformance: $(B)/tests/conformance/conformance.o $(TEST_PARTS)
	$(call link,$(TEST_LIBS))

# What tests/system runs besides the programs.
$(SYSTEM_TOOLS): %: %.o $(TEST_PARTS)
	$(call link,$(TEST_LIBS))

# Each with no more than it needs: one of them is the empty program of the measurements.
BENCH_LIBS_body    = $(call package_libs,libmicrohttpd)
BENCH_LIBS_libspf2 = -lspf2
BENCH_LIBS_walk    = $(TEST_LIBS)
$(B)/tests/bench/walk: $(TEST_PARTS)
$(BENCH_TOOLS) $(BENCH_PEERS): %: %.o
	$(call link,$(BENCH_LIBS_$(@F)))

tests: all $(UNIT_TESTS) $(FUZZ_TARGETS) $(B)/tests/scenario/scenario $(BENCH_TOOLS) \
	$(SYSTEM_TOOLS) $(B)/tests/conformance/conformance

# "+": the fuzz part makes the fuzz variant, with as many jobs as this make has.
check: tests
	+$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/check $(B) unit scenario fuzz lint system
check-unit: $(UNIT_TESTS)
	$(Q)tests/check $(B) unit
check-scenario: $(B)/tests/scenario/scenario
	$(Q)tests/check $(B) scenario
check-system: all $(SYSTEM_TOOLS)
	$(Q)tests/check $(B) system
check-conformance: $(B)/tests/conformance/conformance
	$(Q)SUITE='$(SUITE)' tests/check $(B) conformance
fuzz-smoke: $(FUZZ_TARGETS)
	+$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) tests/check $(B) fuzz
fuzz-targets: $(FUZZ_TARGETS)
lint:
	$(Q)tests/check $(B) lint
bench: all $(BENCH_TOOLS) $(BENCH_PEERS)
	$(Q)tests/bench/bench $(B)
demo: all
	$(Q)tests/demo/demo $(B)

cov:
	$(MAKE) VARIANT=cov check-unit check-scenario
	tests/coverage build/cov

# --- the rest ---------------------------------------------------------------------------

SOURCES = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]')

format:
	$(CLANG_FORMAT) -i $(SOURCES)

# One entry a source file, from the same variables as the build.
compile_commands.json: Makefile
	$(Q){ echo '['; separator=; for source in $(filter %.c,$(SOURCES)); do \
	  printf '%s{"directory":"%s","file":"%s","command":"%s"}\n' "$$separator" \
	    "$(CURDIR)" "$$source" \
	    '$(subst ",\",$(subst \,\\,$(CC) $(ALL_CPPFLAGS) -Itests -Iprobes -Iexporter $(ALL_CFLAGS)))'" -c $$source"; \
	  separator=,; done; echo ']'; } > $@

# Files for other programs name our paths as a distribution has them, so that they can be
# copied as they are; installed, they name ours.
MAN_PAGES := $(wildcard packaging/man/*.[1-9])
SNIPPETS  := $(wildcard $(addprefix packaging/,grafana/*.json icinga2/*.conf nagios/*.cfg \
	prometheus/*.yml))
UNITS     := $(wildcard packaging/systemd/*.service packaging/systemd/*.socket)
OUR_NAMES = sed -e 's|mailgauge_exporter|$(EXPORTER_NAME)|g' \
	-e 's|/usr/lib/nagios/plugins|$(PLUGINDIR)|g' -e 's|/usr/bin/|$(BINDIR)/|g' \
	-e 's|/usr/share/mailgauge|$(DATADIR)/mailgauge|g' \
	-e 's,/etc/\(default\|prometheus\),$(SYSCONFDIR)/\1,g'

# $(call install_texts,FILES,TARGET): with our names, and 644 whatever the umask. TARGET is
# made of $$file by the shell.
define install_texts
	$(Q)for file in $(1); do to=$$(echo $(DESTDIR)$(2) | $(OUR_NAMES)) && \
	  $(INSTALL) -d $${to%/*} && $(OUR_NAMES) $$file >$$to && chmod 644 $$to || exit 1; done
endef

install: all
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(PLUGINDIR)
	$(INSTALL) -m 755 $(PLUGINS:%=$(B)/%) $(DESTDIR)$(PLUGINDIR)
	$(INSTALL) -m 755 $(B)/mailgauge_exporter $(DESTDIR)$(BINDIR)/$(EXPORTER_NAME)
	$(call install_texts,$(MAN_PAGES),$(MANDIR)/man$${file##*.}/$${file##*/})
	$(call install_texts,$(UNITS),$(UNITDIR)/$${file##*/})
	$(call install_texts,$(SNIPPETS),$(DATADIR)/mailgauge/$${file#packaging/})
	$(Q)for program in $(PLUGINS) $(EXPORTER_NAME); do \
	  $(INSTALL) -d $(DESTDIR)$(BASH_COMPLETION_DIR) $(DESTDIR)$(ZSH_COMPLETION_DIR) && \
	  $(INSTALL) -m 644 packaging/completion/mailgauge.bash \
	    $(DESTDIR)$(BASH_COMPLETION_DIR)/$$program && \
	  sed "1s/.*/#compdef $$program/" packaging/completion/mailgauge.zsh \
	    >$(DESTDIR)$(ZSH_COMPLETION_DIR)/_$$program && \
	  chmod 644 $(DESTDIR)$(ZSH_COMPLETION_DIR)/_$$program || exit 1; done

uninstall:
	rm -f $(PLUGINS:%=$(DESTDIR)$(PLUGINDIR)/%) $(DESTDIR)$(BINDIR)/$(EXPORTER_NAME)
	rm -f $(foreach page,$(subst mailgauge_exporter,$(EXPORTER_NAME),$(notdir \
	  $(MAN_PAGES))),$(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(page)))/$(page))
	rm -f $(subst mailgauge_exporter,$(EXPORTER_NAME), \
	  $(UNITS:packaging/systemd/%=$(DESTDIR)$(UNITDIR)/%))
	rm -f $(foreach program,$(PLUGINS) $(EXPORTER_NAME), \
	  $(DESTDIR)$(BASH_COMPLETION_DIR)/$(program) $(DESTDIR)$(ZSH_COMPLETION_DIR)/_$(program))
	rm -rf $(DESTDIR)$(DATADIR)/mailgauge

# What documents repeat from the tables of the code; see there.
documents: all
	packaging/refresh $(B)

DIST ?= mailgauge-$(VERSION).tar.gz

dist:
	git archive --format=tar --prefix=mailgauge-$(VERSION)/ HEAD | gzip -n -9 >$(DIST)

# Debian packages of HEAD, in build/deb. The tree that is built is that of the archive, with
# packaging/debian at the place where Debian has it.
DEB := build/deb

deb:
	rm -rf $(DEB)
	mkdir -p $(DEB)
	$(MAKE) dist DIST=$(DEB)/mailgauge_$(VERSION).orig.tar.gz
	tar -C $(DEB) -xzf $(DEB)/mailgauge_$(VERSION).orig.tar.gz
	cp -R $(DEB)/mailgauge-$(VERSION)/packaging/debian $(DEB)/mailgauge-$(VERSION)/debian
	cd $(DEB)/mailgauge-$(VERSION) && env -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -us -uc

# RPM packages of HEAD, in build/rpm, the same bytes each time. A source package has the
# names of folders in it, so it is made by itself with short ones. Where rpm is a guest, such as on Debian, it knows neither
# the packages that are installed nor systemd's macros.
RPM := build/rpm
RPM_SAME_BYTES := --define 'source_date_epoch_from_changelog 1' \
	--define 'use_source_date_epoch_as_buildtime 1' \
	--define 'clamp_mtime_to_source_date_epoch 1' --define '_buildhost localhost'
RPM_AS_GUEST := --nodeps --define '_unitdir /usr/lib/systemd/system' \
	--define '_sysusersdir /usr/lib/sysusers.d' --define 'sysusers_create_compat() :' \
	--define 'systemd_post() :' --define 'systemd_preun() :' \
	--define 'systemd_postun_with_restart() :'

# $(call rpmbuild,FOLDER)
rpmbuild = env -u MAKEFLAGS -u MFLAGS CPPFLAGS='-ffile-prefix-map=$(CURDIR)/$(RPM)/BUILD=.' \
	rpmbuild --define '_topdir $(1)' $(RPM_SAME_BYTES) \
	$(if $(shell rpm --eval '%{?_unitdir}'),,$(RPM_AS_GUEST))

rpm:
	rm -rf $(RPM)
	mkdir -p $(RPM)/SOURCES
	$(MAKE) dist DIST=$(RPM)/SOURCES/mailgauge-$(VERSION).tar.gz
	$(INSTALL) -m 644 packaging/rpm/mailgauge.spec $(RPM)
	chmod 644 $(RPM)/SOURCES/*
	$(call rpmbuild,$(CURDIR)/$(RPM)) -bb $(RPM_FLAGS) $(RPM)/mailgauge.spec
	cd $(RPM) && $(call rpmbuild,.) -bs mailgauge.spec

clean:
	rm -rf build compile_commands.json

help:
	@echo 'all             the programs, in build/release (VARIANT=$(VARIANTS))'
	@echo 'demo            a loopback name server, demo domains, the exporter on them'
	@echo 'check           every test: units, scenarios, fuzzing, lint, real servers'
	@echo 'check-unit      only the unit tests'
	@echo 'check-scenario  only the scenarios'
	@echo 'check-system    only the tests with real servers'
	@echo 'check-conformance  the openspf suite for RFC 7208, SUITE=rfc7208-tests.yml'
	@echo 'fuzz-smoke      every fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS) seconds'
	@echo 'lint            layers, headers, catalogue, function lengths'
	@echo 'bench           measurements against peers and limits'
	@echo 'cov             line coverage of unit tests and scenarios'
	@echo 'format          clang-format 14 over all sources'
	@echo 'compile_commands.json   for clangd and other tools'
	@echo 'documents       brings manual pages and the Icinga file up to date with the tables'
	@echo 'install, uninstall      into DESTDIR, PREFIX, PLUGINDIR, BINDIR and other directories'
	@echo 'dist            a tar archive of HEAD'
	@echo 'deb             Debian packages of HEAD, in $(DEB)'
	@echo 'rpm             RPM packages of HEAD, in $(RPM)'
	@echo 'clean           removes build/'

.PHONY: all tests check check-unit check-scenario check-system check-conformance \
	fuzz-smoke fuzz-targets lint bench demo cov format documents install uninstall \
	dist deb rpm clean help
.DEFAULT_GOAL := all
# The order of goals is theirs; nothing is built by a rule that we did not write.
MAKEFLAGS += --no-builtin-rules
