# SPDX-License-Identifier: BSD-2-Clause
# What the image has: FEATURES=.

# What the image can do beyond bringing up, proving and reporting it. To leave a feature's files out is to leave the feature out:
# what they have registers itself by being linked (docs/features.md). Two are no files: `speed` is how some are compiled, and what
# saves the state at the entry for `return` is in every image, for the entry needs the most of it.
FEATURES ?= all
# FEATURES=basic: what the images' limits of 140 and 200 KiB were set for. What came later is in the images of 64 bits; in AArch32, for
# which there is no room, where it is asked for by name.
FEATURES_BASIC := acpi advice compare disks interrupts provoke return soak speed trace words
FEATURES_LATER := \
	designware \
	explain \
	judge \
	lines \
	listen \
	monitor \
	pending \
	progress \
	timeline \
	unplug
FEATURES_ALL := $(FEATURES_BASIC) $(if $(filter-out arm,$(ARCH)),$(FEATURES_LATER))
FEATURE_SOURCES_acpi := boot/acpi_tables.c boot/options/acpi.c $(addprefix drivers/firmware/,acpi.c acpi_machine.c fw_cfg.c iort.c)
FEATURE_SOURCES_advice := boot/checks/advice.c
FEATURE_SOURCES_compare := $(addprefix boot/checks/,compare.c never_came.c) drivers/firmware/differences.c
FEATURE_SOURCES_designware := drivers/pci/designware.c
FEATURE_SOURCES_disks := $(addprefix drivers/masters/,disk.c nvme.c virtio_blk.c)
FEATURE_SOURCES_explain := $(addprefix boot/,checks/explained.c checks/live.c monitor/tables.c) $(wildcard drivers/explain/*.c)
FEATURE_SOURCES_interrupts := boot/interrupts.c $(wildcard drivers/irqchip/*.c)
# What is read of them is compared, and judged, too.
FEATURE_SOURCES_interrupts-described := drivers/firmware/dt_irq.c
FEATURE_SOURCES_judge := $(addprefix boot/checks/,shifted.c table_findings.c) $(wildcard drivers/findings/*.c)
FEATURE_SOURCES_lines := boot/checks/lines.c
FEATURE_SOURCES_listen := $(addprefix boot/,checks/listen.c monitor/listen.c options/listen.c) drivers/smmuv3/listen.c
FEATURE_SOURCES_monitor := $(wildcard boot/monitor/*.c) boot/options/monitor.c $(addprefix drivers/serial/,console_input.c rtt_input.c)
FEATURE_SOURCES_pending := boot/checks/pending.c boot/monitor/pending.c
FEATURE_SOURCES_progress := drivers/base/progress.c
FEATURE_SOURCES_provoke := boot/checks/provoke.c boot/monitor/inject.c $(FEATURE_SOURCES_lines) drivers/smmuv3/damage.c
FEATURE_SOURCES_return := boot/comeback.c drivers/pci/snapshot.c
# A next stage goes on where a boot loader would. In AArch32 there is no room for it beside all others: it is in an image that is
# asked for it by name.
FEATURE_SOURCES_next := boot/next.c boot/options/next.c $(addprefix boot/$(ARCH_FOLDER)/,leap.S next.c)
WITH_NEXT := $(if $(filter arm,$(ARCH)),$(filter next,$(FEATURES)))
# And so is what puts an SMMU back that was found enabled.
FEATURE_SOURCES_put-back := drivers/smmuv3/put_back.c
FEATURE_SOURCES_unplug := boot/checks/unplug.c boot/hotplug.c
FEATURE_SOURCES_soak := $(addprefix boot/,checks/soak.c monitor/soak.c) boot/options/soak.c $(FEATURE_SOURCES_unplug)
FEATURE_SOURCES_timeline := boot/checks/timeline.c drivers/base/timeline.c
FEATURE_SOURCES_trace := boot/checks/trace.c boot/monitor/trace.c boot/options/trace.c drivers/smmuv3/trace.c
FEATURE_SOURCES_words := drivers/report/words.c $(addprefix drivers/smmuv3/,erratum_words.c event_cause.c)
# What is asked for and not known would be left out in silence: mk/given.mk refuses it.
UNKNOWN_FEATURES := $(filter-out all basic minimal next $(FEATURES_ALL) $(FEATURES_LATER),$(FEATURES))
WITHOUT := $(if $(filter all,$(FEATURES)),,$(filter-out $(FEATURES) $(if $(filter basic,$(FEATURES)),$(FEATURES_BASIC)),$(FEATURES_ALL)))
LATER_WITHOUT := $(filter-out $(FEATURES_ALL) $(FEATURES),$(FEATURES_LATER))
WITHOUT_SHARED := $(if $(filter-out $(WITHOUT) $(LATER_WITHOUT),compare interrupts judge),,interrupts-described) \
	$(if $(or $(filter return,$(WITHOUT)),$(filter arm-,$(ARCH)-$(WITH_NEXT))),next put-back) \
	$(LATER_WITHOUT)
