/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A UEFI application that makes another UEFI of the one it runs under. The last word of its command line says which:
 *
 *     none      without ACPI tables and device tree
 *     again     with ACPI's tables, as before
 *     both      with a device tree (the file TREE) beside ACPI's tables
 *     short     with a memory map whose descriptors have no size
 *     wrap      with a memory map that ends with RAM that wraps round
 *     honest    with its own memory map
 *     timers    with each timer beside its own due when the firmware takes the machine over
 *     look      the same; fails unless each of these interrupts came once, and its own timer goes on
 *
 * What outlives it, code and all, is in pages that a table of its own names: there are no relocations, and `kept` is
 * the only variable.
 */
#include <stdbool.h>
#include <stdint.h>

#include "uefi/efi.h"

#define EFI_EVENT_TIMER 0x80000000U
#define TIMER_RELATIVE 2
#define TIMER_100_NS 10000U
#define WAIT_SECONDS 600U
#define TIMER_DUE 1U   /* CNTP_CTL: enabled, not masked. */
#define TIMER_TAKEN 3U /* Masked. */
#define CURRENT_EL2 8U
#define HCR_E2H (1ULL << 34)
#define MMFR1_VH 0xf00U
#define CNTHV_CTL_EL2 s3_4_c14_c3_1
#define CNTHV_CVAL_EL2 s3_4_c14_c3_2
#define CNTP_CTL_EL02 s3_5_c14_c2_1
#define CNTP_CVAL_EL02 s3_5_c14_c2_2

#define NAME(name) #name
#define READ(name)                                                                                                     \
	({                                                                                                             \
		uint64_t value_;                                                                                       \
		__asm__ volatile("isb\n\tmrs %0, " NAME(name) : "=r"(value_)::"memory");                               \
		value_;                                                                                                \
	})
#define WRITE(name, value) __asm__ volatile("msr " NAME(name) ", %0\n\tisb" ::"r"((uint64_t)(value)) : "memory")

enum timer { PHYSICAL, EL2_PHYSICAL, EL2_VIRTUAL, TIMERS };

struct interrupts {
	efi_status (*add)(struct interrupts *self, uint64_t source, void (*handler)(uint64_t source, void *context));
	void *enable, *disable, *is_enabled;
	efi_status (*end)(struct interrupts *self, uint64_t source);
};

typedef efi_status map_function(uint64_t *size, void *map, uint64_t *key, uint64_t *descriptor_size, uint32_t *version);
typedef efi_status install_function(const struct efi_guid *guid, const void *table);
typedef efi_status create_event_function(uint32_t type, uint64_t level, void *notify, void *context, void **event);
typedef efi_status set_timer_function(void *event, int type, uint64_t time);
typedef efi_status check_event_function(void *event);

static struct {
	struct efi_system_table *system;
	struct interrupts *interrupts;
	map_function *read_map;
	const void *acpi;
	bool wants_timers, armed;
	uint16_t lie; /* The word's letter. */
	uint32_t taken[TIMERS];
} kept __attribute__((section(".kept"))) = {.system = NULL};

static const struct efi_guid acpi_guid = EFI_ACPI_20_GUID;
static const struct efi_guid tree_guid = EFI_DEVICE_TREE_GUID;
static const struct efi_guid image_guid = EFI_LOADED_IMAGE_GUID;
/* EDK2's EmbeddedPkg. */
static const struct efi_guid interrupts_guid = {
	0x2890b3ea, 0x053d, 0x1643, {0xad, 0x0c, 0xd6, 0x48, 0x08, 0xda, 0x3f, 0xf1}};
static const struct efi_guid own_guid = {0x6d9b1c50, 0x2f0e, 0x4a57, {0x9a, 0x3d, 0x51, 0x0c, 0x77, 0xe2, 0x18, 0x44}};

extern const char image_start[] __attribute__((visibility("hidden")));
extern const char image_end[] __attribute__((visibility("hidden")));
extern const char device_tree[] __attribute__((visibility("hidden")));

__asm__(".section .rodata\n\t.balign 8\ndevice_tree:\n\t.incbin \"" TREE "\"\n\t.balign 8\n\t.text");

static bool is_el2(void)
{
	return READ(currentel) == CURRENT_EL2;
}

/* --- Tables. --- */

static bool is_same(const struct efi_guid *a, const struct efi_guid *b)
{
	const uint32_t *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
}

static const void *find_table(const struct efi_system_table *system, const struct efi_guid *guid)
{
	for (uint64_t i = 0; i < system->number_of_table_entries; i++) {
		if (is_same(&system->configuration_table[i].vendor_guid, guid)) {
			return system->configuration_table[i].vendor_table;
		}
	}
	return NULL;
}

static efi_status put_table(const struct efi_guid *guid, const void *table)
{
	return ((install_function *)kept.system->boot_services->install_configuration_table)(guid, table);
}

static efi_status have_none(void)
{
	kept.acpi = find_table(kept.system, &acpi_guid);
	(void)put_table(&tree_guid, NULL);
	return put_table(&acpi_guid, NULL);
}

/* --- Timers. --- */

static bool has_timer(enum timer timer)
{
	return timer == PHYSICAL || (is_el2() && (timer == EL2_PHYSICAL || READ(id_aa64mmfr1_el1) & MMFR1_VH));
}

/* In EL2 the name of EL1's timer may be that of EL2's. */
static bool has_aliases(void)
{
	return is_el2() && READ(hcr_el2) & HCR_E2H;
}

static void set(enum timer timer, uint64_t control)
{
	if (timer == EL2_PHYSICAL) {
		WRITE(cnthp_ctl_el2, control);
	} else if (timer == EL2_VIRTUAL) {
		WRITE(CNTHV_CTL_EL2, control);
	} else if (has_aliases()) {
		WRITE(CNTP_CTL_EL02, control);
	} else {
		WRITE(cntp_ctl_el0, control);
	}
}

static uint64_t control_of(enum timer timer)
{
	if (timer == EL2_PHYSICAL) {
		return READ(cnthp_ctl_el2);
	}
	if (timer == EL2_VIRTUAL) {
		return READ(CNTHV_CTL_EL2);
	}
	return has_aliases() ? READ(CNTP_CTL_EL02) : READ(cntp_ctl_el0);
}

static void set_due(enum timer timer)
{
	if (timer == EL2_PHYSICAL) {
		WRITE(cnthp_cval_el2, 0);
	} else if (timer == EL2_VIRTUAL) {
		WRITE(CNTHV_CVAL_EL2, 0);
	} else if (has_aliases()) {
		WRITE(CNTP_CVAL_EL02, 0);
	} else {
		WRITE(cntp_cval_el0, 0);
	}
	set(timer, TIMER_DUE);
}

/* The INTIDs of the BSA. */
static uint64_t interrupt_of(enum timer timer)
{
	return timer == PHYSICAL ? 30 : timer == EL2_PHYSICAL ? 26 : 28;
}

static void on_timer(uint64_t source, void *context)
{
	(void)context;
	for (enum timer timer = PHYSICAL; timer < TIMERS; timer++) {
		if (interrupt_of(timer) == source) {
			kept.taken[timer]++;
			set(timer, TIMER_TAKEN);
		}
	}
	(void)kept.interrupts->end(kept.interrupts, source);
}

/* When the firmware reads the map for the last time; interrupts are masked from then on. */
static void arm(void)
{
	kept.armed = true;
	__asm__ volatile("msr daifset, #2" ::: "memory");
	for (enum timer timer = PHYSICAL; timer < TIMERS; timer++) {
		if (has_timer(timer)) {
			set_due(timer);
		}
	}
}

static void add_range_that_wraps(uint64_t *size, void *map, uint64_t each)
{
	struct efi_memory_descriptor *last = (void *)((char *)map + *size);

	last->type = EFI_CONVENTIONAL_MEMORY;
	last->physical_start = UINT64_MAX - 2 * EFI_PAGE + 1;
	last->number_of_pages = 3;
	*size += each;
}

static efi_status read_map(uint64_t *size, void *map, uint64_t *key, uint64_t *descriptor_size, uint32_t *version)
{
	efi_status status = kept.read_map(size, map, key, descriptor_size, version);

	if (map && kept.wants_timers && !kept.armed) {
		arm();
	}
	if (status == EFI_SUCCESS && kept.lie == 's') {
		*descriptor_size = 0;
	} else if (status == EFI_SUCCESS && kept.lie == 'w') {
		add_range_that_wraps(size, map, *descriptor_size);
	}
	return status;
}

/* EDK2's timer driver has a handler for each timer, though it uses one: that goes first. */
static efi_status take_interrupt(uint64_t source)
{
	(void)kept.interrupts->add(kept.interrupts, source, NULL);
	return kept.interrupts->add(kept.interrupts, source, on_timer);
}

static efi_status have_timers(void)
{
	struct efi_boot_services *services = kept.system->boot_services;
	uint64_t count;
	efi_handle *handles;
	efi_status status = services->locate_handle_buffer(EFI_BY_PROTOCOL, &interrupts_guid, NULL, &count, &handles);

	if (status == EFI_SUCCESS) {
		status = services->handle_protocol(handles[0], &interrupts_guid, (void *)&kept.interrupts);
	}
	for (enum timer timer = PHYSICAL; timer < TIMERS && status == EFI_SUCCESS; timer++) {
		status = has_timer(timer) ? take_interrupt(interrupt_of(timer)) : status;
	}
	kept.wants_timers = status == EFI_SUCCESS;
	return status;
}

static void take_map(void)
{
	if (!kept.read_map) {
		kept.read_map = kept.system->boot_services->get_memory_map;
		kept.system->boot_services->get_memory_map = read_map;
	}
}

static bool own_timer_goes_on(void)
{
	const struct efi_boot_services *services = kept.system->boot_services;
	uint64_t end = READ(cntvct_el0) + WAIT_SECONDS * READ(cntfrq_el0);
	bool is_over = false;
	void *event;

	if (((create_event_function *)services->create_event)(EFI_EVENT_TIMER, 0, NULL, NULL, &event) != EFI_SUCCESS ||
	    ((set_timer_function *)services->set_timer)(event, TIMER_RELATIVE, TIMER_100_NS) != EFI_SUCCESS) {
		return false;
	}
	while (!is_over && READ(cntvct_el0) < end) {
		is_over = ((check_event_function *)services->check_event)(event) == EFI_SUCCESS;
	}
	return is_over;
}

static efi_status look(void)
{
	bool good = own_timer_goes_on();

	for (enum timer timer = PHYSICAL; timer < TIMERS; timer++) {
		if (has_timer(timer)) {
			good = good && kept.taken[timer] == 1 && (control_of(timer) & TIMER_TAKEN) == TIMER_TAKEN;
		}
	}
	return good ? EFI_SUCCESS : EFI_ABORTED;
}

/* --- The words. --- */

static efi_status play(uint16_t letter)
{
	take_map();
	switch (letter) {
	case 'n':
		return have_none();
	case 'a':
		return put_table(&acpi_guid, kept.acpi);
	case 'b':
		return put_table(&tree_guid, device_tree);
	case 't':
		return have_timers();
	case 's':
	case 'w':
	case 'h':
		kept.lie = letter;
		return EFI_SUCCESS;
	default:
		return look();
	}
}

/* The first letter of the last word. */
static uint16_t letter_of(const struct efi_loaded_image *image)
{
	uint32_t at = image->load_options_size / 2;

	while (at && (image->load_options[at - 1] == ' ' || !image->load_options[at - 1])) {
		at--;
	}
	while (at && image->load_options[at - 1] != ' ') {
		at--;
	}
	return image->load_options[at];
}

static void *within(const void *pages, const void *what)
{
	return (char *)pages + ((const char *)what - image_start);
}

static const void *copy(struct efi_system_table *system)
{
	uint64_t size = (uint64_t)(image_end - image_start);
	uint64_t at;

	if (system->boot_services->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_BOOT_SERVICES_CODE,
						  (size + EFI_PAGE - 1) / EFI_PAGE, &at) != EFI_SUCCESS) {
		return NULL;
	}
	for (uint64_t i = 0; i < size; i++) {
		((volatile char *)at)[i] = image_start[i];
	}
	__asm__ volatile("dsb sy\n\tic ialluis\n\tdsb sy\n\tisb" ::: "memory");
	((typeof(kept) *)within((void *)at, &kept))->system = system;
	return (void *)at;
}

efi_status start(efi_handle image, struct efi_system_table *system) __attribute__((section(".text.start")));

efi_status start(efi_handle image, struct efi_system_table *system)
{
	const void *pages = find_table(system, &own_guid);
	struct efi_loaded_image *loaded;

	if (system->boot_services->handle_protocol(image, &image_guid, (void *)&loaded) != EFI_SUCCESS) {
		return EFI_ABORTED;
	}
	if (!pages) {
		pages = copy(system);
		(void)((install_function *)system->boot_services->install_configuration_table)(&own_guid, pages);
	}
	return pages ? ((efi_status(*)(uint16_t))within(pages, play))(letter_of(loaded)) : EFI_OUT_OF_RESOURCES;
}
