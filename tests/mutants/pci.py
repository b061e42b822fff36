# SPDX-License-Identifier: BSD-2-Clause
"""PCI without one of its checks: the model of configuration space in test_pci must notice."""

PROGRAMS = ("pci",)
SANITIZED = True

BARS = "drivers/pci/bars.c"
ECAM = "drivers/pci/ecam.c"
ENUMERATE = "drivers/pci/enumerate.c"
EXCHANGE = "drivers/pci/exchange.c"
ISOLATION = "drivers/pci/isolation.c"
KEEP = "drivers/pci/keep.c"
QUIET = "drivers/pci/quiet.c"
SNAPSHOT = "drivers/pci/snapshot.c"

MUTANTS = [
    # --- Addresses. ---
    ("ONE_BRIDGE_ASKED_ALONE", "prefetchable windows behind two bridges", "test_pci", BARS, "\twhile (function->parent >= 0) {\n\t\tfunction = &host->function[function->parent];\n\t\tif (!(pci", "\tif (function->parent >= 0) {\n\t\tfunction = &host->function[function->parent];\n\t\tif (!(pci"),
    ("PREFETCHABLE_UPPER_HALF_LOST", "prefetchable windows beyond 4 GiB", "test_pci", BARS, "PCI_BRIDGE_PREFETCHABLE_BASE_UPPER, (uint32_t)(high->base >> BAR_UPPER_SHIFT)", "PCI_BRIDGE_PREFETCHABLE_BASE_UPPER, (uint32_t)(high->base >> BAR_UPPER_SHIFT) & 0x7fU"),
    ("PREFETCHABLE_LIMIT_OF_THE_FIRST_4_GIB", "prefetchable windows of more than 4 GiB", "test_pci", BARS, "uint64_t last = high->base + high->size - 1;", "uint64_t last = high->base + (uint32_t)(high->size - 1);"),
    ("WINDOW_LIMIT_ONE_TOO_FAR", "a window ends where the next begins", "test_pci", BARS, "(need->base + need->size - 1) >> WINDOW", "(need->base + need->size) >> WINDOW"),
    ("WINDOW_NOT_ROUNDED", "windows have a granule", "test_pci", BARS, "need->size = bars_align_up(bars_lay_out(host, (int)i, space, 0), PCI_BRIDGE_GRANULE);", "need->size = bars_lay_out(host, (int)i, space, 0);"),
    ("WINDOW_ALIGNED_TO_ITS_GRANULE", "a window is aligned as what is in it", "test_pci", BARS, "need->alignment = need->size ? bars_alignment_below(host, (int)i, space) : 0;", "need->alignment = need->size ? PCI_BRIDGE_GRANULE : 0;"),
    ("BRIDGE_BEHIND_A_BRIDGE_FORGOTTEN", "a window holds the windows below it", "test_pci", BARS, "\t\tbits |= function->parent == parent ? host->function[i].need[space].alignment : 0;\n", ""),
    ("ROOM_MET_EXACTLY_REFUSED", "what just fits", "test_pci", BARS, "end - window->base <= window->size", "end - window->base < window->size"),
    ("ROOM_OVERRUN_BY_A_BYTE", "what does not fit", "test_pci", BARS, "end - window->base <= window->size", "end - window->base <= window->size + 1"),
    ("ADDRESS_0_GIVEN", "address 0", "test_pci", BARS, "return window->base ? window->base : PCI_BRIDGE_GRANULE;", "return window->base;"),
    ("IO_BAR_IN_MEMORY", "I/O BARs have no address", "test_pci", BARS, "if (bar->size == 0 || bar->is_io) {", "if (bar->size == 0) {"),
    ("HUGE_MET_EXACTLY", "memory32 first", "test_pci", BARS, "bar->size > HUGE_SIZE && bar_may_use_64", "bar->size >= HUGE_SIZE / 4 && bar_may_use_64"),
    ("NOT_PREFETCHABLE_IN_MEMORY64", "memory64 is prefetchable", "test_pci", BARS, "if (!bar->is_64 || host->memory64.size == 0 || (!bar->prefetchable && function->parent >= 0)) {", "if (!bar->is_64 || host->memory64.size == 0) {"),
    ("BAR_OF_32_BITS_IN_MEMORY64", "memory64 is for 64-bit BARs", "test_pci", BARS, "if (!bar->is_64 || host->memory64.size == 0 || (!bar->prefetchable && function->parent >= 0)) {", "if ((!bar->prefetchable && function->parent >= 0) || host->memory64.size == 0) {"),
    ("SMALLEST_LEFT_OUT", "one device is lost, not several", "test_pci", BARS, "function->bar[bar].size > largest.size &&", "(!largest.size || function->bar[bar].size < largest.size) && function->bar[bar].size &&"),
    ("WHAT_IS_BELOW_STAYS", "a bridge takes what is below along", "test_pci", BARS, "for (unsigned int bar = 0; pci_is_at_or_below(&host->function[i], top) && bar", "for (unsigned int bar = 0; &host->function[i] == top && bar"),
    ("DECODES_AT_ADDRESS_0", "a BAR without an address does not decode", "test_pci", BARS, "\t\t\tcomplete = false;\n", ""),
    ("UPPER_HALF_NOT_WRITTEN", "64-bit BARs", "test_pci", BARS, "(uint32_t)(bar->address >> BAR_UPPER_SHIFT));\n\t}\n\tbar->address +=", "0);\n\t}\n\tbar->address +="),
    ("TO_CPU_OF_THE_OTHER_SPACE", "the cores' addresses", "test_pci", BARS, "address - window->base >= window->size) {", "address - window->base < window->size) {"),
    ("ROM_LEFT", "an expansion ROM is off", "test_pci", BARS, "function->kind == PCI_BRIDGE ? PCI_BRIDGE_ROM : PCI_ROM;", "PCI_ROM;"),
    ("SIXTH_BAR_OF_64_BITS_READS_ON", "a 64-bit BAR in the last place", "test_pci", BARS, " && index + 1 < count;", ";"),
    # --- Addresses that were found. ---
    ("NOTHING_KEPT", "addresses that make sense are kept", "test_pci", KEEP, "function->parent < 0 ? keep_all_make_sense(host, i) :", "function->parent < 0 ? i > host->function_count :"),
    ("KEPT_OUTSIDE_THE_HOST", "a BAR where the host passes nothing on", "test_pci", KEEP, "claim->last - base < size;", "claim->last - base != size;"),
    ("TWO_WINDOWS_ALONE", "what was found may lie in any window", "test_pci", KEEP, "k < PCI_WINDOWS_MAX && !above; k++", "k < 2 && !above; k++"),
    ("KEPT_OVER_ANOTHER", "two BARs at one address", "test_pci", KEEP, "if (keep_claim_of(other, k, &taken) && keep_claims_overlap(claim, &taken)) {", "if (keep_claim_of(other, k, &taken) && claim->first > taken.last + claim->last) {"),
    ("ASSIGNED_OVER_WHAT_IS_KEPT", "what is assigned passes by what is kept", "test_pci", BARS, "function->parent == ROOT ? pci_behind_kept(function->host, *base, size) : *base;", "function->parent < ROOT ? pci_behind_kept(function->host, *base, size) : *base;"),
    ("KEPT_AT_ANY_PRICE", "what finds no room moves what was kept", "test_pci", BARS, "(!low_fits && bars_move_to_64(host)) || bars_keep_nothing(host) ||", "(!low_fits && bars_move_to_64(host)) ||"),
    ("EMPTY_WINDOW_KEPT", "a window with nothing behind it", "test_pci", KEEP, "\tkeep_forget_empty(host);\n", ""),
    ("RESET_WINDOW_TAKEN", "a window that was never set up", "test_pci", KEEP, "return base && base < limit ?", "return base < limit ?"),
    # --- What was left on. ---
    ("MSIX_STAYS_ON", "what was left on is off", "test_pci", QUIET, "at, word & ~enables[i].on, VF", "at, word, VF"),
    ("PRI_STATUS_CLEARED", "write 1 to clear", "test_pci", QUIET, "word & enables[left].kept", "word"),
    ("PASID_BEFORE_ATS", "PASID is put back before ATS", "test_pci", QUIET, "for (unsigned int i = PCI_ENABLES; i > 0; i--) {\n\t\tconst struct enable *enable = &enables[i - 1];\n\n\t\tif (words[i - 1] & enable->on) {\n\t\t\tquiet_set(function, i - 1, quiet_find(function, enable), words[i - 1], VF", "for (unsigned int i = 1; i <= PCI_ENABLES; i++) {\n\t\tconst struct enable *enable = &enables[i - 1];\n\n\t\tif (words[i - 1] & enable->on) {\n\t\t\tquiet_set(function, i - 1, quiet_find(function, enable), words[i - 1], VF"),
    ("VF_ASKED_TOO_EARLY", "1 s after VF Enable fell", "test_pci", QUIET, "#define VF_OFF_US 1000000U", "#define VF_OFF_US 999000U"),
    ("VF_USED_TOO_EARLY", "100 ms after VF Enable rose", "test_pci", QUIET, "#define VF_ON_US 100000U", "#define VF_ON_US 99000U"),
    ("INTERRUPT_DISABLE_UNTOLD", "interrupt disable", "test_pci", QUIET, "\t\tquiet_note_left(function, PCI_LEFT_NO_INTX);\n", ""),
    ("INTERRUPT_DISABLE_OF_A_FIRST_SCAN", "interrupt disable", "test_pci", ENUMERATE, "scan->again = scans++;", "scan->again = !scans++ && !scan;"),
    ("IO_BAR_LOST", "I/O addresses stay", "test_pci", BARS, "\t\tpci_write32(function, bar_offset(index), before);\n", ""),
    ("ROM_STAYS_ON", "an expansion ROM is off", "test_pci", BARS, "pci_read32(function, rom) & ~PCI_ROM_ENABLE", "pci_read32(function, rom)"),
    ("ROM_ADDRESS_LOST", "an expansion ROM's address stays", "test_pci", BARS, "pci_read32(function, rom) & ~PCI_ROM_ENABLE", "0"),
    ("ASLEEP_STAYS_ASLEEP", "D3hot", "test_pci", QUIET, "false, 4, 3U << 0,", "false, 4, 0U,"),
    ("ASKED_BEFORE_IT_IS_AWAKE", "10 ms to D0", "test_pci", QUIET, "#define POWER_US 10000U", "#define POWER_US 9000U"),
    ("WOKEN_WITH_INTX", "waking resets", "test_pci", QUIET, "\t\t\tpci_write32(function, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);\n\t\t}", "\t\t}"),
    ("INTX_ASSERTED", "interrupt disable", "test_pci", QUIET, "\tpci_write32(function, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);\n\tfor", "\tpci_write32(function, PCI_COMMAND, 0);\n\tfor"),
    # --- Functions and buses. ---
    ("NOT_READY_IS_A_DEVICE", "configuration request retry status", "test_pci", ENUMERATE, "vendor != PCI_ID_NONE && vendor != PCI_ID_NOT_READY &&", "vendor != PCI_ID_NONE &&"),
    ("NOT_READY_NOT_WAITED_FOR", "configuration request retry status", "test_pci", ENUMERATE, "} while (vendor == PCI_ID_NOT_READY && !deadline_passed(&deadline));", "} while (vendor == PCI_ID_NOT_READY && !deadline.ticks);"),
    ("NUMBERS_ABOVE_ALONE", "free bus numbers below", "test_pci", ENUMERATE, "for (uint32_t bus = room.first; bus <= room.last + 1; bus++) {", "from = room.last + 1;\n\twhile (from > room.first && !bus_owner_of(host, first, end, from - 1)) {\n\t\tfrom--;\n\t}\n\tfor (uint32_t bus = from; bus <= room.last + 1; bus++) {"),
    ("FUNCTION_0_ALONE", "multi-function devices", "test_pci", ENUMERATE, "return pci_is_multi_function(scan->host, first) ? PCI_DEVICE_FUNCTIONS : 1;", "return pci_is_multi_function(scan->host, first) ? PCI_DEVICE_FUNCTIONS - 5 : 1;"),
    ("FUNCTION_8_UNSEEN", "ARI", "test_pci", ENUMERATE, "if (devices == 1 && bus_has_many_functions(scan->host, first)) {", "if (!devices) {"),
    ("ARI_BESIDE_OTHER_DEVICES", "ARI of a device alone on its bus", "test_pci", ENUMERATE, "if (devices == 1 && bus_has_many_functions(scan->host, first)) {", "if (bus_has_many_functions(scan->host, first)) {"),
    ("ARI_OF_ONE_FUNCTION", "ARI without another function", "test_pci", ENUMERATE, "return at && pci_read32(&function, at + PCI_ARI_WORD) & PCI_ARI_NEXT_MASK;", "return at;"),
    ("FUNCTION_8_IS_ANOTHER_DEVICE", "functions of one device meet inside", "test_pci", ENUMERATE, "(uint8_t)(PCI_DEVICES / devices * PCI_DEVICE_FUNCTIONS - 1);", "PCI_DEVICE_FUNCTIONS - 1;"),
    ("ALL_ZEROS_IS_A_DEVICE", "some hosts answer 0", "test_pci", ENUMERATE, "vendor != PCI_ID_NOT_READY && vendor != 0;", "vendor != PCI_ID_NOT_READY;"),
    ("ONE_FUNCTION_MORE_THAN_FIT", "the list met exactly", "test_pci", ENUMERATE, "if (host->function_count == host->function_max) {", "if (host->function_count == host->function_max - 1) {"),
    ("LAST_BUS_NEVER_SCANNED", "bus_last is a bus", "test_pci", ENUMERATE, "bus <= host->bus_last; bus++", "bus < host->bus_last; bus++"),
    ("ROOTS_COUNTED_ON", "enumerated again", "test_pci", ENUMERATE, "\thost->root_count = 0;\n", ""),
    ("UNASSIGNED_COUNTED_ON", "a counter that is never reset", "test_pci", ENUMERATE, "\thost->unassigned_count = 0;\n", ""),
    ("ROOT_TOO_MANY", "the list of roots met exactly", "test_pci", ENUMERATE, "if (host->root_count == ROOT_BUSES_MAX) {", "if (host->root_count == ROOT_BUSES_MAX - 1) {"),
    ("SUBORDINATE_BELOW_SECONDARY", "impossible bus numbers", "test_pci", ENUMERATE, " || before.first > before.last || ", " || "),
    ("BUS_OF_ANOTHER_ROOM", "impossible bus numbers", "test_pci", ENUMERATE, " || before.last > room.last) {", ") {"),
    ("OVERLAP_AT_ONE_BUS", "siblings that share one bus", "test_pci", ENUMERATE, "return a.first <= b.last && b.first <= a.last;", "return a.first < b.last && b.first < a.last;"),
    ("LAST_BUS_NOT_GIVEN", "bus numbers used up exactly", "test_pci", ENUMERATE, "if (free.first > free.last) {", "if (free.first >= free.last) {"),
    ("SUBORDINATE_STAYS_WIDE", "a bridge forwards what is below it", "test_pci", ENUMERATE, "\tset_buses(bridge, (struct bus_range){bridge->secondary_bus, used});\n", ""),
    ("DEPTH_ONE_TOO_FEW", "bridges below each other", "test_pci", ENUMERATE, "if (depth == DEPTH_MAX) {", "if (depth == DEPTH_MAX - 1) {"),
    ("NOTHING_BELOW_BUT_FORWARDED", "nested too deeply", "test_pci", ENUMERATE, "\t\t\tset_buses(bridge, (struct bus_range){0, 0});\n", ""),
    ("GHOSTS_BELOW_A_ROOT_PORT", "one device on a link", "test_pci", ENUMERATE, "port == PCI_EXPRESS_PORT_ROOT || port == PCI_EXPRESS_PORT_DOWNSTREAM ? 1", "port == PCI_EXPRESS_PORT_ROOT ? 1"),
    ("BACKWARDS_BRIDGE_FOUND_ONCE", "a bridge with numbers below its own bus", "test_pci", ENUMERATE, "} while (!bus_all_answer(scan->host) && scans < SCANS_MAX);", "} while (!bus_all_answer(scan->host) && scans < 1);"),
    ("NAME_WITHOUT_ITS_SEGMENT", "names", "test_pci", ENUMERATE, "uint32_t segment = function->host->segment;", "uint32_t segment = function->host->segment & 0U;"),
    # --- Accesses, isolation, and putting back. ---
    ("LAST_DEVICE_NEVER_FOUND", "32 devices are on a bus", "test_pci", ECAM, "\treturn *requester_id < end;", "\treturn *requester_id + PCI_DEVICE_FUNCTIONS < end;"),
    ("STATUS_WRITTEN_BACK", "write 1 to clear", "test_pci", ECAM, "pci_read32(function, PCI_COMMAND) & PCI_COMMAND_MASK;", "pci_read32(function, PCI_COMMAND);"),
    ("ALIAS_OF_THE_NEAREST_BRIDGE", "whom the root bus sees", "test_pci", ECAM, "alias = (uint16_t)(bridge->secondary_bus << BUS_SHIFT);\n\t\t\tbreak;", "return (uint16_t)(bridge->secondary_bus << BUS_SHIFT);"),
    ("ALIAS_ONE_BUS_TOO_HIGH", "whom the root bus sees", "test_pci", ECAM, "alias = (uint16_t)(bridge->secondary_bus << BUS_SHIFT);", "alias = (uint16_t)(bridge->subordinate_bus << BUS_SHIFT);"),
    ("BRIDGES_DO_NOT_MASTER", "bus mastering opens the way", "test_pci", ECAM, "\twhile (function->parent >= 0) {\n\t\tfunction = &host->function[function->parent];\n\t\tpci_command", "\tif (function->parent >= 0) {\n\t\tfunction = &host->function[function->parent];\n\t\tpci_command"),
    ("SECONDARY_PUT_BACK_WITHOUT_ITS_BUSES", "a switch gets back its buses", "test_pci", ECAM, "bus == function->secondary_bus ? function->subordinate_bus : bus", "bus"),
    ("ACS_WITH_ONE_CONTROL_ON", "ACS", "test_pci", ISOLATION, "return (word & on) == on;", "return (word & on) != 0;"),
    ("ACS_BY_REDIRECTS_ALONE", "source validation and upstream forwarding", "test_pci", ISOLATION, "return (word & on) == on;", "return (word & on & 0xcU) == (on & 0xcU);"),
    ("SOURCES_NOT_VALIDATED", "source validation", "test_pci", ISOLATION, "(ACS_SOURCE_VALIDATION | ACS_REQUEST", "(ACS_REQUEST"),
    ("NOT_FORWARDED_UPSTREAM", "upstream forwarding", "test_pci", ISOLATION, " | ACS_UPSTREAM_FORWARDING)", ")"),
    ("ACS_LACKED_IS_OFF", "ACS that has nothing to control", "test_pci", ISOLATION, "return (word & on) == on;", "return (word & ACS_WANTED) == ACS_WANTED;"),
    ("SWITCH_OF_ONE_FUNCTION_NEEDS_ACS", "a switch whose upstream port is alone", "test_pci", ISOLATION, "return bridge->redirects || !isolation_shares_its_device(bridge) ? NULL : bridge;", "return bridge->redirects ? NULL : bridge;"),
    ("SWITCH_NEVER_MEETS_ITS_DEVICE", "a switch that is one function of several", "test_pci", ISOLATION, "return bridge->redirects || !isolation_shares_its_device(bridge) ? NULL : bridge;", "return NULL;"),
    ("ACS_BELIEVED_UNREAD", "ACS that stays off", "test_pci", ISOLATION, "\tword = pci_read32(function, at + PCI_ACS_WORD) >> ACS_CONTROL_SHIFT;\n\treturn (word", "\tword = on;\n\treturn (word"),
    ("NEAREST_PLACE_ALONE", "the topmost place where functions meet", "test_pci", ISOLATION, "place = met ? met : place;", "place = place ? place : met;"),
    ("SWITCH_WITHOUT_ACS_BY_PORT", "a switch is one place", "test_pci", ISOLATION, "return bridge->redirects ? NULL : isolation_parent_of(bridge);", "return bridge->redirects ? NULL : bridge;"),
    ("HOSTS_SHARE_NUMBERS", "isolation by host", "test_pci", ISOLATION, "((uint32_t)host->order << 16 | requester_id) + 1U", "(host->segment << 16 | requester_id) + 1U"),
    ("FUNCTION_NOTED_TWICE", "what was found", "test_pci", SNAPSHOT, "\tsnapshot->count = 0;\n", ""),
    ("LOST_COUNTED_ON", "a counter that is never reset", "test_pci", SNAPSHOT, "\tsnapshot->lost = 0;\n", ""),
    ("LOST_FORGOTTEN", "more than can be noted", "test_pci", SNAPSHOT, "unsigned int missing = snapshot->lost;", "unsigned int missing = 0;"),
    ("ONE_NOTE_TOO_FEW", "the list met exactly", "test_pci", SNAPSHOT, "if (snapshot->count == snapshot->found_max) {", "if (snapshot->count == snapshot->found_max - 1) {"),
    ("PUT_BACK_IN_ONE_PASS", "bridges numbered backwards", "test_pci", SNAPSHOT, "pass < BUSES_PASSES; pass++", "pass < 1; pass++"),
    ("ACS_STAYS_ON", "ACS is put back", "test_pci", SNAPSHOT, "\tif (acs) {\n\t\tpci_config_write(", "\tif (acs && found->acs == 0) {\n\t\tpci_config_write("),
    # --- Two functions that exchange their numbers. ---
    ("EXCHANGED_UNDER_VALIDATION", "ACS drops what comes under another's number", "test_pci", EXCHANGE, "\texchange_validate_source(bridge, false);\n", ""),
    ("OTHER_EXCHANGED_UNDER_VALIDATION", "ACS drops what comes under another's number", "test_pci", EXCHANGE, "\texchange_validate_source(exchange_bridge_above(other), false);\n", ""),
    ("VALIDATION_STAYS_OFF", "ACS is put back", "test_pci", EXCHANGE, "\t\texchange_validate_source(bridge, true);\n", ""),
    ("BUS_NOT_LEARNT", "a type 0 write tells a function its bus", "test_pci", EXCHANGE, "\tpci_config_write(function->host, requester_id, PCI_ID, id);\n", ""),
    ("EXCHANGED_WITH_NOBODY", "one that does not answer", "test_pci", EXCHANGE, "!= id) {\n\t\treturn false;", "!= id) {\n\t\treturn true;"),
    ("HALF_EXCHANGED_STAYS", "all is as it was", "test_pci", EXCHANGE, "\t\t(void)exchange_buses(function, other);\n", ""),
]
