/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UEFI 2.10 (4.2 to 4.6, 7, 9.1, 12.4, 13.4, 13.5); unused members are void pointers. UEFI's calls are AArch64's
 * (2.3.6).
 */
#ifndef EFI_H
#define EFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t efi_status;
typedef void *efi_handle;

#define EFI_SUCCESS 0ULL
#define EFI_ERROR_BIT (1ULL << 63)
#define EFI_OUT_OF_RESOURCES (EFI_ERROR_BIT | 9)
#define EFI_ABORTED (EFI_ERROR_BIT | 21)

#define EFI_PAGE 4096ULL

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_table_header {
	uint64_t signature;
	uint32_t revision, header_size, crc32, reserved;
};

enum efi_allocate_type { EFI_ALLOCATE_ANY_PAGES, EFI_ALLOCATE_MAX_ADDRESS };

/* 7.2 */
enum efi_memory_type {
	EFI_LOADER_CODE = 1,
	EFI_LOADER_DATA = 2,
	EFI_BOOT_SERVICES_CODE = 3,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_RUNTIME_SERVICES_CODE = 5,
	EFI_RUNTIME_SERVICES_DATA = 6,
	EFI_CONVENTIONAL_MEMORY = 7,
	EFI_ACPI_RECLAIM_MEMORY = 9,
	EFI_ACPI_MEMORY_NVS = 10,
};

struct efi_memory_descriptor {
	uint32_t type;
	uint64_t physical_start, virtual_start, number_of_pages, attribute;
};

enum efi_locate_search_type { EFI_BY_PROTOCOL = 2 };

/* 9.2: `length` includes this header. */
struct efi_device_path {
	uint8_t type, sub_type, length[2];
};

#define EFI_PATH_END 0x7f
#define EFI_PATH_END_ENTIRE 0xff

struct efi_boot_services {
	struct efi_table_header header;
	void *raise_tpl, *restore_tpl;
	efi_status (*allocate_pages)(enum efi_allocate_type how, enum efi_memory_type type, uint64_t pages,
				     uint64_t *memory);
	efi_status (*free_pages)(uint64_t memory, uint64_t pages);
	efi_status (*get_memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *descriptor_size,
				     uint32_t *descriptor_version);
	void *allocate_pool;
	efi_status (*free_pool)(void *buffer);
	void *create_event, *set_timer, *wait_for_event, *signal_event, *close_event, *check_event;
	void *install_protocol_interface, *reinstall_protocol_interface, *uninstall_protocol_interface;
	efi_status (*handle_protocol)(efi_handle handle, const struct efi_guid *protocol, void *interface);
	void *reserved, *register_protocol_notify, *locate_handle;
	efi_status (*locate_device_path)(const struct efi_guid *protocol, const struct efi_device_path **path,
					 efi_handle *device);
	void *install_configuration_table, *load_image, *start_image, *exit, *unload_image;
	efi_status (*exit_boot_services)(efi_handle image, uint64_t map_key);
	void *get_next_monotonic_count, *stall;
	efi_status (*set_watchdog_timer)(uint64_t seconds, uint64_t code, uint64_t size, void *data);
	efi_status (*connect_controller)(efi_handle controller, efi_handle *drivers, void *path, bool recursive);
	efi_status (*disconnect_controller)(efi_handle controller, efi_handle driver, efi_handle child);
	void *open_protocol, *close_protocol, *open_protocol_information, *protocols_per_handle;
	efi_status (*locate_handle_buffer)(enum efi_locate_search_type how, const struct efi_guid *protocol, void *key,
					   uint64_t *count, efi_handle **handles);
};

_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 24 + 26 * sizeof(void *), "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_boot_services, locate_handle_buffer) == 24 + 36 * sizeof(void *), "UEFI 2.10, 4.4");

struct efi_text_output {
	void *reset;
	efi_status (*output_string)(struct efi_text_output *self, const uint16_t *text);
};

struct efi_configuration_table {
	struct efi_guid vendor_guid;
	const void *vendor_table;
};

struct efi_system_table {
	struct efi_table_header header;
	const uint16_t *firmware_vendor;
	uint32_t firmware_revision;
	efi_handle console_in_handle;
	void *con_in;
	efi_handle console_out_handle;
	struct efi_text_output *con_out;
	efi_handle standard_error_handle;
	void *std_err;
	void *runtime_services;
	struct efi_boot_services *boot_services;
	uint64_t number_of_table_entries;
	const struct efi_configuration_table *configuration_table;
};

_Static_assert(offsetof(struct efi_system_table, configuration_table) == 112 || sizeof(void *) != 8, "UEFI 2.10, 4.3");

struct efi_loaded_image {
	uint32_t revision;
	efi_handle parent_handle;
	struct efi_system_table *system_table;
	efi_handle device_handle;
	void *file_path, *reserved;
	uint32_t load_options_size;
	const uint16_t *load_options;
	void *image_base;
	uint64_t image_size;
};

/* 13.5 */
#define EFI_FILE_MODE_READ 1ULL
#define EFI_FILE_MODE_WRITE 2ULL
#define EFI_FILE_MODE_CREATE (1ULL << 63)

struct efi_file {
	uint64_t revision;
	efi_status (*open)(struct efi_file *self, struct efi_file **file, const uint16_t *name, uint64_t mode,
			   uint64_t attributes);
	efi_status (*close)(struct efi_file *self);
	efi_status (*delete_file)(struct efi_file *self); /* Closes it, too. */
	void *read;
	efi_status (*write)(struct efi_file *self, uint64_t *size, const void *buffer);
};

struct efi_simple_file_system {
	uint64_t revision;
	efi_status (*open_volume)(struct efi_simple_file_system *self, struct efi_file **root);
};

#define EFI_LOADED_IMAGE_GUID                                                                                          \
	{                                                                                                              \
		0x5b1b31a1, 0x9562, 0x11d2,                                                                            \
		{                                                                                                      \
			0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b                                                 \
		}                                                                                                      \
	}
#define EFI_DEVICE_PATH_GUID                                                                                           \
	{                                                                                                              \
		0x09576e91, 0x6d3f, 0x11d2,                                                                            \
		{                                                                                                      \
			0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b                                                 \
		}                                                                                                      \
	}
#define EFI_SIMPLE_FILE_SYSTEM_GUID                                                                                    \
	{                                                                                                              \
		0x964e5b22, 0x6459, 0x11d2,                                                                            \
		{                                                                                                      \
			0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b                                                 \
		}                                                                                                      \
	}
#define EFI_PCI_IO_GUID                                                                                                \
	{                                                                                                              \
		0x4cf5b200, 0x68b8, 0x4ca5,                                                                            \
		{                                                                                                      \
			0x9e, 0xec, 0xb2, 0x3e, 0x3f, 0x50, 0x02, 0x9a                                                 \
		}                                                                                                      \
	}
#define EFI_ACPI_20_GUID                                                                                               \
	{                                                                                                              \
		0x8868e871, 0xe4f1, 0x11d3,                                                                            \
		{                                                                                                      \
			0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81                                                 \
		}                                                                                                      \
	}
#define EFI_DEVICE_TREE_GUID                                                                                           \
	{                                                                                                              \
		0xb1b621d5, 0xf19c, 0x41a5,                                                                            \
		{                                                                                                      \
			0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0                                                 \
		}                                                                                                      \
	}

#endif
