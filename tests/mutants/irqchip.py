# SPDX-License-Identifier: BSD-2-Clause
"""Rules of the interrupt controllers, undone one by one: run.py tries them."""

PROGRAMS = ("irqchip",)

IRQCHIP = "drivers/irqchip/irqchip.c"
LISTEN = "drivers/irqchip/listen.c"
GICV2 = "drivers/irqchip/gicv2.c"
GICV3 = "drivers/irqchip/gicv3.c"

MUTANTS = [
    # --- What comes is heard. ---
    ("LISTENING_WITH_HANDLERS", "no handler runs meanwhile", "test_irqchip", LISTEN, "\tarch_write32(distributor + GICD_ICENABLER + 4 * word, UINT32_MAX);\n", ""),
    ("LISTENING_TO_LEVELS", "a pulse stays pending", "test_irqchip", LISTEN, "\t\tarch_write32(distributor + GICD_ICFGR + 4 * half, ALL_EDGES);\n", ""),
    ("HEARD_BEFORE_LISTENING", "what pended is forgotten", "test_irqchip", LISTEN, "\t\tarch_write32(distributor + GICD_ICFGR + 4 * half, ALL_EDGES);\n\t}\n\tarch_write32(distributor + GICD_ICPENDR + 4 * word, UINT32_MAX);\n", "\t\tarch_write32(distributor + GICD_ICFGR + 4 * half, ALL_EDGES);\n\t}\n"),
    ("LISTENED_AND_LEFT_EDGES", "triggers are restored", "test_irqchip", LISTEN, "GICD_ICFGR + 8 * word, listening.configuration[2 * word]", "GICD_ICFGR + 8 * word, ALL_EDGES"),
    ("LISTENED_AND_LEFT_MASKED", "enables are restored", "test_irqchip", LISTEN, "GICD_ISENABLER + 4 * word, listening.enabled[word]", "GICD_ISENABLER + 4 * word, 0"),
    ("LISTENED_AND_LEFT_PENDING", "what came is forgotten", "test_irqchip", LISTEN, "\t\tlisten_unroute(gic, word);\n\t\tarch_write32(distributor + GICD_ICPENDR + 4 * word, UINT32_MAX);\n", "\t\tlisten_unroute(gic, word);\n"),
    ("HEARD_A_PPI", "SPIs alone", "test_irqchip", LISTEN, "from < GIC_SPI_FIRST ? GIC_SPI_FIRST : from", "from"),
    ("LISTENING_ROUTES_ALL", "routes stay", "test_irqchip", LISTEN, "if (!gic->route(intid)) {", "if (intid) {"),
    ("LISTENED_AND_LEFT_ROUTES", "routes are restored", "test_irqchip", LISTEN, "\t\tlisten_unroute(gic, word);\n", ""),
    # --- A line that stays up. ---
    ("LINE_NEVER_MASKED", "a line that stays up is masked", "test_irqchip", IRQCHIP, "\tif (handler->barren == BARREN_MAX) {", "\tif (handler->barren > UINT32_MAX - 1) {"),
    ("LINE_MASKED_AT_ONCE", "an interrupt in vain is no storm", "test_irqchip", IRQCHIP, "\tif (handler->barren == BARREN_MAX) {", "\tif (handler->barren) {"),
    ("STORM_TOLD_AND_NOT_MASKED", "a line that stays up is masked", "test_irqchip", IRQCHIP, "\t\tirqchip_write_line(GICD_ICENABLER, handler->intid);\n\t\thandler->storm", "\t\thandler->storm"),
    ("STORM_MASKED_AND_NOT_TOLD", "a line that is masked is told", "test_irqchip", IRQCHIP, "\t\thandler->storm = STORM_NEW;\n", ""),
    ("STORM_TOLD_AGAIN", "a line that is masked is told once", "test_irqchip", IRQCHIP, "\thandler->storm = STORM_TOLD;\n", ""),
    ("FALLEN_LINE_IS_A_STORM", "an interrupt in vain is no storm", "test_irqchip", IRQCHIP, "irqchip_reads_set(GICD_ISPENDR, handler->intid) ? handler->barren + 1 : 0;", "handler->barren + 1;"),
    ("WORK_IS_A_STORM", "work is no storm", "test_irqchip", IRQCHIP, "\t\thandler->barren = 0;\n\t} else", "\t\tirqchip_count_barren(handler);\n\t} else"),
    ("BARREN_FOR_EVER", "work begins the count anew", "test_irqchip", IRQCHIP, "\t\thandler->barren = 0;\n\t} else", "\t\t;\n\t} else"),
    ("STRAY_IS_NOT_MASKED", "an interrupt without a handler", "test_irqchip", IRQCHIP, "\thandler = handler ? handler : &stray;", "\tif (!handler) {\n\t\treturn;\n\t}"),
    ("STRAY_IS_NOT_TOLD", "an interrupt without a handler", "test_irqchip", IRQCHIP, "\treturn irqchip_take_storm_of(&stray, intid);", "\treturn false;"),
    ("MASKED_SEEMS_TO_COME", "who waits for it is told", "test_irqchip", IRQCHIP, "return !handler || handler->storm != STORM_NONE;", "return !handler;"),
    ("DISPATCH_WITHOUT_END", "what was interrupted goes on", "test_irqchip", IRQCHIP, "turn < DISPATCH_MAX; turn++", "turn < DISPATCH_MAX; turn += 0"),
    # --- Numbers. ---
    ("EXTENDED_SPI_ENABLED", "an ESPI is refused", "test_irqchip", IRQCHIP, "if (!gic || intid < 16 || intid >= GIC_INTID_MAX) {", "if (!gic || intid < 16) {"),
    ("SGI_ENABLED", "an SGI is refused", "test_irqchip", IRQCHIP, "if (!gic || intid < 16 ||", "if (!gic ||"),
    ("LINE_THAT_IS_NOT_THERE_ENABLED", "a line beyond the controller's", "test_irqchip", IRQCHIP, "\tenabled = irqchip_reads_set(GICD_ISENABLER, intid);\n", "\tenabled = true;\n"),
    ("LINE_THAT_IS_NOT_THERE_HANDLED", "a line beyond the controller's", "test_irqchip", IRQCHIP, "\t\thandler->handle = NULL;\n\t\treturn -EINVAL;", "\t\treturn -EINVAL;"),
    ("LARGE_NUMBERS_FOLD", "ESPIs and LPIs", "test_irqchip", GICV3, "#define ICC_IAR_INTID 0xffffffU", "#define ICC_IAR_INTID 0x3ffU"),
    ("LPI_IS_MASKED_AS_A_LINE", "ESPIs and LPIs", "test_irqchip", IRQCHIP, "\t} else if (intid < GIC_INTID_MAX) {\n", "\t} else {\n"),
    ("LPI_IS_SPECIAL", "ESPIs and LPIs are ended", "test_irqchip", IRQCHIP, "intid >= GIC_INTID_MAX && intid < GIC_INTID_SPECIAL_END;", "intid >= GIC_INTID_MAX;"),
    ("SPURIOUS_IS_ENDED", "1023 says that there is none", "test_irqchip", IRQCHIP, "intid >= GIC_INTID_MAX && intid < GIC_INTID_SPECIAL_END;", "false && intid;"),
    # --- Handlers. ---
    ("TWO_HANDLERS", "an interrupt that another has is refused", "test_irqchip", IRQCHIP, "return handler->handle ? NULL : handler;", "return handler;"),
    ("ENABLE_WITHOUT_A_PLACE", "handlers that do not fit", "test_irqchip", IRQCHIP, "\tif (handler_count == HANDLERS_MAX) {\n\t\treturn NULL;\n\t}\n", ""),
    ("ENDED_TWICE", "each is ended", "test_irqchip", IRQCHIP, "\t\tgic->end(acknowledged);\n", ""),
    # --- What was there before. ---
    ("ACTIVE_STAYS", "an inherited active interrupt", "test_irqchip", IRQCHIP, "\t\tarch_write32(frame + bank->clear_active + 4 * (word + i), UINT32_MAX);\n\t\tarch_write32(frame + bank->clear_pending", "\t\tarch_write32(frame + bank->clear_pending"),
    ("PENDING_STAYS", "an inherited pending interrupt", "test_irqchip", IRQCHIP, "\t\tarch_write32(frame + bank->clear_pending + 4 * (word + i), UINT32_MAX);\n\t}\n}\n\nvoid gic_put", "\t}\n}\n\nvoid gic_put"),
    ("ENABLED_STAYS", "an inherited enabled interrupt", "test_irqchip", IRQCHIP, "\t\tarch_write32(frame + bank->clear_enable + 4 * (word + i), UINT32_MAX);\n\t\tarch_write32(frame + bank->clear_active", "\t\tarch_write32(frame + bank->clear_active"),
    ("EXTENDED_SPIS_LEFT", "inherited ESPIs", "test_irqchip", GICV3, "\tgic_reset_lines(distributor, &extended_spis, 0, gicv3_extended_spi_words(), GIC_SLOT_EXTENDED_SPI);\n\treturn gicv3_control", "\treturn gicv3_control"),
    ("PRIORITY_IN_SERVICE_STAYS", "an inherited active priority", "test_irqchip", GICV2, "\t\tarch_write32(processor + GICC_APR + 4 * i, 0);\n", "\t\t;\n"),
    ("EOIMODE_UNNOTICED", "inherited EOImode", "test_irqchip", GICV2, "found.interface[0] & GICC_CTLR_EOI_MODE", "false"),
    ("LPIS_STAY_ON", "inherited LPIs", "test_irqchip", GICV3, "\t\tgicv3_disable_lpis(frame);\n", ""),
    ("LPIS_OF_OTHERS_STAY_ON", "inherited LPIs", "test_irqchip", GICV3, "\t\tgicv3_disable_lpis(frame);\n", "\t\tif (frame == redistributor) {\n\t\t\tgicv3_disable_lpis(frame);\n\t\t}\n"),
    ("LPIS_FOR_A_KERNEL", "LPIs stay off before a kernel", "test_irqchip", GICV3, "\tif (lpis) {\n", "\tif (lpis || frame) {\n"),
    ("ENABLES_NOT_PUT_BACK", "given back as found", "test_irqchip", IRQCHIP, "slots[slot + i].enabled);\n\t}\n}", "0);\n\t}\n}"),
    ("HANDLERS_NOT_PUT_BACK", "given back as found", "test_irqchip", IRQCHIP, "\t\t(void)irqchip_set_up(handlers[i].intid, &handlers[i].before);\n", ""),
]
