# SPDX-License-Identifier: BSD-2-Clause
# Rules that any program is built by.

MAKEFLAGS += --no-builtin-rules --no-print-directory
# As many jobs as cores, unless this make was called by another.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

WARNINGS := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Werror

# V=1 shows the commands.
V ?=
Q := $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1) $(2)")

# saved LINE,WORDS: the target is a file of this line and these words, written only where it held something else. What
# depends on it is then made again: after other flags, and after a source that came or went.
quoted = '$(subst ','\'',$(1))'
saved = @mkdir -p $(@D); printf '%s\n' $(call quoted,$(1)) $(2) >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

# linked PROGRAM,OBJECTS,COMMAND: the names of variables that hold the objects and what links them.
define linked
LINKED += $$(filter %.o,$$($(2)))
$(1): $$($(2)) $(1).objects
$(1).objects: FORCE
	$$(call saved,$$($(3)),$$($(2)))
endef

# compiled FOLDER,COMPILER,FLAGS,WORD,NEEDED: the rule for the objects below a folder. FLAGS is a variable's name: a target may
# have more flags of its own, which are in this Makefile.
define compiled
$(1)/.flags: FORCE
	$$(call saved,$$(FLAGS_OF_$(1)))
FLAGS_OF_$(1) := $(2) $$($(3))
$(1)/%.c.o: %.c $(RULES) $(1)/.flags | $(5)
	$$(call say,$(4),$$<)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$($(3)) -MMD -MP -c $$< -o $$@
endef

# A recipe begins with $(BUILT) where it takes long: GOAL-files is what it needs. One make builds in this checkout at a time,
# and is not held up by what others run.
BUILT = tools/alone $(BUILD)/.building $(MAKE) $@-files

# What a program is built or run with: tools/get WHAT, before anything is compiled.
$(BUILD)/.got-%: tools/get tools/versions.sh
	@tools/get $*
	@touch $@ $(if $(filter everything,$*),$(patsubst %,$(BUILD)/.got-%,build test inspect fuzz lint coverage bench openocd page browser))
$(BUILD)/.got-lint: | $(patsubst %,$(BUILD)/.got-%,build test inspect bench)
