/* SPDX-License-Identifier: BSD-2-Clause */
#include "masters/master.h"

#include <errno.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"

/* Weak: on the host the linker may collect none. */
extern const struct master_driver *const __start_master_drivers[] __attribute__((weak));
extern const struct master_driver *const __stop_master_drivers[] __attribute__((weak));

static bool master_drives(const struct master_driver *driver, const struct pci_function *function)
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
		if (master_drives(*driver, function)) {
			return *driver;
		}
	}
	return NULL;
}

int master_unfit(struct master *master, const char *why)
{
	master->unfit = why;
	return -ENODEV;
}

int master_wait(struct master *master, int (*look)(struct master *master), uint32_t us, const char *name,
		uint32_t wanted)
{
	struct deadline deadline = deadline_in_us(us);
	int error = look(master);

	while (error == -EAGAIN && !deadline_passed(&deadline)) {
		arch_relax();
		error = look(master);
	}
	if (error != -EAGAIN) {
		return error;
	}
	print("  %s: waited %u ms in vain for %s: it reads 0x%x, wanted 0x%x\n", master->device.name,
	      (unsigned int)(us / 1000), name, (unsigned int)master->seen, (unsigned int)wanted);
	return -ETIMEDOUT;
}

int master_bind(struct device *device, const struct driver *driver)
{
	struct master *master = master_of_device(device);
	int error;

	(void)driver; /* master->driver. */
	master->unfit = NULL;
	error = master->regs ? master->driver->probe(master) : -ENODEV;
	if (error) {
		master->unfit = master->unfit ? master->unfit : "it is not what its driver is for";
	} else if (master->pci) {
		pci_bus_master(master->pci, true);
	}
	return error;
}

static int master_prepare_for(struct master *master, const struct master_dma *stray)
{
	if (master->unfit) {
		return -ENODEV;
	}
	return master->driver->prepare ? master->driver->prepare(master, stray) : 0;
}

int master_prepare(struct master *master)
{
	return master_prepare_for(master, NULL);
}

int master_start(struct master *master, const struct master_dma *dma)
{
	int error = 0;

	if (!dma->stray && master->driver->work_pages && !master->work_iova) {
		return -ENOTSUP;
	}
	error = master_prepare_for(master, dma->stray ? dma : NULL);
	return error ? error : master->driver->start(master, dma);
}

void master_stop(struct master *master)
{
	if (!master->driver->stop || !master->driver->stop(master)) {
		return;
	}
	if (master->pci) {
		pci_bus_master(master->pci, false);
	}
	master->unfit = "it did not stop, and is off the bus";
}

void master_unbind(struct device *device)
{
	struct master *master = master_of_device(device);

	master_stop(master);
	if (master->pci) {
		pci_bus_master(master->pci, false);
	}
}

static int master_use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	return iommu_use(&master_of_device(device)->iommu, driver->manages_dma, cause);
}

static void master_unuse(struct device *device, const struct driver *driver)
{
	iommu_unuse(&master_of_device(device)->iommu, driver->manages_dma);
}

static bool master_must_wait(struct device *device, unsigned int cause)
{
	const struct iommu_master *iommu = &master_of_device(device)->iommu;

	return iommu_must_wait(iommu->link[0].iommu->core, iommu, cause);
}

const struct device_dma_ops master_dma_ops = {.use = master_use, .unuse = master_unuse, .must_wait = master_must_wait};
