/* SPDX-License-Identifier: BSD-2-Clause */
#include "masters/master.h"

#include <errno.h>
#include <stddef.h>

/* The linker lays the pointers of all MASTER_DRIVERs one behind the other; there may be none on the host. */
extern const struct master_driver *const __start_master_drivers[] __attribute__((weak));
extern const struct master_driver *const __stop_master_drivers[] __attribute__((weak));

static bool drives(const struct master_driver *driver, const struct pci_function *function)
{
	if (driver->class_code) {
		return driver->class_code == function->class_code;
	}
	return driver->vendor == function->vendor && driver->device == function->device;
}

const struct master_driver *master_driver_for(const struct pci_function *function)
{
	const struct master_driver *const *end = __stop_master_drivers;

	for (const struct master_driver *const *driver = __start_master_drivers; driver != end; driver++) {
		if (drives(*driver, function)) {
			return *driver;
		}
	}
	return NULL;
}

int master_bind(struct device *device)
{
	struct master *master = master_of_device(device);
	int error = master->regs ? master->driver->probe(master) : -ENODEV;

	if (!error && master->pci) {
		pci_bus_master(master->pci, true);
	}
	return error;
}

void master_unbind(struct device *device)
{
	struct master *master = master_of_device(device);

	if (master->driver->stop) {
		master->driver->stop(master);
	}
	if (master->pci) {
		pci_bus_master(master->pci, false);
	}
}

static int use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	return iommu_use(&master_of_device(device)->iommu, driver->manages_dma, cause);
}

static void unuse(struct device *device, const struct driver *driver)
{
	iommu_unuse(&master_of_device(device)->iommu, driver->manages_dma);
}

static bool must_wait(struct device *device, unsigned int cause)
{
	const struct iommu_master *iommu = &master_of_device(device)->iommu;

	return iommu_must_wait(iommu->link[0].iommu->core, iommu, cause);
}

const struct device_dma_ops master_dma_ops = {.use = use, .unuse = unuse, .must_wait = must_wait};

bool master_is_driven(const struct master *master)
{
	return master->driver && master->page[0] && client_state(&master->device) == CLIENT_BOUND;
}
