# vrrp-tools.  `make` builds into $(B); see README.md for the targets.
B        ?= build
# One name for a folder, or rules of another name say nothing of what is there.
override B := $(patsubst $(CURDIR)/%,%,$(B))
PREFIX   ?= /usr/local
DESTDIR  ?=
CC       ?= cc
AR       ?= ar
CFLAGS   ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL  ?= install
V        ?= 0
Q        := $(if $(filter 0,$(V)),@)
VERSION  := 0.1

TOOLS    := vrrp-elect vip-bind garp hcheck ipvsadm-lite vrrp-dump
LIBS_vrrp-elect := libcap-ng libseccomp nettle
LIBS_vip-bind   := libnl-3.0 libnl-route-3.0 libcap-ng libseccomp
LIBS_garp       := libcap-ng libseccomp
LIBS_hcheck     := libcap-ng libseccomp
LIBS_ipvsadm-lite := libnl-genl-3.0 libnl-3.0 libcap-ng libseccomp
LIBS_vrrp-dump  := libpcap libcap-ng libseccomp
# Linked statically, for a shared library costs each process pages of its own;
# `make STATIC=` for a distribution.  Sanitizers cannot be.  With `PIE=no` it has
# one address, known to all, and 16 kB less of its own.
STATIC   := vrrp-elect
PIE      := yes
ifneq (,$(findstring -fsanitize,$(CFLAGS) $(LDFLAGS)))
override STATIC :=
endif

WARN     := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wvla -Wcast-qual \
            -Wstrict-prototypes -Wmissing-prototypes -Wundef
HARDEN   := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
            -fstack-clash-protection -fcf-protection -fPIE -fno-strict-aliasing -fdata-sections
HARDLINK := -Wl,-z,relro,-z,now,-z,noexecstack
LINKHARD := -pie $(HARDLINK)
# Sorted: what libc writes to is not spread around our buffers.
LINK_PIE_yes := -static-pie -Wl,--sort-section=name
LINK_PIE_no  := -static -Wl,--sort-section=name
ifeq (,$(filter yes no,$(PIE)))
$(error PIE is yes or no)
endif
NL_CFLAGS := $(shell $(PKG_CONFIG) --cflags libnl-3.0 libnl-route-3.0 2>/dev/null)
ALL_CFLAGS = -std=gnu11 $(WARN) $(WERROR) $(HARDEN) -Ilib/pure -Ilib/sys -Itests/unit -Itests/fuzz \
             -D_GNU_SOURCE -DVRRP_TOOLS_VERSION='"$(VERSION)"' $(NL_CFLAGS) $(CPPFLAGS) $(CFLAGS)

PURE_O   := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard lib/pure/*.c)))
SYS_O    := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard lib/sys/*.c)))
UNITS    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/*_test.c)))
FUZZERS  := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
SIM_O    := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/main.c,$(sort $(wildcard tests/sim/*.c))))
LAB      := $(patsubst tests/lab/%.c,$(B)/lab/%,$(sort $(wildcard tests/lab/*.c)))
BINS     := $(addprefix $(B)/,$(TOOLS))

.PHONY: all check demo fresh bench install uninstall setcap pure asan cover fuzz fuzzers fuzzers-built lint clean tests unit \
        sim sim-bite campaign campaign-bite moving deb deb-test
all: $(BINS)
tests: all $(STATIC:%=$(B)/shared/%) $(STATIC:%=$(B)/fixed/%) $(UNITS) $(LAB) $(B)/sim/sim

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(Q),echo "  CC    $<")
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libpure.a: $(PURE_O)
$(B)/libsys.a: $(SYS_O)
%.a:
	$(Q)rm -f $@; $(AR) rcs $@ $^

# Each tool: the objects of its own folder, then the two archives.  What is
# linked statically is in $(B)/shared too, linked dynamically, and in $(B)/fixed
# without PIE, for the tests.
NAMES    := $(B)/obj/lib/static/names.o
# tool NAME,OUTPUT,yes|no (PIE, when linked statically)
define tool
$(2): $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard $(1)/*.c))) $(NAMES) $(B)/libsys.a $(B)/libpure.a
	@mkdir -p $$(@D)
	@$(if $(Q),echo "  LINK  $$@")
	$(Q)$(CC) $$(ALL_CFLAGS) $(if $(3),$(LINK_PIE_$(3)),-pie) $(HARDLINK) $$(LDFLAGS) -o $$@ \
		$(if $(3),$$^,$$(filter-out $(NAMES),$$^)) \
		$$$$($(PKG_CONFIG) $(if $(3),--static) --libs $$(LIBS_$(1)))
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t),$(B)/$(t),$(if $(filter $(t),$(STATIC)),$(PIE)))))
$(foreach t,$(STATIC),$(eval $(call tool,$(t),$(B)/shared/$(t),)))
$(foreach t,$(STATIC),$(eval $(call tool,$(t),$(B)/fixed/$(t),no)))

.SECONDARY:
$(B)/unit/%: $(B)/obj/tests/unit/%.o $(B)/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINKHARD) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(UNIT_LIBS)
$(B)/unit/sim_test: $(SIM_O)
$(B)/unit/auth_test: $(B)/obj/lib/sys/mac.o
$(B)/unit/auth_test: UNIT_LIBS := -lnettle
$(B)/sim/sim: $(B)/obj/tests/sim/main.o $(SIM_O) $(B)/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINKHARD) $(LDFLAGS) -o $@ $^
$(B)/lab/lab-gen: $(B)/libpure.a
$(B)/lab/%: $(B)/obj/tests/lab/%.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LINKHARD) $(LDFLAGS) -o $@ $^

$(B)/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/libsys.a $(B)/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		$(shell $(PKG_CONFIG) --libs libnl-genl-3.0 libnl-3.0 libpcap)
fuzzers: $(FUZZERS)

# lib/pure may call mem* (bcmp is clang's memcmp), str*, inet_pton and inet_ntop,
# nothing else.
pure: $(B)/libpure.a
	@nm -u $(PURE_O) | sed -n 's/^ *U //p' | sort -u > $(B)/undefined
	@nm $(PURE_O) | sed -n 's/^[0-9a-f]* [TDRBC] //p' | sort -u > $(B)/defined
	@! comm -23 $(B)/undefined $(B)/defined | grep -vE \
	 '^(_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|bcmp|(__)?(mem|str)[a-z]+(_chk)?|inet_(pton|ntop)|__(asan|ubsan)_.*)$$'
	@echo "pure: $(words $(PURE_O)) objects call nothing outside mem* str* inet_pton inet_ntop"

check:
	@tests/deps build lab check
	@$(MAKE) -s -j$$(nproc) --no-print-directory tests pure
	@B=$(B) tests/check
unit: $(UNITS) $(B)/sim/sim
	@B=$(B) tests/check unit
demo:
	@tests/deps build lab
	@$(MAKE) -s --no-print-directory all $(LAB)
	@B=$(B) tests/lab/demo
# FRESH: demo or check; both unless told.
fresh:
	@tests/fresh $(FRESH)
bench:
	@tests/deps build lab bench
	@$(MAKE) -s --no-print-directory all $(STATIC:%=$(B)/fixed/%) $(LAB)
	@B=$(B) tests/bench/run
# CAMPAIGN_FAULTS: how many; CAMPAIGN_SEED: a replay; more in tests/campaign/run.
campaign:
	@tests/deps build lab check
	@$(MAKE) -s --no-print-directory all $(LAB)
	@B=$(B) tests/campaign/run
# from-keepalived beside keepalived.
moving:
	@tests/deps build lab check
	@$(MAKE) -s --no-print-directory all $(LAB)
	@B=$(B) tests/check moving
campaign-bite:
	@tests/deps build lab check
	@$(MAKE) -s --no-print-directory all $(LAB)
	@B=$(B) tests/campaign/bite
asan:
	@$(MAKE) -s --no-print-directory tests B=$(B)-asan CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
	@$(MAKE) -s --no-print-directory all $(LAB:$(B)/%=$(B)-ubsan/%) B=$(B)-ubsan CFLAGS='-O1 -g -fsanitize=undefined -fno-sanitize-recover=all'
cover:
	@tests/deps build check
	@B=$(B) tests/cover
fuzzers-built:
	@tests/deps build check
	@$(MAKE) -s --no-print-directory fuzzers B=$(B)-fuzz CC=clang CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
# FUZZ: which, all unless told; FUZZ_SECONDS: how long each.
fuzz: fuzzers-built
	@B=$(B)-fuzz tests/fuzz/run $(FUZZ)
# SIM_SECONDS of CPU; SIM_SEED: only that scenario; SIM_ARGS: see tests/sim/main.c.
sim: $(B)/sim/sim
	@$(B)/sim/sim --seconds=$(or $(SIM_SECONDS),60) $(if $(SIM_SEED),--one=$(SIM_SEED)) $(SIM_ARGS)
sim-bite: $(B)/sim/sim
	@B=$(B) CC='$(CC)' tests/sim/bite
lint:
	@tests/deps build check
	@B=$(B) CC='$(CC)' tests/lint
# Debian packages in $(B)/deb; deb-test installs them in a fresh Debian.
deb:
	@tests/deps build deb
	@B=$(B) tests/deb build
deb-test:
	@tests/deps build lab deb
	@B=$(B) tests/deb test

SBIN     := $(DESTDIR)$(PREFIX)/sbin
MAN      := $(DESTDIR)$(PREFIX)/share/man
DOC      := $(DESTDIR)$(PREFIX)/share/doc/vrrp-tools
COMPLETE := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
PAGES    := $(wildcard man/*.[578])
EXAMPLES := $(shell find examples -type f)
CAPS_vrrp-elect   := cap_net_raw
CAPS_vip-bind     := cap_net_admin,cap_net_raw
CAPS_garp         := cap_net_raw
CAPS_hcheck       := cap_net_raw
CAPS_ipvsadm-lite := cap_net_admin
CAPS_vrrp-dump    := cap_net_raw

install: all
	$(INSTALL) -d $(SBIN) $(COMPLETE) $(DOC)
	$(INSTALL) -m 755 $(BINS) $(SBIN)
	$(INSTALL) -m 644 README.md LICENSE $(DOC)
	@set -e; for p in $(PAGES); do \
		$(INSTALL) -D -m 644 $$p $(MAN)/man$${p##*.}/$${p#man/}; done
	@set -e; for t in $(TOOLS); do \
		$(INSTALL) -m 644 examples/bash-completion $(COMPLETE)/$$t; done
	@set -e; for f in $(EXAMPLES); do \
		$(INSTALL) -D -m $$(stat -c %a $$f) $$f $(DOC)/$$f; done
uninstall:
	rm -f $(addprefix $(SBIN)/,$(TOOLS)) $(addprefix $(COMPLETE)/,$(TOOLS))
	rm -f $(foreach p,$(PAGES),$(MAN)/man$(subst .,,$(suffix $p))/$(notdir $p))
	rm -rf $(DOC)
# So that those who are not root can run what is installed.
setcap:
	$(foreach t,$(TOOLS),setcap $(CAPS_$t)+ep $(SBIN)/$t &&) true
clean:
	rm -rf $(B) $(B)-*

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
