# SPDX-License-Identifier: GPL-2.0
#
# The entry points. What is built is in Kbuild; the lab and the tests are
# programs of their own under ci/ and tests/.

KDIR ?= /lib/modules/$(shell uname -r)/build
SECONDS ?= 60
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
OPS ?= 1000000
RANDOM_S ?= 3600
DEBUG ?= 1
MINUTES ?= 30
QUICK ?=
MODES ?=
PLACEMENTS ?=
PUBLISH ?=
SCENARIOS ?=
KERNELS ?= 6.1,6.12,debug
TEST ?=
GOOD ?=
BAD ?= HEAD
KERNEL ?= 6.1
MODE ?= copy
# As for the kernel's own modules: a root to install below.
INSTALL_MOD_PATH ?=
RELEASE = $(firstword $(shell modinfo -F vermagic build/install/netback.ko))
MODULES_DIR ?= $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/updates

export SPLITNET_START := $(shell date +%s)

.PHONY: help compare characterise test test-full test-hostile test-debug soak \
	ktest ktest-bisect ktest-selftest modules check unit model fuzz \
	install clean setup setup-debug

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

compare: setup ## measure ours, stock and native; QUICK=1, MODES=, PLACEMENTS=, PATHS=
	@ci/lab compare $(if $(QUICK),--quick) $(if $(MODES),--modes $(MODES)) \
		$(if $(PLACEMENTS),--placements $(PLACEMENTS)) \
		$(if $(PATHS),--paths $(PATHS))

characterise: setup ## what each packet costs, counted; QUICK=1: fewer windows
	@ci/characterise $(if $(QUICK),--quick) $(if $(PUBLISH),--publish)

test: setup ## unit tests, static checks, the lab's scenarios thinned out
	@ci/test

test-full: setup ## the same with every combination and size (hours)
	@ci/test --full

test-hostile: $(if $(DEBUG),setup-debug,setup) ## all hostile peers, then OPS random ones each way from SEED; DEBUG=
	@ci/lab run 'hostile-*' $(if $(DEBUG),--kernel debug) \
		--set LAB_SEED=$(SEED) --set LAB_OPS=$(OPS) \
		--set LAB_RANDOM_S=$(RANDOM_S)

soak: setup ## MINUTES of random events under traffic, from SEED
	@ci/lab run soak --set LAB_SEED=$(SEED) \
		--set LAB_SOAK_S=$$(($(MINUTES) * 60))

test-debug: setup-debug ## the scenarios on a kernel built to tell, and coverage
	@ci/test-debug $(SCENARIOS)

ktest: $(if $(findstring debug,$(KERNELS)),setup-debug,setup) ## ktest.pl: each mode on each kernel; KERNELS=, MODES=, TEST=
	@ci/ktest/run cases --kernels $(KERNELS) \
		$(if $(MODES),--modes $(MODES)) $(if $(TEST),--test "$(TEST)")

ktest-bisect: $(if $(filter debug,$(KERNEL)),setup-debug,setup) ## the commit that broke TEST; GOOD=, BAD=, KERNEL=, MODE=
	@ci/ktest/run bisect $(if $(TEST),--test "$(TEST)") \
		$(if $(GOOD),--good $(GOOD)) --bad $(BAD) --kernel $(KERNEL) \
		--mode $(MODE)

ktest-selftest: setup ## failures are told as such, a broken commit is found
	@ci/ktest/run selftest

modules: ## netback.ko and netfront.ko for the headers in KDIR
	@ci/modules $(KDIR)

check: setup ## checkpatch, sparse and W=1 on both kernels, shellcheck
	@ci/test --only static

unit: setup ## the pure code's tests under ASan and UBSan, with coverage
	@$(MAKE) --no-print-directory -C tests/characterise check
	@$(MAKE) --no-print-directory -C tests/unit check coverage

model: setup ## the wake-ups' models under Spin
	@$(MAKE) --no-print-directory -C tests/model check

fuzz: setup ## the parsers under libFuzzer for SECONDS
	@$(MAKE) --no-print-directory -C tests/fuzz fuzz SECONDS=$(SECONDS)

install: modules ## into the modules of the kernel of KDIR (as root)
	install -D -m 644 -t $(MODULES_DIR) build/install/netback.ko \
		build/install/netfront.ko
	strip -g $(MODULES_DIR)/netback.ko $(MODULES_DIR)/netfront.ko
	depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(RELEASE)

clean: ## remove what was built; what was downloaded stays
	rm -rf build/image build/install build/log build/modules build/run \
		build/unit build/fuzz build/model build/static build/compare \
		build/characterise build/coverage build/ktest

setup:
	@ci/setup

setup-debug:
	@ci/setup --debug-kernel
