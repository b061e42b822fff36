# SPDX-License-Identifier: BSD-2-Clause
# Where what is built lies: build/, or O=.

empty :=
space := $(empty) $(empty)

# O=FOLDER builds elsewhere: the checkout may be read-only then. Tools and tests find it by BUILD_DIR.
O ?=
BUILD := $(or $(patsubst %/,%,$(O)),build)
$(if $(word 2,$(O)),$(error O=$(O): make cannot build in a folder whose path has a space))
export BUILD_DIR := $(abspath $(BUILD))
OUT := $(BUILD)/$(PLATFORM)$(if $(filter arm,$(ARCH)),,-$(ARCH))$(if $(filter basic,$(FEATURES)),$(if $(WITHOUT),-basic),$(if $(WITHOUT),-without-$(subst $(space),-,$(if $(filter-out $(WITHOUT),$(FEATURES_ALL)),$(WITHOUT),all))))$(if $(WITH_NEXT),-with-next)
HOST := $(BUILD)/host
ELF := $(OUT)/smmu-bringup.elf
BIN := $(OUT)/smmu-bringup.bin
EFI := $(OUT)/smmu-bringup.efi
NOR := $(OUT)/smmu-bringup-nor
